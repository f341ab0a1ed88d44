"""What the page and the diff say of a setting; it stands beside the setting's type, limits and default."""

from dataclasses import dataclass

from cmcdesk.rules.texts import N_


@dataclass(frozen=True)
class About:
    """In English; `describe` tells them in every language.

    label and help: for the form. effect: what reflecting a change does, for the diff. plan_default: where the default
    depends on the plan, what it is. unit: of a number, for form, diff and history. on_screen: the label below a title
    that says the rest of it."""

    label: str
    help: str
    effect: str
    plan_default: str | None = None
    unit: str | None = None
    on_screen: str | None = None


NEW_SESSIONS = N_("Takes effect for sessions opened after reflecting; sessions in flight keep the old value.")
NEW_MAILS = N_("Takes effect for mails received in sessions opened after reflecting.")
NEW_RELAYED = N_("Takes effect for mails that the relay server receives in sessions opened after reflecting.")
