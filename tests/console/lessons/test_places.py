"""Places lead to pages that are there; which page a person has open is told from its path. That each control is on its
page: tests/browser/test_lessons.py."""

import pytest

from cmcdesk.console.lessons.places import (
    PLACES,
    OpenPage,
    find_open_page,
    find_screen,
    list_screens,
    write_place_address,
)

from ..conftest import Console


@pytest.mark.parametrize("place", PLACES)
def test_the_address_of_a_place_is_a_page(console: Console, place: str) -> None:
    with console.desk.app.test_request_context(base_url=console.base):
        address = write_place_address(place, "pro")
        page = find_open_page(address)
    assert console.get(address).status_code == 200
    assert page.is_at(PLACES[place].by or place, "pro")


def test_a_page_of_another_composition_is_another_place(console: Console) -> None:
    with console.desk.app.test_request_context(base_url=console.base):
        page = find_open_page("/compositions/sandbox/settings/receiving?tab=inbound")
        assert page.is_at("receiving.save", "sandbox") and not page.is_at("receiving.save", "pro")
        assert not page.is_at("relay.save", "sandbox")
        assert find_open_page("/mails/7").is_at("mail", "pro")
        assert find_open_page("/api-settings/webhook/inbound/pro/0").is_at("notification.save", "pro")
        for nowhere in ("/nothing", "", "//x", "/compositions/"):
            assert find_open_page(nowhere) == OpenPage()


def test_controls_are_those_of_the_open_page_and_reflecting_is_everywhere() -> None:
    places = ("receiving.size_kb", "receiving.save", "reflect")
    page = OpenPage("settings.show_receiving", {"name": "pro"})
    assert page.write_controls(places, "pro") == (
        "[id='receiving.size_kb'], #save, #reflect-of-pro, #reflect-now, #apply-now"
    )
    assert OpenPage("mails.show_list").write_controls(places, "pro").startswith("#reflect-of-pro")
    assert OpenPage().write_controls(places[:2], "pro") == ""


def test_a_form_that_is_sent_belongs_to_a_screen() -> None:
    assert find_screen("settings.save_receiving") == "receiving.save"
    assert find_screen("webhook.save_filter") == "notification.save" and find_screen("desk.save") is None
    assert set(list_screens()) <= set(PLACES) and "receiving.save" in list_screens()
