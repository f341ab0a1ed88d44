"""Settings, changes and revisions as lines for a terminal."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cmcdesk.commands.instants import write_instant
from cmcdesk.rules.settings import Change, SettingsError, check_composition, describe, diff, is_same
from cmcdesk.store.desk.models import CompositionRow, RevisionRow

STATES = {
    "updating": {"ja": "更新中", "en": "Updating"},
    "operating": {"ja": "運用中", "en": "Operating"},
}
REVISION_STATES = {
    "applying": {"ja": "反映中", "en": "applying"},
    "applied": {"ja": "反映済み", "en": "applied"},
    "refused": {"ja": "反映できず", "en": "refused"},
    "interrupted": {"ja": "中断", "en": "interrupted"},
}
NONE = {"ja": "（なし）", "en": "(none)"}
SECRETS = ("api_key", "basic", "bearer")


def list_settings(row: CompositionRow, applied: dict[str, Any] | None, language: str) -> Iterator[str]:
    """The name with its state, then every setting that is saved."""
    yield f"{row.name}  {STATES['operating' if is_same(row.draft, applied) else 'updating'][language]}"
    for setting in describe():
        if setting.kind != "tables" and "[]" not in setting.path and setting.path != "name":
            value = _look_up(row.draft, setting.path)
            if value and setting.path.rpartition(".")[2] in SECRETS:
                value = "********"
            unit = f" {setting.unit[language]}" if setting.unit else ""
            yield f"  {setting.label[language]}: {_show(value, language)}{unit}"
    for one in row.draft["inbound_webhook"]:
        yield from _list_filter(one, language)


def list_changes(row: CompositionRow, applied: dict[str, Any] | None, language: str) -> Iterator[str]:
    """What reflecting would change; nothing where all is live."""
    try:
        changes = diff(check_composition(applied) if applied else None, check_composition(row.draft))
    except SettingsError as problem:  # saved by another version of the program
        yield row.name
        yield from (f"  {error.line(language)}" for error in problem.errors)
        return
    if changes:
        yield row.name
    for change in changes:
        yield f"  {_show_change(change, language)}"
        yield f"      {change.effect[language]}"


def list_history(
    row: CompositionRow, revisions: Iterable[RevisionRow], language: str, folder: Path | None = None
) -> Iterator[str]:
    """The name, then one line a revision: number, state, time, why it was refused."""
    yield row.name
    revisions = list(revisions)
    if not revisions:
        yield f"  {NONE[language]}"
    for revision in revisions:
        mark = "*" if revision.number == row.applied_number else " "
        state = REVISION_STATES.get(revision.state, {}).get(language, revision.state)
        at = write_instant(revision.at, folder)
        yield f"{mark} {revision.number:>4}  {at}  {state}  {revision.reason}".rstrip()


def _list_filter(one: Mapping[str, Any], language: str) -> Iterator[str]:
    labels = {setting.path: setting.label[language] for setting in describe()}
    yield f"  {labels['inbound_webhook']}: {one['name']}"
    for key, value in one.items():
        if key in SECRETS and value:
            value = "********"
        if key not in ("name", "condition") and value != "":
            yield f"    {labels[f'inbound_webhook[].{key}']}: {_show(value, language)}"
    for condition in one["condition"]:
        yield f"    {labels['inbound_webhook[].condition']}: {condition['header']}: {condition['pattern']}"


def _show_change(change: Change, language: str) -> str:
    label = change.label[language]
    if change.added or change.removed:
        told = [f"+ {member}" for member in change.added] + [f"- {member}" for member in change.removed]
        return f"{label}: {'  '.join(told)}"
    unit = f" {change.unit[language]}" if change.unit else ""
    return f"{label}: {_show(change.old, language)} → {_show(change.new, language)}{unit}"


def _show(value: Any, language: str) -> str:
    if value is None or value in ("", []):
        return NONE[language]
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _look_up(data: Mapping[str, Any], dotted: str) -> Any:
    value: Any = data
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
