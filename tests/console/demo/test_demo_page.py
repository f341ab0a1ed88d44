"""The page of the demo in an ordinary console; the stage itself is seen in test_player.py and test_door.py."""

from ..conftest import Console


def test_the_page_offers_the_demo_and_names_its_scenes(console: Console) -> None:
    page = console.get("/demo", Accept_Language="ja").text
    assert 'id="demo-start"' in page and "エラーになったメールの道のり" in page
    assert "お使いの設定やメールには影響せず" in page
    assert console.post("/demo/control", {"do": "end"}).location == "/demo", "there is nothing to end"
    assert console.get("/demo/now").headers.get("HX-Redirect") is None
