"""The simulator's catalogue of bounces for people: by the system that writes them, each kind by its cause in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.frame.language import pick_text
from cmcdesk.rules.texts import Text, both

SENDERS = {
    "postfix": "Postfix",
    "exim": "Exim",
    "sendmail": "Sendmail",
    "qmail": "qmail",
    "exchange": "Microsoft Exchange",
    "office365": "Microsoft 365",
    "gmail": "Gmail",
    "yahoo": "Yahoo",
    "yahoo-japan": "Yahoo! JAPAN",
    "docomo": "NTT docomo",
    "au": "au",
    "softbank": "SoftBank / Y!mobile",
    "ses": "Amazon SES",
    "biglobe": "BIGLOBE",
    "domino": "HCL Domino",
    "opensmtpd": "OpenSMTPD",
    "courier": "Courier",
    "oracle": "Oracle Communications Messaging",
}
NO_BOUNCE = 1000  # behind all causes

# The catalogue's word for what happened → in words.
HAPPENED: dict[str, Text] = {
    "account-closed": both("アカウントが解約されている", "the account was closed"),
    "account-disabled": both("アカウントが停止されている", "the account is disabled"),
    "authentication-required": both("送信に認証が必要", "sending there needs authentication"),
    "auto-reply": both("自動応答", "an automatic reply"),
    "bad-address": both("アドレスの書き方が誤り", "the address is not well formed"),
    "banned-address": both("送信元のアドレスが拒否されている", "the sender's address is banned"),
    "complaint": both("迷惑メール報告（ARF）", "a spam complaint (ARF)"),
    "delayed": both("配送遅延の警告（最終ではない）", "a warning of delay, not final"),
    "expired": both("配送期限切れ", "its time ran out"),
    "forwarded-user-unknown": both("転送先のユーザが存在しない", "there is no such user where it is forwarded to"),
    "forwarding-loop": both("転送のループ", "a loop of forwards"),
    "group-restricted": both("グループへの投稿が許可されていない", "the group takes mail of its members alone"),
    "hop-count": both("中継回数の超過", "too many hops"),
    "illegal-host": both("ホスト名が不正", "the host name is not allowed"),
    "invalid-content": both("内容が不正", "the content is invalid"),
    "invalid-recipient": both("宛先が無効", "the recipient is invalid"),
    "local-configuration": both("受信サーバの設定誤り", "an error in the server's configuration"),
    "looping": both("メールのループ", "the mail loops"),
    "mail-loop": both("メールのループ", "the mail loops"),
    "mailbox-volume": both("メールボックスの保存容量の上限", "the mailbox is over its volume"),
    "net-mailbox-full": both("メールボックスが満杯（au one net）", "the mailbox is full (au one net)"),
    "net-unknown-host": both("ホストが見つからない（au one net）", "no such host (au one net)"),
    "no-mailbox": both("メールボックスが存在しない", "there is no such mailbox"),
    "not-local": both("自サーバ宛てではない", "the domain is not the server's own"),
    "null-mx": both("メールを受け取らないドメイン（Null MX）", "the domain takes no mail (null MX)"),
    "old-unknown-user": both(
        "宛先のユーザが存在しない（旧バージョンの文面）", "no such user, in the words of an old version"
    ),
    "out-of-office": both("不在通知", "an out-of-office notice"),
    "over-quota": both("メールボックスの容量超過", "the mailbox is over its quota"),
    "policy": both("受信ポリシーによる拒否", "refused by policy"),
    "rcpthosts": both("中継が許可されていない宛先", "the domain is not in the list of allowed hosts"),
    "relay-denied": both("中継の拒否", "relaying denied"),
    "restricted": both("送信者が制限されている", "the recipient takes mail of some senders alone"),
    "retry-timeout": both("再送期限切れ", "tried again until the time was over"),
    "sender-domain": both("送信元ドメインの拒否", "the sender's domain is refused"),
    "suppressed": both("配信停止リストのアドレス", "the address is on the suppression list"),
    "three-recipients": both("宛先 3 件の失敗", "three recipients failed"),
    "too-big": both("メールが大きすぎる", "the mail is too big"),
    "too-many-hops": both("中継回数の超過", "too many hops"),
    "two-recipients": both("宛先 2 件の失敗", "two recipients failed"),
    "unable-to-relay": both("中継できない", "unable to relay"),
    "unknown-host": both("ホストが見つからない", "no such host"),
    "unknown-local-user": both("ローカルユーザが存在しない", "no such local user"),
    "unknown-user": both("宛先のユーザが存在しない", "no such user"),
    "unrouteable": both("配送先を決められない", "no route to the domain"),
    "ymobile-over-quota": both("メールボックスの容量超過（Y!mobile）", "the mailbox is over its quota (Y!mobile)"),
}


@dataclass(frozen=True)
class KindShown:
    """One kind of bounce: the simulator's name of it, and what it is in words."""

    name: str
    label: str


@dataclass(frozen=True)
class SenderShown:
    """All that one system writes, by cause."""

    label: str
    kinds: tuple[KindShown, ...]


def group_kinds(catalogue: Iterable[dict[str, Any]]) -> list[SenderShown]:
    """`cmcsim bounce --list --details` in the language of the request, senders in the catalogue's order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for kind in catalogue:
        groups.setdefault(kind["sender"], []).append(kind)
    return [
        SenderShown(
            name_sender(sender), tuple(KindShown(kind["name"], name_kind(kind)) for kind in sorted_by_cause(kinds))
        )
        for sender, kinds in groups.items()
    ]


def sorted_by_cause(kinds: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of CMC's error statuses, what is no bounce last."""
    return sorted(kinds, key=lambda kind: (kind["error_status"] or NO_BOUNCE, not kind["final"]))


def name_sender(sender: str) -> str:
    """The system's name as its maker writes it."""
    return SENDERS.get(sender) or (_("No bounces (answers and complaints)") if sender == "replies" else sender)


def name_kind(kind: dict[str, Any]) -> str:
    """Cause by CMC's name, then what happened, and the language of a notice that is not English."""
    word, _dash, language = kind["name"].partition("/")[2].rpartition("-")
    if language != kind["language"]:
        word = kind["name"].partition("/")[2]
    happened: str = pick_text(HAPPENED[word]) if word in HAPPENED else word
    cause = pick_text(name_status(kind["error_status"])) if kind["error_status"] else ""
    parts = [f"{cause}: {happened}" if cause else happened]
    if kind["language"] != "en":
        parts.append(name_language(kind["language"]))
    return ", ".join(parts)


def name_language(code: str) -> str:
    """Of the notice's text."""
    names: dict[str, str] = {"ja": _("in Japanese"), "de": _("in German"), "fr": _("in French")}
    return names.get(code, code)
