"""操作ログ: who changed what, and who logged in. An operation is noted in the transaction of its change: there is no
change without its line, and no line without its change. Logins come in batches.

There is one local user; an account says by which way it came: "console" (the pages), "api" (a program with the token),
"cli" (a command), "cmcdesk" (the program itself), else an API user's name.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Engine, Index, Select, insert, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from cmcdesk.rules.logins import LoginBook, LoginTold
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import DeskBase

CONSOLE, API, CLI, PROGRAM = "console", "api", "cli", "cmcdesk"
KEPT_DAYS = 90  # CMC's (documented)
MOST_ROWS = 1_000_000  # of each log; ours
LONGEST_DETAIL = 300
MOST_WAITING = 10_000  # logins, while desk.db cannot be written

log = logging.getLogger(__name__)

#: Who acts in this thread; what no console and no worker did was a command.
_account: ContextVar[str] = ContextVar("account", default=CLI)


class LoginRow(DeskBase):
    """One login, or `count` of one second: as `rules.logins.LoginTold`."""

    __tablename__ = "login_log"
    __table_args__ = (Index("login_log_at", "at"), Index("login_log_account", "account", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float]
    account: Mapped[str]
    via: Mapped[str]
    peer: Mapped[str]
    code: Mapped[int]
    result: Mapped[str]
    reason: Mapped[str]
    count: Mapped[int]


class OperationRow(DeskBase):
    """One change. function: what was used ("settings", "api_user"), operation: what was done with it ("save",
    "reflect"), name: of the thing, detail: more of it, without secrets."""

    __tablename__ = "operation_log"
    __table_args__ = (Index("operation_log_at", "at"), Index("operation_log_account", "account", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float]
    account: Mapped[str]
    name: Mapped[str]
    function: Mapped[str]
    operation: Mapped[str]
    detail: Mapped[str]


def act_as(account: str) -> None:
    """From now on this thread acts for that account."""
    _account.set(account)


@contextmanager
def acting_as(account: str) -> Iterator[None]:
    """In the block it does."""
    before = _account.set(account)
    try:
        yield
    finally:
        _account.reset(before)


def note_operation(session: Session, function: str, operation: str, name: str = "", detail: str = "") -> None:
    """A line of the operation log, in the transaction of the change that it tells of."""
    row = OperationRow(
        at=time.time(),
        account=_account.get(),
        name=name,
        function=function,
        operation=operation,
        detail=detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL] + "…",
    )
    session.add(row)


def name_changes(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """Which settings differ, by their keys ("receiving.interval_ms, inbound_webhook"); their values are not told: a
    secret may be among them."""
    changed = []
    for key in (*new, *(key for key in old if key not in new)):
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            inner = (*after, *(each for each in before if each not in after))
            changed += [f"{key}.{each}" for each in inner if before.get(each) != after.get(each)]
        elif before != after:
            changed.append(key)
    return ", ".join(changed)


# -- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """since, until: unix seconds, the end exclusive; None: open. account: the whole name. before: the id
    of the last row of the page before."""

    since: float | None = None
    until: float | None = None
    account: str | None = None
    before: int | None = None


Row = TypeVar("Row", LoginRow, OperationRow)


def list_audit(session: Session, kind: type[Row], query: AuditQuery, limit: int = 50, skip: int = 0) -> list[Row]:
    """Newest first."""
    wanted: Select[Row] = select(kind)
    if query.since is not None:
        wanted = wanted.where(kind.at >= query.since)
    if query.until is not None:
        wanted = wanted.where(kind.at < query.until)
    if query.account is not None:
        wanted = wanted.where(kind.account == query.account)
    if query.before is not None:
        last = session.get(kind, query.before)
        wanted = wanted.where(tuple_(kind.at, kind.id) < (last.at, last.id) if last else kind.id < query.before)
    newest_first = wanted.order_by(kind.at.desc(), kind.id.desc())
    return list(session.scalars(newest_first.limit(limit).offset(skip)))


def list_accounts(session: Session, kind: type[Row], among: int = 500) -> list[str]:
    """Whose names stand in the newest rows."""
    newest = select(kind.account).order_by(kind.id.desc()).limit(among).subquery()
    return sorted(filter(None, session.scalars(select(newest.c.account).distinct())))


# -- logins ----------------------------------------------------------------------------------------------------------


class LoginKeeper:
    """Gathers logins from any thread; `flush`, called once a second or so, writes them in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._book = LoginBook()
        self._waiting: list[LoginTold] = []
        self._lost = 0

    def note(self, login: LoginTold) -> None:
        """One at the console; bounded here."""
        with self._lock:
            self._book.add(login)

    def take(self, told: Sequence[LoginTold]) -> None:
        """Those that the mail server tells, bounded there."""
        with self._lock:
            self._waiting += told
            self._lost += max(0, len(self._waiting) - MOST_WAITING)
            del self._waiting[MOST_WAITING:]

    def flush(self, now: float) -> None:
        """Write what is there. now: seconds since 1970; math.inf at the end. What cannot be written waits."""
        with self._lock:
            batch, self._waiting = [*self._waiting, *self._book.take(now)], []
        if not batch:
            return
        try:
            with transaction(self._engine) as session:
                session.execute(insert(LoginRow), [dict(each) for each in batch])
        except SQLAlchemyError as error:
            log.warning("logins wait to be written: %s", error)
            with self._lock:
                self._waiting = batch + self._waiting
            return
        if self._lost:
            log.warning("%d logins could not be kept while desk.db could not be written", self._lost)
            self._lost = 0
