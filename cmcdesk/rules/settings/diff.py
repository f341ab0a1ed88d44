"""What differs between two states of a composition, one change for each setting, with what reflecting it does."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from cmcdesk.rules.settings.about import NEW_SESSIONS
from cmcdesk.rules.settings.check import check_composition
from cmcdesk.rules.settings.composition import Composition
from cmcdesk.rules.settings.describe import Setting, describe
from cmcdesk.rules.settings.errors import SECRET_KEYS, SECRET_MASK, SettingsError
from cmcdesk.rules.stored_settings import look_up
from cmcdesk.rules.texts import N_, Text, tell

SMTP_USERS = N_("API users (SMTP)")
#: Lists whose members go by their names.
NAMED_LISTS = ("inbound_webhook", "delivery_speed", "forwarding.relay", "forwarding.receiving")


@dataclasses.dataclass(frozen=True)
class Change:
    """field: dotted path, a filter by its name (`inbound_webhook["contact form"].endpoint`). old, new: the values,
    JSON-able, None where there was or is none; secrets masked. Of lists, added and removed say what changed; both are
    empty where only the order did. unit: of numbers that have one."""

    field: str
    label: Text
    old: Any
    new: Any
    effect: Text
    added: list[str] = dataclasses.field(default_factory=list)
    removed: list[str] = dataclasses.field(default_factory=list)
    unit: Text | None = None

    def as_data(self) -> dict[str, Any]:
        """JSON-able, both languages in label and effect."""
        return dict(vars(self))


def diff(old: Composition | None, new: Composition) -> list[Change]:
    """The changes from old (None: never applied) to new, in the order of the settings file, those of filters last."""
    before: Mapping[str, Any] = old.as_data() if old else {}
    after = new.as_data()
    changes = [
        change
        for setting in describe()
        if not setting.path.startswith(NAMED_LISTS)
        and (change := _compare(setting, setting.path, look_up(before, setting.path), look_up(after, setting.path)))
    ]
    for path in NAMED_LISTS:
        changes += _compare_named(path, look_up(before, path) or [], look_up(after, path))
    return changes


def diff_smtp_users(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """The change of the API users who may relay, who go live with the settings: name → what is kept of the key."""
    if old == new:
        return []
    added = [name for name, kept in new.items() if old.get(name) != kept]
    removed = [name for name, kept in old.items() if new.get(name) != kept]
    return [Change("smtp_users", tell(SMTP_USERS), list(old), list(new), tell(NEW_SESSIONS), added, removed)]


def is_same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two saved states of a composition (None: there is none) say the same. What an older program saved lacks
    the settings that came later: they count as their defaults. One that cannot be read is the same as itself only."""
    if one == other or one is None or other is None:
        return one == other
    try:
        return check_composition(one).as_data() == check_composition(other).as_data()
    except SettingsError:
        return False


def _compare(setting: Setting, path: str, old: Any, new: Any) -> Change | None:
    if old == new or (old is None and new in ("", [])):  # what is empty from the first is no change
        return None
    if path.rpartition(".")[2] in SECRET_KEYS:
        old, new = (SECRET_MASK if value else value for value in (old, new))
    if isinstance(new, list):
        return Change(path, setting.label, old, new, setting.effect, _without(new, old or []), _without(old or [], new))
    return Change(path, setting.label, old, new, setting.effect, unit=setting.unit)


def _without(these: list[str], those: list[str]) -> list[str]:
    return [member for member in these if member not in those]


def _compare_named(path: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    whole = next(setting for setting in describe() if setting.path == path)
    before, after = {row["name"]: row for row in old}, {row["name"]: row for row in new}
    for name in [*after, *(name for name in before if name not in after)]:
        if name in before and name in after:
            yield from _compare_members(path, name, before[name], after[name])
        else:
            yield _whole_member(whole, name, before.get(name), after.get(name))
    kept_before = [name for name in before if name in after]
    kept_after = [name for name in after if name in before]
    if kept_before != kept_after:
        label = tell("Order: %(label)s", label=whole.label)
        yield Change(path, label, list(before), list(after), whole.effect)


def _whole_member(whole: Setting, name: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    field_path = f'{whole.path}["{name}"]'
    added, removed = ([name] if old is None else []), ([name] if new is None else [])
    return Change(field_path, whole.label, _masked(old), _masked(new), whole.effect, added, removed)


def _compare_members(path: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for setting in describe():
        key = setting.path.removeprefix(f"{path}[].")
        if key == setting.path or key.startswith("condition[]"):
            continue  # not of this list; or of one condition, which is shown as a line of "condition"
        before, after = _readable(old[key]), _readable(new[key])
        change = _compare(setting, f'{path}["{name}"].{key}', before, after)
        if change:
            label = {language: f"{name}: {text}" for language, text in change.label.items()}
            yield Change(**(vars(change) | {"label": label}))


def _readable(value: Any) -> Any:
    """Conditions as `header: pattern` lines."""
    is_tables = isinstance(value, list) and value and isinstance(value[0], dict)
    return [f"{condition['header']}: {condition['pattern']}" for condition in value] if is_tables else value


def _masked(table: dict[str, Any] | None) -> dict[str, Any] | None:
    return table and {key: SECRET_MASK if key in SECRET_KEYS and value else value for key, value in table.items()}
