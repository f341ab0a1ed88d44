"""Initial settings by plan, as the manual has them (初期設定)."""

import pytest

from cmcdesk.rules.settings import defaults_of, initial_compositions
from cmcdesk.rules.settings.plans import fill_defaults, list_fixed, plan_of, subdomain_of


@pytest.mark.parametrize(
    ("name", "bounce_domain", "smtp_host"),
    [
        ("pro", "return.pro.smtps.jp", "pro.smtps.jp"),
        ("sandbox", "return.sandbox.smtps.jp", "sandbox.smtps.jp"),
        ("transactional-email", "return.te.smtps.jp", "te.smtps.jp"),
    ],
)
def test_the_envelope_from_returns_to_the_preregistered_bounce_domain(
    name: str, bounce_domain: str, smtp_host: str
) -> None:
    composition = next(one for one in initial_compositions() if one.name == name)
    assert composition.receiving.bounce_domains == [bounce_domain]
    assert composition.receiving.inbound_domains == []
    assert composition.advanced.envelope_from.rewrite
    assert composition.advanced.envelope_from.domain == bounce_domain
    assert composition.smtp_host == smtp_host


def test_pro_takes_another_subdomain() -> None:
    composition = defaults_of("pro", "会社", "kaisha")
    assert composition.receiving.bounce_domains == ["return.kaisha.smtps.jp"]


def test_fill_defaults_keeps_what_was_given_right_or_wrong() -> None:
    filled = fill_defaults({"name": "Shop", "receiving": {"max_sessions": "x"}, "advanced": 5})
    assert filled["subdomain"] == "shop"
    assert filled["receiving"]["max_sessions"] == "x"
    assert filled["receiving"]["interval_ms"] == 100
    assert filled["advanced"] == 5


def test_plan_and_subdomain_come_from_the_name() -> None:
    assert [plan_of(name) for name in ("sandbox", "transactional-email", "shop", 5)] == ["standard"] * 2 + ["pro"] * 2
    assert [subdomain_of(name) for name in ("transactional-email", "Shop", "会社", 5)] == ["te", "shop", None, None]


def test_standard_fixes_everything_but_inbound_domains_webhooks_and_forwarding() -> None:
    assert dict(list_fixed("transactional-email")) == {
        "subdomain": "te",
        "receiving.max_sessions": 10,
        "receiving.interval_ms": 100,
        "receiving.size_kb": 10240,
        "receiving.bounce_domains": ["return.te.smtps.jp"],
        "relay.max_sessions": 10,
        "relay.interval_ms": 100,
        "relay.size_kb": 10240,
        "relay.access": "network_or_auth",
        "relay.networks": ["127.0.0.1"],
        "delivery_speed": [],
        "advanced.received": "short",
        "advanced.resend_period_min": 600,
        "advanced.resend_interval_min": 10,
        "advanced.envelope_from.rewrite": True,
        "advanced.envelope_from.domain": "return.te.smtps.jp",
    }
