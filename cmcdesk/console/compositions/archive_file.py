"""EXPORT and IMPORT: a zip with the settings file and a manifest (CMC's file is a zip too; its inside is unknown)."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from cmcdesk import __version__
from cmcdesk.console.frame.trouble import Refused, Told, tell_errors
from cmcdesk.rules.settings import Composition, SettingsError, read_settings_file, write_settings_file

SETTINGS_NAME = "settings.toml"
MANIFEST_NAME = "manifest.json"
FORMAT = 1
LARGEST_SETTINGS = 8 * 1024 * 1024  # octets unpacked: a zip can claim any size


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
        raise Refused([Told("file", "", _("Not a zip that EXPORT wrote: %(reason)s", reason=error))]) from None
    _check_manifest(manifest, settings)
    return settings


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(LARGEST_SETTINGS + 1)
    if len(content) > LARGEST_SETTINGS:
        raise ValueError(f"{name} is larger than {LARGEST_SETTINGS} octets")
    return content


def _check_manifest(manifest: object, settings: bytes) -> None:
    """A file that was changed or cut after the export is told, as is one of a newer program."""
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise Refused([Told(MANIFEST_NAME, "", _("The manifest names no format."))])
    if manifest["format"] > FORMAT:
        raise Refused([Told(MANIFEST_NAME, str(manifest["format"]), _("Written by a newer cmcdesk."))])
    files = manifest.get("files")
    entry = files.get(SETTINGS_NAME) if isinstance(files, dict) else None
    wanted = entry.get("sha256") if isinstance(entry, dict) else None
    found = hashlib.sha256(settings).hexdigest()
    if wanted != found:
        raise Refused([Told(SETTINGS_NAME, found, _("The settings were changed or cut after the export."))])
