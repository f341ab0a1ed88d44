"""Drafts of compositions: save, compare, apply, take back, add, remove; for pages and API alike. And a watch for saves
that did not come through this console: the command line writes into desk.db, and the pages shall show it.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cmcdesk.applying import ApplyRefused, roll_back
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.trouble import Refused, Told, tell_errors
from cmcdesk.rules.settings import (
    Change,
    Composition,
    SettingsError,
    check_composition,
    defaults_of,
    diff,
    diff_smtp_users,
    keep_secrets,
)
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.store.desk import compositions as store
from cmcdesk.store.desk.api_users import read_smtp_users
from cmcdesk.store.desk.compositions import UnknownComposition, UnknownRevision, mark_saves
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import RevisionRow

__all__ = ["DraftChanged", "UnknownComposition", "UnknownRevision"]

LOOK_SECONDS = 0.5  # one small query, however often the telemetry comes

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredDraft:
    """What is saved of one composition."""

    version: int
    settings: StoredSettings


class DraftChanged(Exception):
    """Another window or program saved meanwhile; `stored` is what is there now. Nothing changed."""

    def __init__(self, stored: StoredDraft) -> None:
        super().__init__(f"the draft is at version {stored.version}")
        self.stored = stored


def load_draft(name: str) -> StoredDraft:
    """Raises UnknownComposition."""
    with reading(current_services().engine) as session:
        row = store.get_composition(session, name)
        return StoredDraft(row.draft_version, row.draft)


def check_draft(data: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> Composition:
    """Settings of any origin as a composition, masks standing for the secrets of `stored`. Raises Refused."""
    try:
        return check_composition(keep_secrets(data, stored or {}))
    except SettingsError as error:
        raise Refused(tell_errors(error.errors)) from None


def save_draft(name: str, data: Mapping[str, Any], version: int | None) -> StoredDraft:
    """Save settings; name, plan and subdomain stay what they are where `data` leaves them out.

    Raises Refused, DraftChanged, UnknownComposition."""
    stored = load_draft(name)
    fixed = {key: stored.settings[key] for key in ("name", "plan", "subdomain")}
    composition = check_draft({**fixed, **data}, stored.settings)
    _check_identity(composition, stored.settings)
    try:
        with transaction(current_services().engine) as session:
            saved = store.write_draft(session, composition, time.time(), version)
    except store.StaleDraft as stale:
        raise DraftChanged(StoredDraft(stale.version, stale.draft)) from None
    except SettingsError as error:
        raise Refused(tell_errors(error.errors)) from None
    return StoredDraft(saved, composition.as_data())


def list_changes(name: str) -> list[Change]:
    """What 設定反映 would change. Raises UnknownComposition."""
    with reading(current_services().engine) as session:
        row = store.get_composition(session, name)
        live = store.find_live(session, row)
        users = diff_smtp_users(live.smtp_users if live else {}, read_smtp_users(session))
        return list_differences(live.settings if live else None, row.draft) + users


def list_differences(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Change]:
    """Between two settings of one composition (old None: never applied); [] where `new` cannot be read at all."""
    try:
        return diff(check_composition(old) if old else None, check_composition(keep_secrets(new, old or {})))
    except SettingsError:
        return []


def apply_draft(name: str) -> int:
    """設定反映: the number of the new revision. Raises Refused, UnknownComposition."""
    load_draft(name)
    try:
        return current_services().send_apply(name)
    except ApplyRefused as refused:
        raise Refused(tell_errors(refused.errors)) from None


def list_history(name: str) -> list[RevisionRow]:
    """Revisions, newest first. Raises UnknownComposition."""
    with reading(current_services().engine) as session:
        return store.list_revisions(session, name)


def take_back(name: str, number: int) -> StoredDraft:
    """An old revision's settings become the draft. Raises UnknownComposition, UnknownRevision, Refused."""
    try:
        roll_back(current_services().engine, name, number)
    except SettingsError as error:
        raise Refused(tell_errors(error.errors)) from None
    return load_draft(name)


def remove_composition(name: str) -> None:
    """Take a composition out of the list and end its listener. Raises Refused, UnknownComposition."""
    load_draft(name)
    try:
        current_services().send_remove(name)
    except ApplyRefused as refused:
        raise Refused(tell_errors(refused.errors)) from None


def add_composition(subdomain: str, name: str | None = None) -> StoredDraft:
    """A new Pro composition with the plan's defaults, named as its subdomain if no name is given. Raises Refused."""
    try:
        composition = defaults_of("pro", name or subdomain, subdomain)
        with transaction(current_services().engine) as session:
            row = store.insert_composition(session, composition, time.time())
            return StoredDraft(row.draft_version, row.draft)
    except SettingsError as error:
        raise Refused(tell_errors(error.errors)) from None


def import_compositions(compositions: Sequence[Composition]) -> None:
    """Save all as drafts, new ones at the end of the list; all or nothing. Raises Refused."""
    try:
        with transaction(current_services().engine) as session:
            store.import_drafts(session, compositions, time.time())
    except SettingsError as error:
        raise Refused(tell_errors(error.errors)) from None


def _check_identity(composition: Composition, stored: StoredSettings) -> None:
    """A draft belongs to its composition: name and plan stay. Raises Refused."""
    wrong = [
        Told(key, str(getattr(composition, key)), str(_("This stays %(value)s.", value=stored[key])))
        for key in ("name", "plan")
        if getattr(composition, key) != stored[key]
    ]
    if wrong:
        raise Refused(wrong)


class SettingsWatch:
    """Asked again and again whether settings were saved or reflected since it was asked before."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._looked_at = clock()
        self._mark = self._read()

    def has_changed(self) -> bool:
        """Whether there was a save since the last answer True; False too while it is not yet time to look again."""
        now = self._clock()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        before, self._mark, self._looked_at = self._mark, self._read(), now
        return self._mark != before

    def _read(self) -> tuple[object, ...] | None:
        try:
            with reading(self._engine) as session:
                return mark_saves(session)
        except SQLAlchemyError:  # told where somebody asks for a page
            log.debug("desk.db cannot be read", exc_info=True)
            return None
