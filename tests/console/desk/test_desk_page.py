"""Display, retention, about."""

import re

from cmcdesk.console.desk.desk_page import list_operations

from ..conftest import AddMail, Console


def test_the_start_leads_to_the_list_once_there_is_mail(console: Console, add_mail: AddMail) -> None:
    add_mail()
    assert console.get("/").location == "/compositions"
    assert "127.0.0.1:" in console.get("/welcome").text


def test_display_is_saved_and_wrong_zones_are_told(console: Console) -> None:
    wrong = console.post("/display", {"language": "", "time_zone": "Mars/Olympus", "theme": "dark"})
    assert (
        wrong.status_code == 422 and 'value="Mars/Olympus"' in wrong.text and "There is no such time zone" in wrong.text
    )
    assert console.post("/display", {"language": "en", "time_zone": "UTC", "theme": "dark"}).status_code == 303
    page = console.get("/about", Accept_Language="ja").text
    assert '<html lang="en" data-theme="dark">' in page
    console.post("/display", {"language": "", "time_zone": "Asia/Tokyo", "theme": "auto"})


def test_retention_is_saved_and_limits_are_told(console: Console) -> None:
    wrong = console.post("/retention", {"days": "-1", "mails": "many"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.text
    assert "from 0 to 3650" in wrong.text and "from 0 to 100000000" in wrong.text
    assert console.post("/retention", {"days": "7", "mails": "0"}).status_code == 303
    page = console.get("/retention").text
    assert 'value="7"' in page
    for name in ("refusals", "bounces", "deliveries", "outbound"):
        assert re.search(rf'name="{name}"[^>]* value="1000000"', page), "what a form does not say stays"
    assert "with the newest 10,000 refusals" in page and "Runs of the simulator" in page
    console.post("/retention", {"days": "40", "mails": "0"})


def test_about_names_the_api(console: Console) -> None:
    page = console.get("/about").text
    assert "/api/v1/mails/wait" in page and "Bearer TOKEN" in page


def test_operations_of_a_document() -> None:
    document = {"paths": {"/b": {"get": {"summary": "B"}}, "/a": {"post": {}}}}
    assert list_operations(document) == [("POST", "/a", ""), ("GET", "/b", "B")]


def test_the_page_says_how_long_the_catcher_keeps_what_came(console: Console) -> None:
    page = console.get("/retention").text
    assert "What came to the webhook catcher" in page and "the newest 500 requests, at most 64 MB, for 7 days" in page


def test_numbers_are_read_as_people_type_them(console: Console) -> None:
    assert console.post("/retention", {"days": "１４", "mails": "10,000"}).status_code == 303
    page = console.get("/retention").text
    assert re.search('name="days"[^>]* value="14"', page) and re.search('name="mails"[^>]* value="10000"', page)
    refused = console.post("/retention", {"days": "4,0"})
    assert refused.status_code == 422 and 'value="4,0"' in refused.text
    console.post("/retention", {"days": "40", "mails": "0"})


def test_the_sheet_tells_every_key(console: Console) -> None:
    sheet = console.get("/shortcuts", HX_Request="true").text
    assert all(f"<kbd>{key}</kbd>" in sheet for key in ("?", "/", "j", "k", "x", "p", "u"))
    assert "Next row" in sheet and "次の行" in console.get("/shortcuts", HX_Request="true", Accept_Language="ja").text


def test_its_address_alone_leads_to_a_page(console: Console) -> None:
    assert console.get("/shortcuts").status_code == 302
    assert 'hx-get="/shortcuts"' in console.get("/about").text
