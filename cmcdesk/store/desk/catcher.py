"""The webhook catcher's endpoints and what came to them, bounded in number, octets and age."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, defer

from cmcdesk.store.desk.models import CatcherRow, CaughtRow

# Ours: what is kept of all endpoints together; the oldest goes first.
KEPT_REQUESTS = 500
KEPT_OCTETS = 64 * 1024 * 1024
KEPT_SECONDS = 7 * 86400.0

MOST_ENDPOINTS = 50
LONGEST_NAME = 100
TOKEN_OCTETS = 16  # of chance in an address: it is what keeps other programs and pages from posting there


class TooManyEndpoints(Exception):
    """There are as many endpoints as there may be."""


@dataclass(frozen=True, slots=True)
class Caught:
    """One request as it came. at: unix seconds; path: what follows the token, with its slash and the query; headers:
    (name, value) in order; answered: the status sent, 0 for a connection that was closed without an answer."""

    catcher_id: int
    at: float
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    answered: int


def insert_endpoint(session: Session, name: str, at: float) -> CatcherRow:
    """A new endpoint that answers 200, with an address that nobody can guess. Raises TooManyEndpoints."""
    if (session.scalar(select(func.count()).select_from(CatcherRow)) or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    row = CatcherRow(token=secrets.token_urlsafe(TOKEN_OCTETS), name=name, answer="200", created_at=at)
    session.add(row)
    session.flush()
    return row


def list_endpoints(session: Session) -> list[CatcherRow]:
    """All, the first made first."""
    return list(session.scalars(select(CatcherRow).order_by(CatcherRow.id)))


def get_endpoint(session: Session, endpoint_id: int) -> CatcherRow | None:
    """By its number."""
    return session.scalar(select(CatcherRow).where(CatcherRow.id == endpoint_id))


def find_endpoint(session: Session, token: str) -> CatcherRow | None:
    """By the token of its address."""
    return session.scalar(select(CatcherRow).where(CatcherRow.token == token))


def delete_endpoint(session: Session, endpoint_id: int) -> bool:
    """With all that came to it. False: there is none of that number."""
    query = delete(CatcherRow).where(CatcherRow.id == endpoint_id).returning(CatcherRow.id)
    return session.scalar(query) is not None


def keep_caught(session: Session, requests: Sequence[Caught], at: float) -> None:
    """Add what came, but for endpoints that are gone, and forget what is beyond the bounds at `at` (unix seconds)."""
    known = set(session.scalars(select(CatcherRow.id)))
    session.add_all(
        CaughtRow(**asdict(request) | {"headers": [list(pair) for pair in request.headers], "size": len(request.body)})
        for request in requests
        if request.catcher_id in known
    )
    session.flush()
    forget_old(session, at)


def forget_old(session: Session, at: float) -> None:
    """Delete what is too old, and then the oldest until number and octets are within their bounds."""
    session.execute(delete(CaughtRow).where(CaughtRow.at < at - KEPT_SECONDS))
    octets = 0
    newest_first = session.execute(select(CaughtRow.id, CaughtRow.size).order_by(CaughtRow.id.desc())).all()
    for count, (number, size) in enumerate(newest_first):
        octets += size
        if count >= KEPT_REQUESTS or (octets > KEPT_OCTETS and count):
            session.execute(delete(CaughtRow).where(CaughtRow.id <= number))
            return


def clear_caught(session: Session, catcher_id: int) -> None:
    """Forget all that came to one endpoint."""
    session.execute(delete(CaughtRow).where(CaughtRow.catcher_id == catcher_id))


def list_caught(
    session: Session,
    catcher_id: int | None = None,
    limit: int = 50,
    *,
    before: int | None = None,
    after: int | None = None,
) -> list[CaughtRow]:
    """Newest first below id `before`; with `after`, oldest first above it. Without bodies; catcher_id None: of all."""
    order = CaughtRow.id.asc() if after is not None else CaughtRow.id.desc()
    query = select(CaughtRow).options(defer(CaughtRow.body)).order_by(order).limit(limit)
    if catcher_id is not None:
        query = query.where(CaughtRow.catcher_id == catcher_id)
    if before is not None:
        query = query.where(CaughtRow.id < before)
    if after is not None:
        query = query.where(CaughtRow.id > after)
    return list(session.scalars(query))


def count_caught(session: Session) -> dict[int, int]:
    """Endpoint's number → how many requests are kept of it."""
    query = select(CaughtRow.catcher_id, func.count()).group_by(CaughtRow.catcher_id)
    return {number: count for number, count in session.execute(query)}  # noqa: C416 (rows are no pairs to mypy)


def get_caught(session: Session, caught_id: int) -> CaughtRow | None:
    """One request, with its body."""
    return session.scalar(select(CaughtRow).where(CaughtRow.id == caught_id))
