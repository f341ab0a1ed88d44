"""EXPORT and IMPORT files: what is written is read back; what was changed, cut or is none is told."""

import io
import json
import zipfile

import pytest

from cmcdesk.console.compositions.archive_file import MANIFEST_NAME, SETTINGS_NAME, read_archive, write_archive
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.rules.settings import defaults_of

from ..conftest import Console

PRO = defaults_of("pro", "pro")
WRITTEN = write_archive([PRO], 0)


def repack(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WRITTEN)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in (SETTINGS_NAME, MANIFEST_NAME):
            key = name.partition(".")[0]
            if members.get(key) != b"-":
                new.writestr(name, members.get(key, old.read(name)))
    return packed.getvalue()


@pytest.fixture(autouse=True)
def english(console: Console) -> object:
    """Messages need a request's language."""
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": "en"}):
        yield


def test_what_was_written_is_read_back() -> None:
    assert read_archive(WRITTEN) == [PRO]
    with zipfile.ZipFile(io.BytesIO(WRITTEN)) as archive:
        manifest = json.loads(archive.read(MANIFEST_NAME))
    assert manifest["format"] == 1 and manifest["exported_at"] == "1970-01-01T00:00:00+00:00"
    assert len(manifest["files"][SETTINGS_NAME]["sha256"]) == 64


def test_a_bare_settings_file_is_taken_too() -> None:
    assert read_archive(b'[[composition]]\nname = "pro"\n') == [PRO]


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (repack(settings=b'[[composition]]\nname = "other"\n'), "changed or cut"),
        (repack(manifest=b'{"format": 2}'), "newer cmcdesk"),
        (repack(manifest=b'{"format": 1}'), "changed or cut"),
        (repack(manifest=b"[]"), "names no format"),
        (repack(manifest=b"{no"), "Not a zip"),
        (repack(settings=b"-"), "Not a zip"),
        (WRITTEN[:100], "Not a zip"),
        (b"PK", "Not a zip"),
        (b"\xff\xfe", "UTF-8"),
        (b"colour = 1", ""),
        (b"", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",  # octets of a ZIP tell the time
)
def test_everything_else_is_told(octets: bytes, told: str) -> None:
    with pytest.raises(Refused) as caught:
        read_archive(octets)
    assert caught.value.errors and told in caught.value.errors[0].message


def test_a_zip_bomb_is_not_unpacked() -> None:
    with pytest.raises(Refused) as caught:
        read_archive(repack(settings=b" " * 9_000_000))
    assert "larger than" in caught.value.errors[0].message
