"""EXPORT and IMPORT."""

import io
import json
import re
import zipfile
from zipfile import ZipFile

import pytest
from werkzeug.test import TestResponse

from cmcdesk.console.compositions.archive_page import MANIFEST_NAME, SETTINGS_NAME, read_archive, write_archive
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.rules.settings import defaults_of

from ..conftest import Console


def preview(console: Console, octets: bytes, into: str = "") -> TestResponse:
    return console.post("/import/preview", {"file": (io.BytesIO(octets), "x.zip"), "into": into})


def packed(text: str) -> str:
    found = re.search(r'name="packed" value="([^"]+)"', text)
    assert found
    return found[1]


def test_an_export_goes_into_another_composition(console: Console) -> None:
    source, target = console.add_composition(max_sessions=33), console.add_composition()
    exported = console.get(f"/compositions/{source}/export.zip")
    assert exported.mimetype == "application/zip" and "attachment" in exported.headers["Content-Disposition"]
    shown = preview(console, exported.data, target)
    assert shown.status_code == 200 and "33" in shown.text and "Max sessions" in shown.text
    assert console.api(f"compositions/{target}/draft").json["settings"]["receiving"]["max_sessions"] == 10
    taken = console.post("/import", {"packed": packed(shown.text), "into": target})
    assert taken.headers["HX-Redirect"] == "/compositions"
    settings = console.api(f"compositions/{target}/draft").json["settings"]
    assert settings["receiving"]["max_sessions"] == 33 and settings["subdomain"] == target


def test_an_import_without_target_goes_by_the_files_names(console: Console) -> None:
    shown = preview(console, b'[[composition]]\nname = "fresh-import"\n[composition.receiving]\nsize_kb = 9\n')
    assert "fresh-import" in shown.text and ">new<" in shown.text
    assert console.post("/import", {"packed": packed(shown.text)}).status_code == 204
    assert console.api("compositions/fresh-import/draft").json["settings"]["receiving"]["size_kb"] == 9


def test_bad_files_are_explained_by_field(console: Console) -> None:
    for octets, told in (
        (b'[[composition]]\nname = "x"\n[composition.receiving]\nmax_sessions = 0\nsize_kbb = 1\n', "max_sessions"),
        (b"", "Choose a file"),
        (b"PK\x03\x04", "Not a zip"),
    ):
        shown = preview(console, octets)
        assert shown.status_code == 422 and told in shown.text and "Nothing was changed" in shown.text


def test_pro_settings_do_not_go_into_standard(console: Console) -> None:
    exported = console.get(f"/compositions/{console.add_composition(max_sessions=33)}/export.zip")
    shown = preview(console, exported.data, "transactional-email")
    assert shown.status_code == 422 and "receiving.max_sessions" in shown.text


def test_several_do_not_go_into_one(console: Console) -> None:
    two = b'[[composition]]\nname = "one"\n[[composition]]\nname = "two"\n'
    assert "holds 2 compositions" in preview(console, two, "pro").text


def test_forged_content_is_refused(console: Console) -> None:
    assert console.post("/import", {"packed": "!!!"}).status_code == 422
    assert console.get("/import?name=pro", HX_Request="true").status_code == 200


def test_the_file_is_named_by_composition_and_time(console: Console) -> None:
    answer = console.get("/compositions/pro/export.zip")
    assert re.search(r"filename=settings-pro-\d{8}-\d{4}\.zip", answer.headers["Content-Disposition"])


def test_secrets_are_exported_only_where_they_are_chosen(console: Console) -> None:
    name = console.add_composition(apply=False)
    one = {"name": "f", "endpoint": "https://x.example/", "condition": [{"header": "To", "pattern": "x"}]}
    console.change(name, {"inbound_webhook": [one | {"bearer": "topsecret"}]})
    dialog = console.get(f"/compositions/{name}/export", HX_Request="true").text
    assert 'type="checkbox" id="with-secrets" name="secrets" value="show"' in dialog and "checked" not in dialog
    for query, is_in in (("", False), ("?secrets=show", True)):
        packed = console.get(f"/compositions/{name}/export.zip{query}").data
        with ZipFile(io.BytesIO(packed)) as file:
            assert any(b"topsecret" in file.read(each) for each in file.namelist()) is is_in


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
        (repack(manifest=b"{no"), "manifest.json is no JSON"),
        (repack(settings=b"-"), "does not hold both settings.toml and manifest.json"),
        (WRITTEN[:100], "damaged, or only a part"),
        (b"PK", "Not a zip that EXPORT wrote: it is damaged"),
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
