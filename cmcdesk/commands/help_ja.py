"""The help of the commands in Japanese, by the first paragraph of the English; click's own words are in translations/."""

import gettext
from pathlib import Path

import click

HELP = {
    "CMC's management console and mail server on this machine.": "このコンピュータで動く CMC の管理コンソールとメールサーバです。\n\nコマンドを付けないと、コンソールをウィンドウで開きます。画面がなければブラウザーで開きます。",
    "Show the version and exit.": "バージョンを表示して終了します。",
    "Where the databases are (for the window).": "データフォルダー（ウィンドウ用）",
    "Save a picture of the window there, then close it.": "ウィンドウの画像をそこに保存して閉じます。",
    "Serve the console and the mail server until SIGTERM, SIGHUP or Ctrl-C.": "コンソールとメールサーバを SIGTERM、SIGHUP か Ctrl-C まで動かします。\n\n起動トークン付きのコンソールのアドレスと、各サーバ構成の SMTP アドレスを表示します。終了コード: 0 正常終了、1 起動できない（ポートかデータフォルダーが使用中）、2 オプションか設定の誤り。",
    "Where the databases are.": "データフォルダー",
    "Of the console; 0: any free one.": "コンソールのポート（0: 空いているもの）",
    "Of the console; 0.0.0.0: all of this machine.": "コンソールのアドレス（0.0.0.0: すべて）",
    "A name (or NAME:PORT) that browsers ask it by.": "ブラウザーが使う名前（または NAME:PORT）",
    "Of all receiving servers; 0: any.": "すべての受信サーバのポート（0: 空いているもの）",
    "Of all relay servers.": "すべてのリレーサーバのポート",
    "Move the receiving server of one composition.": "1 つのサーバ構成の受信サーバを移します。",
    "Let --listen name an address that other machines reach.": "他のコンピュータから届くアドレスを --listen に許可します。",
    "Of implicit TLS, where it is switched on (10465); 0: any free one.": "Implicit TLS を有効にしたときのポート（10465、0: 空いているもの）",
    "Certificate (chain) for TLS, as PEM; else the own CA issues one.": "TLS の証明書（チェーン、PEM）。なければ内蔵 CA が発行します。",
    "Its key, where that is not in the same file.": "その秘密鍵（同じファイルにない場合）",
    "One more name that the own CA certifies.": "内蔵 CA が証明する名前を追加します。",
    "Replace all compositions by those of this file, and apply them.": "すべてのサーバ構成をこのファイルのものに置き換え、反映します。",
    "Appears, with addresses and token, when everything is listening.": "すべて受付を始めたときに、アドレスとトークンを書いて作成します。",
    "For benches: no receiving interval.": "計測用: 受信間隔なし",
    "For benches: no webhook is called.": "計測用: Webhook を呼び出しません。",
    "Show, check, import, export, apply and roll back settings.": "設定の表示、検査、取り込み、書き出し、反映、復元",
    "Reflect what is saved to the mail server of the running cmcdesk, one composition after the other.": "保存した設定を、動いている cmcdesk のメールサーバに 1 構成ずつ反映します。\n\n終了コード 1: このデータフォルダーの cmcdesk が動いていないか、設定が拒否されました。",
    "One composition only.": "このサーバ構成だけ",
    "Language of the output (default: by locale).": "出力の言語（既定: ロケール）",
    "Print what reflecting would change, and what each change does.": "反映で変わる設定と、その効果を表示します。",
    "Write the saved settings as a settings file, to stdout without FILE.": "保存した設定を設定ファイルとして書き出します（FILE がなければ標準出力）。\n\nWebhook の秘密は伏せます。同じデータフォルダーの import は、伏せた値を保存済みの値として読みます。別のデータフォルダーに渡すには --with-secrets を付けてください。",
    "With api_key, basic and bearer in clear.": "api_key、basic、bearer を伏せずに書きます。",
    "List the revisions, newest first; * marks the live one.": "リビジョンの一覧（新しい順、* が運用中）",
    "Save the settings of a file; they become live with `apply`.": "ファイルの設定を保存します。`apply` で反映します。\n\nファイルにないサーバ構成はそのままです。--composition を付けると、ファイルの 1 構成の設定を NAME に保存します（名前、プラン、サブドメインは変わりません）。",
    "Save the settings of revision NUMBER again, as a draft; `apply` makes them live.": "リビジョン NUMBER の設定を保存し直します。`apply` で反映します。",
    "Print the saved settings and whether they are live. Secrets are masked.": "保存した設定と、反映済みかどうかを表示します（秘密は伏せます）。",
    "Check a settings file. Exit code 1: it is not valid, one line on stderr for each error. Warnings are no error.": "設定ファイルを検査します。終了コード 1: 誤りあり（標準エラー出力に 1 件 1 行）。警告は誤りに数えません。",
    "List and read stored mails.": "保存したメールの一覧と表示",
    "Let the worker read a mail once more that is set aside: soon, or at the next start. Exit 1 if it is not.": "読み取りを見合わせているメールを、もう一度読ませます。見合わせていなければ終了コード 1。",
    "Data folder of this cmcdesk.": "cmcdesk のデータフォルダー",
    "Print a JSON list of the stored octets of all mails, each as base64, in order of arrival.": "すべてのメールのデータを、到着順に base64 の JSON 配列で出力します。",
    "Only mails whose octets hold this text (UTF-8).": "この文字列（UTF-8）を含むメールだけ",
    "List stored mails, newest first.": "保存したメールの一覧（新しい順）",
    "Print the number of stored mails and nothing else.": "保存したメールの通数だけを出力します。",
    "How many, newest first.": "件数（新しい順）",
    "Only mails below this id.": "この id より前のメールだけ",
    "Only mails with this in an address, subject or Message-ID.": "アドレス、件名、Message-ID にこれを含むメールだけ",
    "One JSON object a line.": "1 行に 1 つの JSON で出力します。",
    "Write one mail's octets to standard output, as DATA carried them. Exit 1 if there is none.": "メール 1 通のデータを受信したまま標準出力に書きます。なければ終了コード 1。",
    "List the mails that ended the worker, or failed to be read, twice: one JSON object a line.": "読み取りに 2 回失敗して見合わせたメールの一覧（1 行に 1 つの JSON）",
    "Show one mail: envelope and what was read of it, as JSON. Exit 1 if there is none.": "メール 1 通のエンベロープと解析結果を JSON で表示します。なければ終了コード 1。",
    "Read bounce mails: who failed, why, and CMC's error status.": "バウンスメールの解析: 宛先、理由、CMC のエラーステータス",
    "List the bounces that were received, newest first.": "受信したバウンスの一覧（新しい順）",
    "Only this error status (1 … 11, 99).": "このエラーステータスだけ（1 … 11、99）",
    "Only with this in the recipient, From, subject or Message-ID.": "宛先、From、件名、Message-ID にこれを含むものだけ",
    "Delay notices too.": "遅延通知も表示します。",
    "Only bounces below this id.": "この id より前のバウンスだけ",
    "Say that a bounce's error status is another than was read. It stays when bounces are read again.": "バウンスのエラーステータスを手動で指定します。読み直しても残ります。",
    "Take back what was said before.": "手動の指定を取り消します。",
    'Read one mail FILE ("-": standard input), or with --jsonl every file below a folder, one JSON object a line.': "メール 1 通の FILE（-: 標準入力）を読みます。--jsonl ではフォルダー以下の全ファイルを 1 行 1 つの JSON で出力します。",
    "Print one JSON object.": "JSON で出力します。",
    "Read all below a folder.": "フォルダー以下をすべて読みます。",
    "Read all stored bounces again, as after an update of the tables. What a person overrode stays.": "保存したバウンスをすべて読み直します。手動の指定は残ります。",
    "Write it; without this, only show what would change.": "書き込みます。付けなければ、変わる内容だけを表示します。",
    "Look at mail as the inbound webhook sees it.": "受信 Webhook から見たメールを調べます。",
    "Read FILE (- = standard input), or every file below the folder of --jsonl.": "FILE（-: 標準入力）か、--jsonl のフォルダー以下の全ファイルを読みます。",
    "Read every file below DIR, one object a line.": "DIR 以下の全ファイルを 1 行 1 つの JSON で出力します。",
    "Accepted as everywhere; nothing is read there.": "他のコマンドと同じく受け付けますが、何も読みません。",
    "The own certificate authority (CA), which issues what the mail server shows under TLS.": "メールサーバの TLS 証明書を発行する内蔵の認証局（CA）",
    "Print the CA's certificate as PEM, for clients to trust. It is made where there is none yet.": "クライアントが信頼する CA 証明書を PEM で出力します。なければ作成します。",
    "Look at the data folder: permissions, room, lock, and every database; say what is wrong and what mends it.": "データフォルダーの権限、空き容量、ロック、データベースを調べ、問題と直し方を表示します。\n\n--repair を付けなければ何も変更しません。終了コード: 0 問題なし（または修復済み）、1 問題が残っています。",
    "Data folder to look at.": "調べるデータフォルダー",
    "Mend what can be mended, while no cmcdesk runs on this folder.": "直せるものを直します（このフォルダーの cmcdesk を終了してから）。",
    "One JSON object a finding, a line each.": "問題 1 件を 1 行の JSON で出力します。",
    "Add, list, change and remove API users, who may call CMC's own API paths and relay mails.": "CMC の API を呼び出し、メールをリレーできる API ユーザの追加、一覧、変更、削除",
    "May relay with SMTP AUTH, once the settings are reflected.": "SMTP 認証でリレーできるようにします（設定反映で有効）。",
    "Change an API user. Exit code 1: there is none of that name.": "API ユーザを変更します。その名前がなければ終了コード 1。",
    "Add an API user and print its key; it is not shown again.": "API ユーザを追加し、キーを表示します（一度だけ）。",
    "The key (default: one is made).": "キー（既定: 自動生成）",
    "List the API users, by name, with the time when each was added, and SMTP for those who may relay.": "API ユーザの一覧（名前順、追加日時付き。リレーできるユーザには SMTP）",
    "Remove an API user. Exit code 1: there is none of that name.": "API ユーザを削除します。その名前がなければ終了コード 1。",
    "Serve the console and the mail server without a window.": "コンソールとメールサーバをウィンドウなしで動かします。",
    "List, show and dump the mails that were received.": "受信したメールの一覧、表示、書き出し",
    "Read bounce mails: who failed, why, and CMC's class.": "バウンスメールの解析: 宛先、理由、CMC の分類",
    "Read received mails the way a webhook sends them.": "Webhook が送る形でメールを解析",
    "Print the certificate of the own CA, which clients have to trust.": "クライアントが信頼する内蔵 CA の証明書を出力",
    "Look at the data folder: what is wrong, and what mends it.": "データフォルダーの問題と直し方",
    "Add, list and remove those who may call CMC's own API paths.": "CMC の API を呼び出せるユーザの追加、一覧、削除",
}  # fmt: skip


def say(text: str) -> str:
    """The Japanese of one help text; itself where it has none."""
    return HELP.get(" ".join(text.partition("\n\n")[0].split()), text)


def speak(command: click.Command) -> None:
    """Put the help of this command, its options and the commands below it into Japanese."""
    gettext.bindtextdomain("messages", str(Path(__file__).parent / "translations"))  # where click looks for its words
    command.help = say(command.help or "")
    for each in command.params:
        if isinstance(each, click.Option):
            each.help = say(each.help or "")
    for below in getattr(command, "commands", {}).values():
        speak(below)
