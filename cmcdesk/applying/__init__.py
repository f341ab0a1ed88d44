"""設定反映: draft → check → revision written → the mail server acknowledges the whole set → live; or all as it was."""

from cmcdesk.applying.actions import apply, apply_drafts, remove, reorder, replace_all, resume, roll_back
from cmcdesk.applying.plan import ApplyRefused, Place
from cmcdesk.applying.transfer import Clock, Send

__all__ = [
    "ApplyRefused",
    "Clock",
    "Place",
    "Send",
    "apply",
    "apply_drafts",
    "remove",
    "reorder",
    "replace_all",
    "resume",
    "roll_back",
]
