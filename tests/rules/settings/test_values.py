"""Single values: what is taken as it is (what is refused stands in tests/bad_settings)."""

import pytest
from pydantic_core import PydanticCustomError

from cmcdesk.rules.settings import values


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/hook?key=値&b=1",
        "https://[2001:db8::1]/hook",
        "https://192.0.2.1/",
        "https://フック.example.com/",
        "HTTPS://Example.com/",
        "http://localhost:8000/hook",
        "http://127.0.0.1/",
        "http://127.8.9.10:1/",
        "http://[::1]:8000/",
    ],
)
def test_check_endpoint_takes(url: str) -> None:
    assert values.check_endpoint(url) == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://[::2]/", "endpoint_loopback"),
        ("http://localhost.example.com/", "endpoint_loopback"),
        ("http://127.1/", "endpoint_loopback"),
        ("http://0.0.0.0/", "endpoint_loopback"),
        ("https://[::1/", "endpoint_host"),
        ("https://example.com:0/", "endpoint_port"),
        ("https://example.com:port/", "endpoint_port"),
        ("https://a..b/", "endpoint_host"),
        ("https://@example.com/", "endpoint_credentials"),
        ("https://example.com/\r\nX: 1", "control_characters"),
        ("https://example.com/\u3000", "endpoint_characters"),
        ("https://example.com/" + "a" * 2048, "too_long"),
        ("javascript:alert(1)", "endpoint_scheme"),
        ("//example.com/", "endpoint_scheme"),
    ],
)
def test_check_endpoint_refuses(url: str, code: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        values.check_endpoint(url)
    assert refused.value.type == code


@pytest.mark.parametrize(
    "pattern", [r"info@mailform\.example\.com", "(?i)^お問い合わせ", "(?x) info  # who\n @ .*", r"\p{Han}"]
)
def test_check_pattern_takes(pattern: str) -> None:
    assert values.check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "position"), [("[a", 3), ("a**", 3), ("a(?P<1>b)", 7), ("(?P<a>.)(?P=b)", 12), ("あ)い", 2)]
)
def test_check_pattern_says_where_it_breaks(pattern: str, position: int) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        values.check_pattern(pattern)
    assert refused.value.type == "pattern_broken"
    assert refused.value.context
    assert refused.value.context["position"] == position


@pytest.mark.parametrize("name", ["pro", "会社 その2", "a.b_c-d", "1st", "x" * 64])
def test_check_composition_name_takes(name: str) -> None:
    assert values.check_composition_name(name) == name


@pytest.mark.parametrize("name", ["", " pro", "pro ", "a/b", "a=b", "..", "_a", "a\n", "x" * 65, "a?b", "a#b", "a%b"])
def test_check_composition_name_refuses_what_breaks_a_path(name: str) -> None:
    with pytest.raises(PydanticCustomError):
        values.check_composition_name(name)


@pytest.mark.parametrize("text", ["a\0", "a\x7f", "a\u0085", "a\u2028", "\ud800"])
def test_check_text_refuses_control_characters_and_lone_surrogates(text: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        values.check_filled(text)
    assert refused.value.type == "control_characters"


def test_secrets_may_be_empty_and_a_password_may_hold_colons() -> None:
    assert values.check_secret("") == values.check_basic("") == values.check_bearer("") == ""
    assert values.check_basic("user:pass:word with space") == "user:pass:word with space"


def test_header_names_are_field_names() -> None:
    assert values.check_header_name("X-Original!#$To") == "X-Original!#$To"
