"""EXPORT and IMPORT of compositions, with a preview of what an import would change: a zip with the settings file and a
manifest (CMC's file is a zip too; its inside is unknown).
"""

import base64
import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk import __version__
from cmcdesk.console.compositions.compositions_page import ToldChange, get_view, tell_changes
from cmcdesk.console.compositions.drafting import check_draft, import_compositions, list_differences
from cmcdesk.console.compositions.view import find_view
from cmcdesk.console.frame.language import write_number
from cmcdesk.console.frame.request import dialog_of
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused, tell_errors
from cmcdesk.console.frame.trouble import Told as Trouble
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.rules.settings import Composition, SettingsError, read_settings_file, write_settings_file

SETTINGS_NAME = "settings.toml"
MANIFEST_NAME = "manifest.json"
FORMAT = 1
LARGEST_SETTINGS = 8 * 1024 * 1024  # octets unpacked: a zip can claim any size


class TooLarge(ValueError):
    """A file of the zip is larger than any settings file."""


def write_archive(compositions: Sequence[Composition], at: float, with_secrets: bool = False) -> bytes:
    """The zip, secrets masked unless they are asked for; at: unix seconds.

    The manifest names the program's version and the sha256 of the settings file.
    """
    settings = write_settings_file(compositions, with_secrets).encode()
    manifest = {
        "format": FORMAT,
        "program": "cmcdesk",
        "version": __version__,
        "exported_at": datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds"),
        "files": {SETTINGS_NAME: {"sha256": hashlib.sha256(settings).hexdigest()}},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SETTINGS_NAME, settings)
        archive.writestr(MANIFEST_NAME, json.dumps(manifest, indent=2))
    return packed.getvalue()


def read_archive(
    octets: bytes, find_stored: Callable[[str], Mapping[str, Any]] = lambda _name: {}
) -> list[Composition]:
    """The compositions of an exported zip, or of a bare settings file; `find_stored`: name → the settings whose secrets
    its masks stand for. Raises Refused with every error."""
    try:
        return read_settings_file(_unpack(octets) if octets[:2] == b"PK" else octets, find_stored)
    except SettingsError as error:
        raise Refused(tell_errors(error.errors)) from None


def _unpack(octets: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            settings = _read_member(archive, SETTINGS_NAME)
            manifest = json.loads(_read_member(archive, MANIFEST_NAME))
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        told = _("Not a zip that EXPORT wrote: %(reason)s", reason=_explain(error))
        raise Refused([Trouble("file", "", told)]) from None
    _check_manifest(manifest, settings)
    return settings


def _explain(error: Exception) -> str:
    """Why a zip could not be read, in place of what the library says in English."""
    if isinstance(error, KeyError):
        names = {"settings": SETTINGS_NAME, "manifest": MANIFEST_NAME}
        return str(_("it does not hold both %(settings)s and %(manifest)s", **names))
    if isinstance(error, TooLarge):
        return str(_("a file in it is larger than %(size)s octets", size=write_number(LARGEST_SETTINGS)))
    if isinstance(error, RuntimeError):  # a NotImplementedError is one
        return str(_("it is encrypted, or packed in a way that is not read here"))
    if isinstance(error, (zipfile.BadZipFile, OSError)):
        return str(_("it is damaged, or only a part of it"))
    return str(_("%(manifest)s is no JSON", manifest=MANIFEST_NAME))


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(LARGEST_SETTINGS + 1)
    if len(content) > LARGEST_SETTINGS:
        raise TooLarge(name)
    return content


def _check_manifest(manifest: object, settings: bytes) -> None:
    """A file that was changed or cut after the export is told, as is one of a newer program."""
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise Refused([Trouble(MANIFEST_NAME, "", _("The manifest names no format."))])
    if manifest["format"] > FORMAT:
        raise Refused([Trouble(MANIFEST_NAME, str(manifest["format"]), _("Written by a newer cmcdesk."))])
    files = manifest.get("files")
    entry = files.get(SETTINGS_NAME) if isinstance(files, dict) else None
    wanted = entry.get("sha256") if isinstance(entry, dict) else None
    found = hashlib.sha256(settings).hexdigest()
    if wanted != found:
        raise Refused([Trouble(SETTINGS_NAME, found, _("The settings were changed or cut after the export."))])


archive = Blueprint("archive", __name__)


@dataclass(frozen=True)
class Preview:
    """One composition of an imported file: where it goes, whether that is new, and what changes in the draft."""

    name: str
    is_new: bool
    changes: list[ToldChange]


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
    return [
        check_draft(
            {**read[0].as_data(), "name": target["name"], "plan": target["plan"], "subdomain": target["subdomain"]}
        )
    ]


def _find_stored_for(into: str | None) -> Callable[[str], Mapping[str, Any]]:
    def find(name: str) -> Mapping[str, Any]:
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
