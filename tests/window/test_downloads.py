"""Downloads of the window are written where its user says; nobody else's are touched."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Response, send_file
from werkzeug.test import Client

from cmcdesk.window.downloads import SaveDownloads, read_suggested_name
from cmcdesk.window.raising import MARK

WINDOW = {"User-Agent": f"Mozilla/5.0 ({MARK})"}
OCTETS = b"Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\r\n\r\n\x00\xff"


def no_trouble(target: Path, error: OSError) -> None:
    pytest.fail(f"{target}: {error}")


def build_client(
    ask: Callable[[str], Path | None], tell_trouble: Callable[[Path, OSError], None] = no_trouble
) -> Client:
    app = Flask(__name__)

    @app.get("/raw")
    def raw() -> Response:
        return Response(OCTETS, headers={"Content-Disposition": "attachment; filename*=UTF-8''%E3%83%A1.eml"})

    @app.get("/page")
    def page() -> str:
        return "a page"

    @app.get("/missing")
    def missing() -> tuple[str, int, dict[str, str]]:
        return "gone", 404, {"Content-Disposition": "attachment; filename=x"}

    @app.get("/file")
    def file() -> Response:
        return send_file(__file__, as_attachment=True)

    app.wsgi_app = SaveDownloads(app.wsgi_app, ask, tell_trouble)  # type: ignore[method-assign]
    return Client(app)


def never(suggested: str) -> Path | None:
    pytest.fail(f"asked to save {suggested}")


def test_a_download_is_written_octet_for_octet_and_the_page_stays(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(suggested: str) -> Path:
        asked.append(suggested)
        return tmp_path / "saved.eml"

    answer = build_client(ask).get("/raw", headers=WINDOW)
    assert (answer.status_code, answer.data) == (204, b"")
    assert asked == ["メ.eml"]
    assert (tmp_path / "saved.eml").read_bytes() == OCTETS
    assert [path.name for path in tmp_path.iterdir()] == ["saved.eml"]


def test_a_file_that_is_streamed_is_written_too(tmp_path: Path) -> None:
    assert build_client(lambda name: tmp_path / name).get("/file", headers=WINDOW).status_code == 204
    assert (tmp_path / Path(__file__).name).read_bytes() == Path(__file__).read_bytes()


def test_a_cancelled_dialog_writes_nothing(tmp_path: Path) -> None:
    assert build_client(lambda name: None).get("/raw", headers=WINDOW).status_code == 204
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    told: list[tuple[Path, str | None]] = []
    target = tmp_path / "no" / "such" / "folder"
    client = build_client(lambda name: target, lambda place, error: told.append((place, error.strerror)))
    assert client.get("/raw", headers=WINDOW).status_code == 204
    assert told == [(target, "No such file or directory")]


def test_pages_and_errors_pass_as_they_are() -> None:
    client = build_client(never)
    assert client.get("/page", headers=WINDOW).data == b"a page"
    assert client.get("/missing", headers=WINDOW).status_code == 404


def test_a_browser_downloads_as_ever() -> None:
    answer = build_client(never).get("/raw")
    assert (answer.status_code, answer.data) == (200, OCTETS)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("inline", None),
        ("attachment", "download"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename=a.txt", "a.txt"),
    ],
)
def test_the_suggested_name_is_a_mere_name(header: str | None, name: str | None) -> None:
    assert read_suggested_name(Response(headers={"Content-Disposition": header} if header else {})) == name
