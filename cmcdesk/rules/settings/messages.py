"""What is said of a setting that cannot be taken: by code, Japanese and English, short, saying what is allowed."""

from collections.abc import Callable

from cmcdesk.rules.settings.reasons import explain_pattern, explain_toml
from cmcdesk.rules.texts import Text

#: What a library says in English, in Japanese.
REASONS: dict[str, Callable[[str], str]] = {"pattern_broken": explain_pattern, "toml": explain_toml}
MESSAGES: dict[str, tuple[str, str]] = {
    # shape
    "required": ("指定してください", "is required"),
    "masked": (
        "伏せ字です。ここには保存された値がないので、値を入力してください"
        "（cmcdesk settings export --with-secrets で書き出せます）",
        "is a mask, and no value is stored here that it could stand for: give the value"
        " (cmcdesk settings export --with-secrets writes it)",
    ),
    "unknown_key": ("この項目はありません。{suggestion} のことですか", "no such setting; did you mean {suggestion}?"),
    "unknown_key_plain": (
        "この項目はありません。指定できる項目: {allowed}",
        "no such setting; allowed here: {allowed}",
    ),
    "port_fixed": (
        "接続ポートは変更できません（25番ポートから10026番ポートにフォワードして受信します）",
        "the port is fixed (port 25 is forwarded to 10026)",
    ),
    "not_integer": (
        "{minimum} から {maximum} までの整数を指定してください",
        "must be an integer from {minimum} to {maximum}",
    ),
    "out_of_range": (
        "範囲外です。{minimum} から {maximum} までの整数を指定してください",
        "is out of range; allowed: an integer from {minimum} to {maximum}",
    ),
    "not_text": ("文字列を指定してください", "must be a string"),
    "not_boolean": ("true または false を指定してください", "must be true or false"),
    "not_list": ("リスト（[…]）を指定してください", "must be a list ([…])"),
    "not_tables": ("テーブルの並び（[[{key}]]）を指定してください", "must be a list of tables ([[{key}]])"),
    "not_table": ("テーブル（[…] 見出し）を指定してください", "must be a table (a [section])"),
    "not_one_of": ("{allowed} のいずれかを指定してください", "must be one of {allowed}"),
    "blank": ("空にはできません", "must not be empty"),
    "too_long": ("長すぎます。{limit} 文字以内で指定してください", "is too long; at most {limit} characters"),
    "control_characters": (
        "改行などの制御文字は使えません（{position} 文字目）",
        "must not hold line breaks or other control characters (character {position})",
    ),
    "not_ascii": (
        "印字可能な ASCII 文字だけを使えます（{position} 文字目）",
        "only printable ASCII characters are allowed (character {position})",
    ),
    # composition
    "bad_name": (
        "文字・数字・空白・「-」「_」「.」で、文字か数字から始まる 64 文字以内の名前にしてください",
        "must be at most 64 letters, digits, spaces, '-', '_' or '.', beginning with a letter or digit",
    ),
    "name_taken": ("同じ名前のサーバ構成があります", "another composition has this name"),
    "name_standard": (
        "Standard プランのサーバ構成は sandbox か transactional-email です",
        "a composition of the standard plan is sandbox or transactional-email",
    ),
    "name_reserved": (
        'この名前は Standard プランのものです。plan = "standard" としてください',
        'this name belongs to the standard plan; use plan = "standard"',
    ),
    "bad_subdomain": (
        "小文字の英数字と「-」だけの 63 文字以内で指定してください（先頭と末尾は英数字）",
        "must be one lower-case DNS label: at most 63 letters, digits or '-', which neither begins nor ends it",
    ),
    "subdomain_taken": ("同じサブドメインのサーバ構成があります", "another composition has this subdomain"),
    "subdomain_reserved": (
        "sandbox と te は Standard プランのサブドメインです",
        "the subdomains sandbox and te belong to the standard plan",
    ),
    "fixed_by_plan": (
        "Standard プランでは {value} に固定です。"
        "変更できるのはインバウンドの受信許可ドメイン、Webhook、メール転送だけです",
        "is fixed to {value} on the standard plan; only inbound domains, webhooks and forwarding may be changed",
    ),
    "no_composition": ("[[composition]] が 1 つもありません", "holds no [[composition]]"),
    "too_many_compositions": ("サーバ構成は {limit} 個までです", "at most {limit} compositions"),
    # domains
    "domain_empty": ("ドメインを指定してください", "must be a domain; it is empty"),
    "domain_address": (
        "メールアドレスではなく、「@」より後のドメインだけを指定してください",
        "must be a domain only, the part after the '@'",
    ),
    "domain_wildcard": (
        "ワイルドカードは使えません。ドメインを 1 つずつ指定してください",
        "wildcards are not allowed; name each domain",
    ),
    "domain_ip": ("IP アドレスではなくドメインを指定してください", "must be a domain, not an IP address"),
    "domain_no_dot": (
        "「.」を含むドメインを指定してください（例: mailform.example.com）",
        "must be a whole domain with a dot, such as mailform.example.com",
    ),
    "domain_label_length": (
        "「.」で区切った 1 つの部分は 63 文字以内にしてください",
        "has a label longer than 63 characters",
    ),
    "domain_length": ("ドメインは 253 文字以内にしてください", "is longer than 253 characters"),
    "domain_characters": (
        "ドメインではありません。英数字・「-」・「.」か国際化ドメイン名を指定してください（例: mailform.example.com）",
        "is not a domain; allowed: letters, digits, '-' and '.', or an internationalised name (mailform.example.com)",
    ),
    "domain_repeated": ("このタブに同じドメインがすでにあります", "is already in this tab"),
    "domain_in_both": (
        "バウンスのタブにも同じドメインがあります。どちらか一方にしてください",
        "is in the bounce tab too; a domain may be in one tab only",
    ),
    "rewrite_without_domain": (
        "「書き換える」のときはエンベロープFromのドメインを指定してください",
        "needs a domain when the Envelope From is rewritten",
    ),
    # relay
    "network_cidr": (
        "CIDR 表記は使えません。IP アドレスを 1 つずつ指定してください（例: 192.0.2.10）",
        "CIDR notation is not available; name each IP address, such as 192.0.2.10",
    ),
    "network_form": (
        "IP アドレスではありません（例: 192.0.2.10）",
        "is no IP address, such as 192.0.2.10",
    ),
    "network_repeated": ("同じ IP アドレスがすでにあります", "is in the list already"),
    "networks_needed": (
        "この認証方法では受信許可ネットワークを 1 つ以上指定してください。なければどこからもリレーできません",
        "needs at least one address with this authentication method; with none nobody could relay",
    ),
    "resend_over_period": (
        "再送間隔は再送期間（{period} 分）以下にしてください",
        "must not be above the resend period ({period} minutes)",
    ),
    "no_pattern": ("パターンを 1 つ以上指定してください", "needs at least one pattern"),
    "mail_address": (
        "メールアドレスを 1 つ指定してください（例: tanto@example.com）",
        "must be one mail address, such as tanto@example.com",
    ),
    "list_name_repeated": ("同じ名前のフィルタがすでにあります", "another filter of this list has this name"),
    # webhooks
    "pattern_broken": (
        "正規表現として読めません（{position} 文字目: {reason}）",
        "is no valid regular expression (at character {position}: {reason})",
    ),
    "pattern_too_deep": ("正規表現が複雑すぎます", "is too deeply nested a regular expression"),
    "header_name": (
        "ヘッダ名ではありません。「:」と空白を除く ASCII 文字で指定してください（例: To）",
        "is no header field name; allowed: printable ASCII without ':' and spaces, such as To",
    ),
    "endpoint_scheme": (
        "https:// で始まる URL を指定してください（http:// は localhost・127.0.0.0/8・[::1] に限ります）",
        "must begin with https:// (http:// only for localhost, 127.0.0.0/8 and [::1])",
    ),
    "endpoint_loopback": (
        "http:// はこのコンピュータ（localhost・127.0.0.0/8・[::1]）と、"
        "一覧に登録した社内ネットワークのホストに限ります。https:// を使ってください",
        "http:// is allowed for localhost, 127.0.0.0/8, [::1] and listed hosts of the own network only; use https://",
    ),
    "endpoint_host": ("URL のホスト名が正しくありません", "has no valid host"),
    "endpoint_port": ("URL のポートは 1 から 65535 までです", "has no valid port; allowed: 1 to 65535"),
    "endpoint_credentials": (
        "URL にユーザ名やパスワードを含めず、BASIC 認証の項目に指定してください",
        "must not hold a user or password; use the setting for BASIC authentication",
    ),
    "endpoint_fragment": ("URL に「#」以降を含めることはできません", "must not hold a fragment (#…)"),
    "endpoint_characters": (
        "URL に空白や「\\」は使えません（{position} 文字目）",
        "must not hold spaces or backslashes (character {position})",
    ),
    "basic_colon": ("「ユーザ名:パスワード」の形で指定してください", "must have the form user:password"),
    "mail_user_form": (
        "「ユーザ名:パスワード」の形で、どちらも空にせずに指定してください",
        "must have the form user:password, neither of them empty",
    ),
    "mail_user_repeated": ("同じユーザ名がすでにあります", "a user of this name is there already"),
    "bearer_space": ("トークンに空白は使えません", "a token must not hold spaces"),
    "basic_and_bearer": (
        "BASIC 認証とベアラートークンはどちらか一方だけを指定できます",
        "BASIC authentication and a bearer token exclude each other",
    ),
    "event_without_endpoint": (
        "Bounces を通知するときはエンドポイントURLを指定してください",
        "needs an endpoint when bounces are to be sent",
    ),
    "json_needs_version_2": (
        "JSON形式はバージョン 2 だけで使えます。form にするかバージョンを 2 にしてください",
        "json is for version 2 only; use form, or version 2",
    ),
    "time_zone": (
        "タイムゾーンの名前ではありません（例: Asia/Tokyo、UTC）",
        "is no name of a time zone, such as Asia/Tokyo or UTC",
    ),
    "filter_repeated": ("同じ受信通知名がこのサーバ構成にあります", "another filter of this composition has this name"),
    "no_condition": ("通知条件を 1 つ以上指定してください", "needs at least one condition"),
    # files
    "toml": (
        "TOML として読めません（{line} 行目 {column} 文字目: {reason}）",
        "is not valid TOML (line {line}, column {column}: {reason})",
    ),
    "not_utf8": ("UTF-8 ではありません（{position} バイト目）", "is not UTF-8 (at byte {position})"),
}


def say(code: str, **values: object) -> Text:
    """The message of a code in both languages, its places filled from values."""
    japanese, english = MESSAGES[code]
    translated = {"reason": REASONS[code](str(values["reason"]))} if code in REASONS else {}
    return {"ja": japanese.format(**(values | translated)), "en": english.format(**values)}
