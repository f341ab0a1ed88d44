"""The sheet of keyboard shortcuts, in both languages; what the keys do is tried in the browser's tests."""

from ..conftest import Console


def test_the_sheet_tells_every_key(console: Console) -> None:
    sheet = console.get("/shortcuts", HX_Request="true").text
    assert all(f"<kbd>{key}</kbd>" in sheet for key in ("?", "/", "j", "k", "x", "p", "u"))
    assert "Next row" in sheet and "次の行" in console.get("/shortcuts", HX_Request="true", Accept_Language="ja").text


def test_its_address_alone_leads_to_a_page(console: Console) -> None:
    assert console.get("/shortcuts").status_code == 302
    assert 'hx-get="/shortcuts"' in console.get("/about").text
