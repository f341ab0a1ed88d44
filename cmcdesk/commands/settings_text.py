"""Settings, changes and revisions as lines for a terminal."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cmcdesk.commands.instants import tell_instant
from cmcdesk.rules.settings import Change, SettingsError, check_composition, describe, diff, diff_smtp_users
from cmcdesk.rules.settings.diff import NAMED_LISTS, SMTP_USERS
from cmcdesk.rules.stored_settings import StoredSettings, look_up
from cmcdesk.rules.texts import N_, translate
from cmcdesk.store.desk.compositions import SavedComposition
from cmcdesk.store.desk.models import CompositionRow, RevisionRow

STATES = {
    "updating": N_("Updating"),
    "operating": N_("Operating"),
}
REVISION_STATES = {
    "applying": N_("applying"),
    "applied": N_("applied"),
    "refused": N_("refused"),
    "interrupted": N_("interrupted"),
}
NONE = N_("(none)")
SECRETS = ("api_key", "basic", "bearer")


def write_settings(saved: SavedComposition, language: str) -> Iterator[str]:
    """The name with its state, then every setting that is saved."""
    draft = _complete(saved.row.draft)
    state = "updating" if saved.has_changes else "operating"
    yield f"{saved.row.name}  {translate(language, STATES[state])}"
    for setting in describe():
        if setting.kind != "tables" and "[]" not in setting.path and setting.path != "name":
            value = look_up(draft, setting.path)
            if value and setting.path.rpartition(".")[2] in SECRETS:
                value = "********"
            unit = f" {setting.unit[language]}" if setting.unit else ""
            yield f"  {setting.label[language]}: {_show(value, language)}{unit}"
    for path in NAMED_LISTS:
        for one in look_up(draft, path) or []:
            yield from _list_member(path, one, language)
    yield f"  {translate(language, SMTP_USERS)}: {_show(list(saved.smtp_users), language)}"


def write_changes(saved: SavedComposition, language: str) -> Iterator[str]:
    """What reflecting would change; nothing where all is live."""
    row, applied = saved.row, saved.applied
    try:
        changes = diff(check_composition(applied) if applied else None, check_composition(row.draft))
        changes += diff_smtp_users(saved.live_smtp_users, saved.smtp_users)
    except SettingsError as problem:  # saved by another version of the program
        yield row.name
        yield from (f"  {error.line(language)}" for error in problem.errors)
        return
    if changes:
        yield row.name
    for change in changes:
        yield f"  {_show_change(change, language)}"
        yield f"      {change.effect[language]}"


def write_history(
    row: CompositionRow, revisions: Iterable[RevisionRow], language: str, folder: Path | None = None
) -> Iterator[str]:
    """The name, then one line a revision: number, state, time, why it was refused."""
    yield row.name
    revisions = list(revisions)
    if not revisions:
        yield f"  {translate(language, NONE)}"
    for revision in revisions:
        mark = "*" if revision.number == row.applied_number else " "
        state = translate(language, REVISION_STATES.get(revision.state, revision.state))
        at = tell_instant(revision.at, folder)
        yield f"{mark} {revision.number:>4}  {at}  {state}  {revision.reason}".rstrip()


def _complete(draft: StoredSettings) -> StoredSettings:
    """With the defaults of settings that came after it was saved; as it is where it cannot be read."""
    try:
        return check_composition(draft).as_data()
    except SettingsError:
        return draft


def _list_member(path: str, one: Mapping[str, Any], language: str) -> Iterator[str]:
    labels = {setting.path: setting.label[language] for setting in describe()}
    yield f"  {labels[path]}: {one['name']}"
    for key, value in one.items():
        if key in SECRETS and value:
            value = "********"
        if key not in ("name", "condition") and value != "":
            yield f"    {labels[f'{path}[].{key}']}: {_show(value, language)}"
    for condition in one.get("condition", ()):
        yield f"    {labels[f'{path}[].condition']}: {condition['header']}: {condition['pattern']}"


def _show_change(change: Change, language: str) -> str:
    label = change.label[language]
    if change.added or change.removed:
        told = [f"+ {member}" for member in change.added] + [f"- {member}" for member in change.removed]
        return f"{label}: {'  '.join(told)}"
    unit = f" {change.unit[language]}" if change.unit else ""
    return f"{label}: {_show(change.old, language)} → {_show(change.new, language)}{unit}"


def _show(value: Any, language: str) -> str:
    if value is None or value in ("", []):
        return translate(language, NONE)
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
