"""Secrets: masked on the way out, kept on the way in."""

from typing import Any

import pytest

from cmcdesk.rules.settings import SettingsError, keep_secrets, mask_secrets
from cmcdesk.rules.settings.errors import SECRET_MASK


def one(name: str, key: str, endpoint: str = "https://a.example/") -> dict[str, Any]:
    return {"name": name, "endpoint": endpoint, "api_key": key, "basic": "", "bearer": ""}


def settings(*filters: dict[str, Any], bearer: str = "") -> dict[str, Any]:
    return {"name": "pro", "event_webhook": {"bearer": bearer}, "inbound_webhook": list(filters)}


STORED = settings(one("a", "KA"), one("b", "KB", "https://b.example/"), bearer="EV")


def test_every_secret_that_is_set_is_masked_and_nothing_else() -> None:
    masked = mask_secrets(STORED)
    assert "KA" not in str(masked) and "KB" not in str(masked) and "EV" not in str(masked)
    assert masked["inbound_webhook"][0] == one("a", SECRET_MASK) and masked["event_webhook"] == {"bearer": SECRET_MASK}


def test_what_stays_masked_is_what_it_was() -> None:
    masked = mask_secrets(STORED)
    assert keep_secrets(masked, STORED) == STORED
    turned = settings(*reversed(masked["inbound_webhook"]), bearer="new")
    assert keep_secrets(turned, STORED) == settings(*reversed(STORED["inbound_webhook"]), bearer="new")


def test_a_renamed_notification_keeps_its_secret_for_the_same_endpoint_alone() -> None:
    renamed = settings(one("a", SECRET_MASK), one("c", SECRET_MASK, "https://b.example/"))
    assert keep_secrets(renamed, STORED)["inbound_webhook"][1]["api_key"] == "KB"
    stolen = settings(one("a", SECRET_MASK), one("c", SECRET_MASK, "https://evil.example/"))
    with pytest.raises(SettingsError) as refused:
        keep_secrets(stolen, STORED, "composition[0]")
    assert [error.field for error in refused.value.errors] == ["composition[0].inbound_webhook[1].api_key"]


@pytest.mark.parametrize("stored", [{}, settings(), {"inbound_webhook": "x", "event_webhook": []}])
def test_a_mask_that_stands_for_nothing_is_told_with_all_others(stored: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as refused:
        keep_secrets(settings(one("new", SECRET_MASK), bearer=SECRET_MASK), stored)
    fields = {error.field for error in refused.value.errors}
    assert (
        fields == {"inbound_webhook[0].api_key", "event_webhook.bearer"}
        and "--with-secrets" in refused.value.errors[0].message["ja"]
    )


@pytest.mark.parametrize("given", [None, 7, "x", [1], {"inbound_webhook": [None, 7]}, {"event_webhook": 3, "x": {}}])
def test_any_shape_comes_through(given: Any) -> None:
    assert keep_secrets(given, STORED) == given and mask_secrets(given) == given


def test_a_name_that_is_no_text_is_left_to_the_check() -> None:
    given = {"inbound_webhook": [{"name": {}, "api_key": "a"}, {"name": ["x"]}, 7]}
    assert keep_secrets(given, {"inbound_webhook": [{"name": "x", "api_key": "b"}]}) == given
