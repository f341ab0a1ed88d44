"""A composition as data and as an object."""

import json

import pytest
from pydantic import ValidationError

from cmcdesk.rules.settings import check_composition, defaults_of


def test_as_data_holds_every_key_and_is_json() -> None:
    one = {"name": "a", "endpoint": "https://example.com/", "condition": [{"header": "To", "pattern": "x"}]}
    data = check_composition({"name": "pro", "inbound_webhook": [one]}).as_data()
    assert (
        json.loads(json.dumps(data))
        == data
        == {
            "name": "pro",
            "plan": "pro",
            "subdomain": "pro",
            "receiving": {
                "max_sessions": 10,
                "interval_ms": 100,
                "size_kb": 10240,
                "bounce_domains": ["return.pro.smtps.jp"],
                "inbound_domains": [],
            },
            "relay": {
                "max_sessions": 10,
                "interval_ms": 100,
                "size_kb": 10240,
                "access": "network_or_auth",
                "networks": ["127.0.0.1"],
            },
            "delivery_speed": [],
            "forwarding": {"relay": [], "receiving": []},
            "security": {"starttls": "off", "implicit_tls": False, "auth": "off", "auth_users": []},
            "advanced": {
                "received": "short",
                "resend_period_min": 600,
                "resend_interval_min": 10,
                "envelope_from": {"rewrite": True, "domain": "return.pro.smtps.jp"},
            },
            "event_webhook": {
                "endpoint": "",
                "bounces": False,
                "deliveries": False,
                "blocks": False,
                "version": 2,
                "time_zone": "Asia/Tokyo",
                "format": "form",
                "api_key": "",
                "basic": "",
                "bearer": "",
            },
            "inbound_webhook": [
                {
                    "name": "a",
                    "endpoint": "https://example.com/",
                    "format": "multipart",
                    "enabled": True,
                    "api_key": "",
                    "basic": "",
                    "bearer": "",
                    "condition": [{"header": "To", "pattern": "x"}],
                }
            ],
        }
    )


def test_smtp_host_is_what_mx_records_name() -> None:
    assert defaults_of("standard", "transactional-email").smtp_host == "te.smtps.jp"


def test_a_composition_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        defaults_of("pro", "pro").receiving.max_sessions = 5  # type: ignore[misc]


def test_secrets_are_not_in_what_a_log_would_show() -> None:
    one = {
        "name": "a",
        "endpoint": "https://example.com/",
        "api_key": "hidden1",
        "bearer": "hidden2",
        "condition": [{"header": "To", "pattern": "x"}],
    }
    assert "hidden" not in repr(check_composition({"name": "pro", "inbound_webhook": [one]}))
