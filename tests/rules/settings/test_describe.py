"""Every setting is described once, in both languages, with its limits."""

import re

import pytest

from cmcdesk.rules.settings import defaults_of, describe, describe_path
from cmcdesk.rules.settings.describe import list_keys

FORWARDING_KEYS = ("name", "header", "pattern", "address", "mode")


def test_every_key_of_the_data_is_described_or_leads_to_one_that_is() -> None:
    data = defaults_of("pro", "pro").as_data()
    assert set(list_keys("")) == set(data)
    assert set(list_keys("receiving")) == set(data["receiving"])
    assert set(list_keys("advanced.envelope_from")) == set(data["advanced"]["envelope_from"])
    assert set(list_keys("inbound_webhook[3].condition[1]")) == {"header", "pattern"}


def test_texts_are_there_in_both_languages() -> None:
    for setting in describe():
        for text in (setting.label, setting.help, setting.effect):
            assert text["en"], setting.path
            assert re.search(r"[ぁ-んァ-ヶ一-龠]", text["ja"]), setting.path


@pytest.mark.parametrize(
    ("path", "kind", "minimum", "maximum", "default"),
    [
        ("receiving.max_sessions", "integer", 1, 100, 10),
        ("receiving.interval_ms", "integer", 10, 10000, 100),
        ("receiving.size_kb", "integer", 1, 102400, 10240),
        ("receiving.inbound_domains", "lines", None, None, []),
        ("advanced.envelope_from.rewrite", "boolean", None, None, None),
        ("inbound_webhook[2].format", "choice", None, None, "multipart"),
        ("inbound_webhook[2].condition", "tables", None, None, None),
        ("inbound_webhook[2].condition[0].pattern", "text", None, None, None),
    ],
)
def test_limits_and_defaults(path: str, kind: str, minimum: int | None, maximum: int | None, default: object) -> None:
    setting = describe_path(path)
    assert setting
    assert (setting.kind, setting.minimum, setting.maximum, setting.default) == (kind, minimum, maximum, default)


def test_what_the_plan_gives_is_not_required_and_says_so() -> None:
    setting = describe_path("receiving.bounce_domains")
    assert setting and not setting.required
    assert setting.plan_default == {"ja": "return.SUBDOMAIN.smtps.jp", "en": "return.SUBDOMAIN.smtps.jp"}
    assert [one.path for one in describe() if one.required] == [
        "name",
        "delivery_speed[].name",
        "delivery_speed[].patterns",
        *(f"forwarding.{side}[].{key}" for side in ("relay", "receiving") for key in FORWARDING_KEYS),
        "inbound_webhook[].name",
        "inbound_webhook[].endpoint",
        "inbound_webhook[].condition",
        "inbound_webhook[].condition[].header",
        "inbound_webhook[].condition[].pattern",
    ]


def test_an_unknown_path_has_no_description() -> None:
    assert describe_path("receiving.port") is None
    assert describe_path("receiving") is None
