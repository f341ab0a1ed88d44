"""What the page and the diff say of a setting; it stands beside the setting's type, limits and default."""

from dataclasses import dataclass

from cmcdesk.rules.texts import Text, both


@dataclass(frozen=True)
class About:
    """label and help: for the form. effect: what reflecting a change does, for the diff. plan_default: where the
    default depends on the plan, what it is. unit: of a number, for form, diff and history."""

    label: Text
    help: Text
    effect: Text
    plan_default: Text | None = None
    unit: Text | None = None


NEW_SESSIONS = both(
    "反映後の新しいセッションから有効になります。接続中のセッションは以前の設定のまま続きます。",
    "Takes effect for sessions opened after reflecting; sessions in flight keep the old value.",
)
NEW_MAILS = both(
    "反映後の新しいセッションで受信したメールから有効になります。",
    "Takes effect for mails received in sessions opened after reflecting.",
)
NEW_RELAYED = both(
    "反映後の新しいセッションでリレーサーバが受信したメールから有効になります。",
    "Takes effect for mails that the relay server receives in sessions opened after reflecting.",
)
