"""EXPORT and IMPORT of compositions, with a preview of what an import would change."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.archive_file import read_archive, write_archive
from cmcdesk.console.compositions.compositions_page import Told, get_view, tell_changes
from cmcdesk.console.compositions.drafting import check_draft, import_compositions, list_differences
from cmcdesk.console.compositions.view import find_view
from cmcdesk.console.frame.dialogs import dialog_of
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.frame.trouble import Told as Trouble
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.rules.settings import Composition

archive = Blueprint("archive", __name__)


@dataclass(frozen=True)
class Preview:
    """One composition of an imported file: where it goes, whether that is new, and what changes in the draft."""

    name: str
    is_new: bool
    changes: list[Told]


@archive.get("/compositions/<name>/export.zip")
def export(name: str) -> Response:
    """EXPORT: the saved settings of one composition as a zip; `?secrets=show`: with its secrets in clear."""
    composition = check_draft(get_view(name).draft)
    answer = Response(
        write_archive([composition], time.time(), request.args.get("secrets") == "show"), mimetype="application/zip"
    )
    answer.headers.set("Content-Disposition", "attachment", filename=name_export("settings", name, "zip"))
    return answer


@archive.get("/compositions/<name>/export")
@dialog_of("compositions.show_list")
def ask_export(name: str) -> str:
    """The EXPORT dialog: with secrets or without."""
    return render_template("compositions/export.html", name=get_view(name).name)


@archive.get("/import")
@dialog_of("compositions.show_list")
def ask_import() -> str:
    """The IMPORT dialog; with `name` the file goes into that composition."""
    return render_template("compositions/import.html", into=request.args.get("name") or None)


@archive.post("/import/preview")
def preview() -> ResponseReturnValue:
    """Read the file and show what would change; nothing is saved yet."""
    into = request.form.get("into") or None
    given = request.files.get("file")
    octets = given.read() if given else b""
    try:
        if not octets:
            raise Refused([_no_file()])
        read = retarget(read_archive(octets, _find_stored_for(into)), into)
    except Refused as refused:
        return render_template("compositions/import.html", into=into, errors=refused.errors), 422
    previews = [_preview(composition) for composition in read]
    packed = base64.b64encode(octets).decode()
    return render_template("compositions/import.html", into=into, previews=previews, packed=packed)


@archive.post("/import")
def take() -> ResponseReturnValue:
    """Save what was previewed as drafts, all or nothing; the state becomes 更新中."""
    into = request.form.get("into") or None
    try:
        read = retarget(read_archive(base64.b64decode(request.form.get("packed", "")), _find_stored_for(into)), into)
        import_compositions(read)
    except (Refused, ValueError) as error:
        errors = error.errors if isinstance(error, Refused) else [_no_file()]
        return render_template("compositions/import.html", into=into, errors=errors), 422
    current_hub().publish("settings", "state")
    flash(_("Imported. The settings take effect when they are reflected."), "success")
    return Response(status=204, headers={"HX-Redirect": url_for("compositions.show_list")})


def retarget(read: list[Composition], into: str | None) -> list[Composition]:
    """The file's compositions; for one named `into`, the file's only one with that one's name, plan and subdomain.

    Raises Refused where that cannot be, as when a Pro file goes into a Standard composition."""
    if into is None:
        return read
    if len(read) != 1:
        message = _("This file holds %(count)s compositions; import it without choosing one.", count=len(read))
        raise Refused([_told(message)])
    target = get_view(into).draft
    return [check_draft(read[0].as_data() | {key: target[key] for key in ("name", "plan", "subdomain")})]


def _find_stored_for(into: str | None) -> Callable[[str], dict[str, Any]]:
    def find(name: str) -> dict[str, Any]:
        view = find_view(into or name)
        return view.draft if view else {}

    return find


def _preview(composition: Composition) -> Preview:
    view = find_view(composition.name)
    changes = list_differences(view.draft if view else None, composition.as_data())
    return Preview(composition.name, view is None, tell_changes(changes))


def _no_file() -> Trouble:
    return _told(_("Choose a file that EXPORT wrote, or a settings file."))


def _told(message: str) -> Trouble:
    return Trouble("", "", message)
