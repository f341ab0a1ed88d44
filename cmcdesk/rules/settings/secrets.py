"""Secrets of a composition's data: masked on the way out; a mask on the way in stands for what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from cmcdesk.rules.settings.errors import SECRET_KEYS, SECRET_MASK, FieldError, SettingsError, field_error, join_path

MASKED_KEYS = SECRET_KEYS - {"auth_users"}  # users of SMTP AUTH are stored as hashes
FILTERS = "inbound_webhook"


def mask_secrets(data: Any) -> Any:
    """The same data with every secret that is set replaced by the mask."""
    if isinstance(data, Mapping):
        return {key: SECRET_MASK if _is_secret(key, value) else mask_secrets(value) for key, value in data.items()}
    return [mask_secrets(each) for each in data] if isinstance(data, list) else data


def keep_secrets(given: Any, stored: Mapping[str, Any], path: str = "") -> Any:
    """`given` with each mask replaced by the secret that `stored` has there: of the notification of that name, or of
    the one in that place that was renamed and calls the same endpoint. Raises SettingsError for any other mask."""
    errors: list[FieldError] = []
    kept = _keep(given, stored, path, errors)
    if errors:
        raise SettingsError(errors)
    return kept


def _keep(given: Any, stored: Any, path: str, errors: list[FieldError]) -> Any:
    if not isinstance(given, Mapping):
        return given
    before = _table(stored)
    return {key: _keep_value(key, value, before, (join_path(path, key), errors)) for key, value in given.items()}


def _keep_value(key: str, value: Any, before: Mapping[str, Any], told: tuple[str, list[FieldError]]) -> Any:
    path, errors = told
    if key == FILTERS and isinstance(value, list):
        pairs = enumerate(zip(value, _find_before(value, before.get(key)), strict=True))
        return [_keep(one, of_it, join_path(path, index), errors) for index, (one, of_it) in pairs]
    if key not in MASKED_KEYS or value != SECRET_MASK:
        return _keep(value, before.get(key), path, errors)
    if not _is_secret(key, before.get(key)):
        errors.append(field_error(path, value, "masked"))
    return before.get(key)


def _find_before(given: Sequence[Any], stored: Any) -> list[Mapping[str, Any]]:
    """For each notification the stored one that it was."""
    before = [_table(each) for each in stored] if isinstance(stored, list) else []
    by_name = {_name(each): each for each in before}
    names = {_name(each) for each in given}
    found = []
    for index, each in enumerate(given):
        in_place = before[index] if index < len(before) else {}
        is_renamed = _name(in_place) not in names and in_place.get("endpoint") == _table(each).get("endpoint")
        found.append(by_name.get(_name(each), in_place if is_renamed else {}))
    return found


def _name(value: Any) -> str:
    """Whatever was given there: what is no text is no name."""
    name = _table(value).get("name")
    return name if isinstance(name, str) else ""


def _is_secret(key: str, value: object) -> bool:
    return key in MASKED_KEYS and isinstance(value, str) and bool(value)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
