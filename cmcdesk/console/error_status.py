"""CMC's error statuses as its documents name them. The Japanese names of 11 and 99 are ours."""

from cmcdesk.rules.texts import Text, both
from cmcdesk.store.bounces import ERROR_STATUSES

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
OURS = frozenset({11, 99})


def name_status(status: int) -> Text:
    """The name of a status; a number that CMC does not know is shown as it is."""
    return NAMES.get(status, both(str(status), str(status)))


def list_statuses() -> list[tuple[int, Text]]:
    """All statuses, in CMC's order."""
    return [(status, name_status(status)) for status in ERROR_STATUSES]
