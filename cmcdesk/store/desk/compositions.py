"""Compositions with their drafts and revisions. Functions take a session: the caller decides what is one transaction.

Settings are JSON in the shape of `Composition.as_data()`. Times are seconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.rules.settings import Composition, check_beside, is_same
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.store.desk.api_users import read_smtp_users
from cmcdesk.store.desk.audit import name_changes, note_operation
from cmcdesk.store.desk.models import CompositionRow, RevisionRow


@dataclass(frozen=True, slots=True)
class SavedComposition:
    """What is saved and what is live of one composition. applied: the settings that are live, None: never applied.
    smtp_users, live_smtp_users: API users with SMTP, name → what is kept of the key."""

    row: CompositionRow
    applied: StoredSettings | None
    smtp_users: dict[str, str]
    live_smtp_users: dict[str, str]

    @property
    def has_changes(self) -> bool:
        """Whether something is saved that is not reflected (更新中)."""
        return not is_same(self.applied, self.row.draft) or self.smtp_users != self.live_smtp_users


class UnknownComposition(LookupError):
    """No composition of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class UnknownRevision(LookupError):
    """The composition has no revision of that number."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{name} {number}")
        self.name, self.number = name, number


class StaleDraft(Exception):
    """Somebody saved since the given version was read; nothing was changed. `version`, `draft`: what is stored now."""

    def __init__(self, name: str, version: int, draft: StoredSettings) -> None:
        super().__init__(f"the draft of {name} was changed meanwhile; it is at version {version}")
        self.name, self.version, self.draft = name, version, draft


def list_compositions(session: Session) -> list[CompositionRow]:
    """All that are not removed, in the order that decides their addresses."""
    query = select(CompositionRow).where(CompositionRow.removed_at.is_(None))
    return list(session.scalars(query.order_by(CompositionRow.position, CompositionRow.id)))


def mark_saves(session: Session) -> tuple[object, ...]:
    """Values of which one differs after any save, 設定反映, adding or removing, whoever did it."""
    drafts, revisions = (
        func.sum(CompositionRow.draft_version),
        func.sum(func.coalesce(CompositionRow.applied_number, 0)),
    )
    query = select(func.count(), drafts, revisions).where(CompositionRow.removed_at.is_(None))
    count, saves, applied = session.execute(query).one()
    return count, saves or 0, applied or 0, tuple(read_smtp_users(session).items())


def get_composition(session: Session, name: str) -> CompositionRow:
    """One that is not removed. Raises UnknownComposition."""
    row = _find_row(session, name)
    if row is None or row.removed_at is not None:
        raise UnknownComposition(name)
    return row


def list_saved(session: Session) -> list[SavedComposition]:
    """Each composition, in order, beside what is live of it."""
    users = read_smtp_users(session)
    live = [(row, find_live(session, row)) for row in list_compositions(session)]
    return [
        SavedComposition(row, revision.settings if revision else None, users, revision.smtp_users if revision else {})
        for row, revision in live
    ]


def find_live(session: Session, row: CompositionRow) -> RevisionRow | None:
    """The revision that is live for that composition; None: never applied."""
    return None if row.applied_number is None else get_revision(session, row, row.applied_number)


def find_applied(session: Session, row: CompositionRow) -> StoredSettings | None:
    """The settings that are live for that composition."""
    revision = find_live(session, row)
    return revision.settings if revision else None


def seed_compositions(session: Session, compositions: Sequence[Composition], now: float) -> bool:
    """Give an empty desk.db its first compositions, as drafts. False: there were some already (even removed ones)."""
    if session.scalar(select(func.count()).select_from(CompositionRow)):
        return False
    for composition in compositions:
        insert_composition(session, composition, now)
    return True


def insert_composition(session: Session, composition: Composition, now: float) -> CompositionRow:
    """A new one at the end of the list, as a draft that was never applied. Raises SettingsError: name or subdomain is
    taken. One that was removed comes back with its history; its revision numbers go on."""
    check_beside(composition, [row.draft for row in list_compositions(session)])
    row = keep_row(session, composition, now)
    row.removed_at, row.applied_number = None, None
    row.position = 1 + max((other.position for other in list_compositions(session) if other is not row), default=-1)
    _write_draft(session, row, composition, now, "add")
    session.flush()
    return row


def keep_row(session: Session, composition: Composition, now: float) -> CompositionRow:
    """The row of that name, removed or not; a missing one is made as removed, so that it can hold revisions."""
    row = _find_row(session, composition.name)
    if row is None:
        row = CompositionRow(
            name=composition.name,
            position=0,
            draft=composition.as_data(),
            draft_version=1,
            draft_saved_at=now,
            removed_at=now,
        )
        session.add(row)
        session.flush()
    return row


def write_draft(
    session: Session, composition: Composition, now: float, version: int | None = None, operation: str = "save"
) -> int:
    """Save the draft of the composition of that name → its version, which moves only when the settings do.

    version: the one that was read; None saves whatever is there. operation: what the operation log calls it.

    Raises StaleDraft, UnknownComposition, and SettingsError when another composition has the subdomain.
    """
    row = get_composition(session, composition.name)
    if version is not None and version != row.draft_version:
        raise StaleDraft(row.name, row.draft_version, row.draft)
    check_beside(composition, [other.draft for other in list_compositions(session) if other is not row])
    _write_draft(session, row, composition, now, operation)
    return row.draft_version


def import_drafts(session: Session, compositions: Sequence[Composition], now: float) -> list[str]:
    """Save all as drafts: those there are, and new ones at the end; others stay → the names that are new.

    Raises SettingsError; run it in one transaction, then it is all or nothing.
    """
    named = {composition.name for composition in compositions}
    rows = {row.name: row for row in list_compositions(session)}
    others = [row.draft for row in rows.values() if row.name not in named]
    for index, composition in enumerate(compositions):
        check_beside(composition, others, f"composition[{index}]")
    for composition in compositions:
        if composition.name in rows:  # together they may swap subdomains, so none is checked against an old draft
            _write_draft(session, rows[composition.name], composition, now, "import")
    new = [composition for composition in compositions if composition.name not in rows]
    for composition in new:
        insert_composition(session, composition, now)
    return [composition.name for composition in new]


def list_revisions(session: Session, name: str) -> list[RevisionRow]:
    """The history of a composition, newest first. Raises UnknownComposition."""
    row = get_composition(session, name)
    query = select(RevisionRow).where(RevisionRow.composition_id == row.id)
    return list(session.scalars(query.order_by(RevisionRow.number.desc())))


def get_revision(session: Session, row: CompositionRow, number: int) -> RevisionRow:
    """One revision of a composition. Raises UnknownRevision."""
    query = select(RevisionRow).where(RevisionRow.composition_id == row.id, RevisionRow.number == number)
    revision = session.scalars(query).one_or_none()
    if revision is None:
        raise UnknownRevision(row.name, number)
    return revision


def find_settings(session: Session, name: str, number: int) -> StoredSettings | None:
    """The settings of one revision, of a composition that is there or was removed; None where it is not known."""
    row = _find_row(session, name)
    try:
        return get_revision(session, row, number).settings if row else None
    except UnknownRevision:
        return None


def find_draft(session: Session, name: str) -> StoredSettings | None:
    """What is saved now; None: there is no such composition (any more)."""
    row = _find_row(session, name)
    return row.draft if row and row.removed_at is None else None


def add_revision(session: Session, row: CompositionRow, composition: Composition, now: float) -> RevisionRow:
    """The next revision, in the state "applying", with the API users that have SMTP now."""
    newest = session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.composition_id == row.id))
    revision = RevisionRow(
        composition_id=row.id,
        number=(newest or 0) + 1,
        state="applying",
        settings=composition.as_data(),
        at=now,
        reason="",
        smtp_users=read_smtp_users(session),
    )
    session.add(revision)
    session.flush()
    return revision


def _find_row(session: Session, name: str) -> CompositionRow | None:
    return session.scalars(select(CompositionRow).where(CompositionRow.name == name)).one_or_none()


def _write_draft(session: Session, row: CompositionRow, composition: Composition, now: float, operation: str) -> None:
    draft = composition.as_data()
    if operation == "add":
        note_operation(session, "composition", operation, row.name)
    elif not is_same(row.draft, draft):
        note_operation(session, "settings", operation, row.name, name_changes(row.draft, draft))
    if not is_same(row.draft, draft):
        row.draft, row.draft_version = draft, row.draft_version + 1
    row.draft_saved_at = now
