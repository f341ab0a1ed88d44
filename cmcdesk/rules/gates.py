"""The gates where a mail can be turned away or put off, in the order in which a mail meets them: what the mail server
records is one of these, and pages, API and monitor offer these and no others."""

from typing import Literal

from cmcdesk.rules.texts import Text, both

#: A new gate stands here and, with its name, below; the types see to it that nothing else is recorded.
Gate = Literal["sessions", "slow", "errors", "tls", "auth", "domain", "size", "spam", "busy"]

GATES: dict[Gate, Text] = {
    "sessions": both("接続数", "Sessions"),
    "slow": both("応答の遅延", "Slow client"),
    "errors": both("エラー超過", "Too many errors"),
    "tls": both("TLS", "TLS"),
    "auth": both("認証", "Authentication"),
    "domain": both("ドメイン", "Domain"),
    "size": both("サイズ", "Size"),
    "spam": both("迷惑メール判定", "Spam judgment"),
    "busy": both("保存の遅延", "Busy"),
}
