import pytest

from cmcdesk.mailserver.live import LiveSettings, ehlo_lines
from cmcdesk.rules.settings import check_composition, defaults_of
from tests.mailserver.conftest import pro_settings

HOOK = {
    "name": "contact", "endpoint": "https://example.com/", "format": "json", "enabled": True,
    "condition": [{"header": "X-Form", "pattern": "a"}],
}  # fmt: skip


def live_of(**changes: object) -> LiveSettings:
    return LiveSettings.of(check_composition(pro_settings(**changes)), 3)


def test_settings_are_compiled_to_seconds_octets_and_routes() -> None:
    live = live_of(interval_ms=250, size_kb=3)
    assert (live.revision, live.interval, live.size_limit, live.hostname) == (3, 0.25, 3072, "pro.smtps.jp")
    assert live.policy.route_of("a@return.example.com") == "bounce"
    assert LiveSettings.of(check_composition(pro_settings()), 1, has_interval=False).interval == 0


def test_headers_of_conditions_are_scanned_and_switched_off_filters_are_not() -> None:
    assert "x-form" in live_of(inbound_webhook=[HOOK]).scanned
    off = live_of(inbound_webhook=[HOOK | {"enabled": False}])
    assert "x-form" not in off.scanned
    assert off.filters.match({"x-form": [b"a"]}) == []


@pytest.mark.parametrize(("name", "host"), [("sandbox", "sandbox.smtps.jp"), ("transactional-email", "te.smtps.jp")])
def test_standard_hosts_are_those_of_the_manual(name: str, host: str) -> None:
    assert LiveSettings.of(defaults_of("standard", name, None), 1).hostname == host


def test_the_last_ehlo_line_ends_the_reply() -> None:
    lines = ehlo_lines("pro.smtps.jp", 1024).splitlines()
    assert lines[0] == b"250-pro.smtps.jp"
    assert lines[1] == b"250-SIZE 1024"
    assert [line[3:4] for line in lines] == [b"-"] * (len(lines) - 1) + [b" "]
