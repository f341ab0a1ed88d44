"""The shapes of stored settings are those of their models."""

from typing import Any, get_args

from pydantic import BaseModel

from cmcdesk.rules import stored_settings as stored
from cmcdesk.rules.settings import Composition

NAMES = {
    "Composition": stored.StoredSettings, "Receiving": stored.StoredReceiving, "Relay": stored.StoredRelay,
    "SpeedFilter": stored.StoredSpeed, "Forwarding": stored.StoredForwarding, "ForwardingFilter": stored.StoredForward,
    "Security": stored.StoredSecurity, "Advanced": stored.StoredAdvanced, "EnvelopeFrom": stored.StoredEnvelopeFrom,
    "EventWebhook": stored.StoredEvents, "InboundFilter": stored.StoredFilter, "Condition": stored.StoredCondition,
}  # fmt: skip


def list_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The model and all within it, by name."""
    found = {model.__name__: model}
    for field in model.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= list_models(kind)
    return found


def test_every_table_has_its_shape_with_every_key() -> None:
    models = list_models(Composition)
    shapes: dict[str, Any] = {name: set(shape.__annotations__) for name, shape in NAMES.items()}
    assert shapes == {name: set(model.model_fields) for name, model in models.items()}


def test_a_value_is_found_by_its_path_whatever_stands_on_the_way() -> None:
    data = {"receiving": {"size_kb": 64}, "relay": 3}
    paths = ("receiving.size_kb", "receiving", "relay.access", "nothing.at.all")
    assert [stored.look_up(data, path) for path in paths] == [64, {"size_kb": 64}, None, None]
