"""The sheet of keyboard shortcuts; `static/shortcuts.js` does what it says."""

from flask import Blueprint, render_template
from flask_babel import gettext as _

from cmcdesk.console.frame.dialogs import dialog_of

shortcuts = Blueprint("shortcuts", __name__)


@shortcuts.get("/shortcuts")
@dialog_of("desk.show_about")
def show_sheet() -> str:
    """The dialog."""
    return render_template("desk/shortcuts.html", groups=list_groups())


def list_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """(where, [(keys, what they do), …]); keys with a space between are alternatives."""
    return [
        (_("Everywhere"), [("?", _("This sheet")), ("/", _("To the search field")), ("Esc", _("Close the dialog"))]),
        (
            _("In lists"),
            [
                ("j ↓", _("Next row")),
                ("k ↑", _("Previous row")),
                ("Enter", _("Open the row")),
                ("x", _("Choose the row, or not; with Shift and a click all rows in between")),
                ("p", _("Pause the list, or go on")),
            ],
        ),
        (
            _("On a mail"),
            [("j →", _("Older mail")), ("k ←", _("Newer mail")), ("u", _("Back to the list"))],
        ),
    ]
