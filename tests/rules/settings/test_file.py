"""The settings file: the design's example, what is refused (tests/bad_settings), and the way there and back."""

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmcdesk.rules.settings import (
    Composition,
    SettingsError,
    check_composition,
    check_compositions,
    initial_compositions,
    read_settings_file,
    write_settings_file,
)

BAD = Path(__file__).resolve().parents[2] / "bad_settings"
EXAMPLE = r"""
[[composition]]
name = "pro"
plan = "pro"                       # or "standard"
subdomain = "pro"
[composition.receiving]
max_sessions = 10
interval_ms = 100
size_kb = 10240
bounce_domains = ["return.example.com"]
inbound_domains = ["mailform.example.com"]
[composition.relay]
max_sessions = 10
interval_ms = 100
size_kb = 10240
access = "network_or_auth"
networks = ["127.0.0.1"]
[composition.advanced]
received = "short"
resend_period_min = 600
resend_interval_min = 10
[composition.advanced.envelope_from]
rewrite = true
domain = "return.example.com"
[[composition.inbound_webhook]]
name = "contact form"
endpoint = "https://example.com/hook"
format = "multipart"
enabled = true
api_key = ""
[[composition.inbound_webhook.condition]]
header = "To"
pattern = 'info@mailform\.example\.com'
"""


def test_the_documented_example_is_read() -> None:
    (composition,) = read_settings_file(EXAMPLE)
    assert composition.receiving.bounce_domains == ["return.example.com"]
    assert composition.advanced.envelope_from.domain == "return.example.com"
    assert composition.inbound_webhook[0].condition[0].pattern == r"info@mailform\.example\.com"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_bad_settings_are_refused_for_the_reason_that_is_written_beside(path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings_file(path.read_bytes())
    told = [error.line(language) for error in refused.value.errors for language in ("en", "ja")]
    assert "\n".join(told) + "\n" == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_bytes_are_utf_8_with_or_without_a_byte_order_mark_and_with_any_line_ends() -> None:
    for octets in (EXAMPLE.encode(), b"\xef\xbb\xbf" + EXAMPLE.encode(), EXAMPLE.replace("\n", "\r\n").encode()):
        assert read_settings_file(octets) == read_settings_file(EXAMPLE)


def test_other_bytes_are_told() -> None:
    with pytest.raises(SettingsError, match="byte 11"):
        read_settings_file('name = """日本"""'.encode("cp932"))


def test_a_file_nested_without_end_is_told() -> None:
    with pytest.raises(SettingsError, match="nested"):
        read_settings_file("x = " + "[" * 100_000)


def test_what_standard_fixes_is_not_written() -> None:
    text = write_settings_file(initial_compositions())
    assert text.count("max_sessions") == 2  # receiving server and relay server of Pro
    assert read_settings_file(text) == initial_compositions()


TRICKY = [
    'quote " and \' and """',
    r"back\slash \n \\",
    "日本語の受信通知「お問い合わせ」",
    "絵文字 📨 𠮷",
    "# [table] = , {}",
    " ends with space ",
]


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_text_comes_back(text: str) -> None:
    (composition,) = check_compositions([make_data(text, "(?x)\n# '''\n\\\\ \"\"\" 日本", "k'\"\\")])
    assert read_settings_file(write_settings_file([composition])) == [composition]
    assert composition.inbound_webhook[0].name == text


def make_data(name: str, pattern: str, secret: str) -> dict[str, Any]:
    one = {
        "name": name,
        "endpoint": "https://example.com/日本?a='\"",
        "api_key": secret,
        "condition": [{"header": "X-'To'", "pattern": pattern}],
    }
    return {"name": "pro", "inbound_webhook": [one]}


NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40).filter(str.strip)
SECRETS = st.text(st.sampled_from(string.printable[:95]), max_size=20)
PATTERNS = NAMES.map(lambda text: "".join("\\" + letter if letter in r"\.^$*+?{}[]|()#" else letter for letter in text))
FILTERS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "endpoint": st.just("https://example.com/"),
        "format": st.sampled_from(["multipart", "json"]),
        "enabled": st.booleans(),
        "api_key": SECRETS,
        "condition": st.lists(
            st.fixed_dictionaries({"header": st.just("To"), "pattern": PATTERNS}), min_size=1, max_size=3
        ),
    }
)
EVENTS = st.fixed_dictionaries(
    {
        "endpoint": st.just("https://example.com/"),
        "bounces": st.booleans(),
        "version": st.just(2),
        "time_zone": st.sampled_from(["Asia/Tokyo", "UTC"]),
        "format": st.sampled_from(["form", "json"]),
        "bearer": SECRETS.map(lambda text: text.replace(" ", "")),
    }
)
DOMAINS = st.lists(st.from_regex(r"[a-z]([a-z0-9]{0,8})\.example", fullmatch=True), unique=True, max_size=4)


@st.composite
def compositions(draw: st.DrawFn) -> Composition:
    receiving = {
        "max_sessions": draw(st.integers(1, 100)),
        "interval_ms": draw(st.integers(10, 10000)),
        "size_kb": draw(st.integers(1, 102400)),
        "bounce_domains": [f"return.{domain}" for domain in draw(DOMAINS)],
        "inbound_domains": draw(DOMAINS),
    }
    filters = draw(st.lists(FILTERS, max_size=3, unique_by=lambda one: one["name"]))
    relay = {
        "max_sessions": draw(st.integers(1, 100)),
        "access": draw(st.sampled_from(["network_or_auth", "network", "network_and_auth"])),
        "networks": draw(st.sampled_from([["127.0.0.1"], ["2001:db8::1", "192.0.2.10"]])),
    }
    advanced = {
        "received": draw(st.sampled_from(["short", "normal", "none", "strip"])),
        "resend_period_min": draw(st.integers(1440, 10080)),
        "resend_interval_min": draw(st.integers(1, 1440)),
        "envelope_from": {"rewrite": False, "domain": draw(st.sampled_from(["", "return.example.com"]))},
    }
    data = {"name": "pro", "receiving": receiving, "relay": relay, "advanced": advanced}
    return check_composition(data | {"event_webhook": draw(EVENTS), "inbound_webhook": filters})


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the settings
@given(compositions())
def test_what_is_written_is_read_back_equal(composition: Composition) -> None:
    assert read_settings_file(write_settings_file([composition])) == [composition]


@given(st.text(max_size=200))
def test_read_settings_file_is_total(text: str) -> None:
    with pytest.raises(SettingsError):
        read_settings_file(text)
