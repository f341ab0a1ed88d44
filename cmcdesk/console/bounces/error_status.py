"""CMC's error statuses as its documents name them. The Japanese names of 11 and 99 are ours."""

from cmcdesk.rules.texts import Text, both
from cmcdesk.store.desk.bounces import ERROR_STATUSES

NAMES: dict[int, Text] = {
    1: both("ホスト不明", "Unknown host"),
    2: both("ユーザ不明", "Unknown user"),
    3: both("再送タイムアウト", "Retransmission timeout"),
    4: both("受信拒否", "Rejection"),
    5: both("容量オーバー", "Overcapacity"),
    6: both("転送エラー", "Forward error"),
    7: both("受信サーバエラー", "Receiving server error"),
    8: both("サイズオーバー", "Oversized"),
    9: both("アドレス形式エラー", "Address format error"),
    10: both("配信停止アドレス", "Blocked address"),
    11: both("購読解除アドレス", "Unsubscribed address"),
    99: both("その他", "Others"),
}
#: What to do about it, a sentence each (ours).
ADVICE: dict[int, Text] = {
    1: both(
        "ドメイン名の綴りと DNS（MX・A レコード）を確認し、存在しないドメインなら宛先リストから外してください。",
        "Check the domain's spelling and DNS (MX, A); take addresses at a domain that does not exist off the list.",
    ),
    2: both(
        "この宛先は存在しません。宛先リストから外し、同じ宛先へ送り続けないでください。",
        "This mailbox does not exist: take it off the list, and do not go on sending to it.",
    ),
    3: both(
        "宛先のサーバが期限まで応答しませんでした。時間をおいて送り直し、続くようなら宛先のドメインの状態を確認してください。",
        "The receiving server did not take it in time: send again later, and look at that domain if it goes on.",
    ),
    4: both(
        "拒否の理由を読み、送信元の評価・SPF・DKIM・内容を確認してください。宛先の管理者への許可依頼が必要なこともあります。",
        "Read the reason; look at reputation, SPF, DKIM and content. The recipient's postmaster may have to allow you.",
    ),
    5: both(
        "メールボックスが満杯です。数日おいて送り直し、続くようなら使われていない宛先として扱ってください。",
        "The mailbox is full: send again in some days; if it stays so, treat the address as abandoned.",
    ),
    6: both(
        "宛先の転送設定に問題があります。転送元の利用者に設定の確認を依頼してください。",
        "The recipient forwards to where it cannot be delivered: ask them to mend their forwarding.",
    ),
    7: both(
        "宛先のサーバの障害です。こちらで直せることはないため、時間をおいて送り直してください。",
        "The receiving server is at fault and nothing here can mend it: send again later.",
    ),
    8: both(
        "宛先の上限を超えています。添付ファイルを小さくするか、ダウンロード用の URL を送ってください。",
        "Larger than the recipient takes: make attachments smaller, or send a link to them.",
    ),
    9: both(
        "宛先の形式が正しくありません。全角文字・空白・余分な記号がないか確認して登録し直してください。",
        "The address is not well-formed: look for full-width characters, spaces and stray signs, and enter it anew.",
    ),
    10: both(
        "送信が停止されている宛先です。停止の理由がなくなったことを確かめてから、停止を解除してください。",
        "Sending to this address is stopped: lift it only when the reason is gone.",
    ),
    11: both(
        "受信者が購読を解除しました。改めて同意を得るまで送らないでください。",
        "The recipient unsubscribed: do not send before they agree again.",
    ),
    99: both(
        "エラー理由の全文を読んで判断してください。種類がわかるときは手動で分類できます。",
        "Read the whole text; if you can tell the kind, class it by hand.",
    ),
}
OURS = frozenset({11, 99})


def name_status(status: int) -> Text:
    """The name of a status; a number that CMC does not know is shown as it is."""
    return NAMES.get(status, both(str(status), str(status)))


def advise(status: int) -> Text:
    """What to do about bounces of that status."""
    return ADVICE.get(status, ADVICE[99])


def list_statuses() -> list[tuple[int, Text]]:
    """All statuses, in CMC's order."""
    return [(status, name_status(status)) for status in ERROR_STATUSES]
