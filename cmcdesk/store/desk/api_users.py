"""API users: who may call CMC's own API paths, and relay mails with SMTP AUTH.

Of a key only its SHA-256 is kept: it is shown once, when it is made."""

import hmac
import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TypedDict, Unpack
from zoneinfo import available_timezones

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cmcdesk.rules.passwords import digest_key
from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.models import ApiUserRow

KEY_OCTETS = 24  # of chance in a key that we make; as URL-safe text 32 characters
# CMC's are e-mail addresses; that other names are taken is ours.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+=~-]{0,253}")
KEY = re.compile(r"[!-~]{8,255}")
ROLES = ("admin", "user")


class BadApiUser(ValueError):
    """field: of the row; reason: "form" or "taken"."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class NewApiUser:
    """What is shown once."""

    api_user: str
    api_key: str


class ApiUserTerms(TypedDict, total=False):
    """What an API user may, and how it sees dates; columns of ApiUserRow, which has what is left out.

    smtp takes effect at the next 設定反映; all else at once."""

    role: str
    http_api: bool
    smtp: bool
    time_zone: str
    own_only: bool


@cache
def list_time_zones() -> tuple[str, ...]:
    """The IANA names that can be chosen."""
    return tuple(sorted(available_timezones()))


def create_api_user(
    session: Session, api_user: str, at: float, api_key: str = "", **terms: Unpack[ApiUserTerms]
) -> NewApiUser:
    """Add one; api_key "": one is made. api_user: 1-254 letters, digits, `._@+=~-`; api_key: 8-255 printable ASCII, no
    space (ours). at: unix seconds. Raises BadApiUser."""
    if not NAME.fullmatch(api_user):
        raise BadApiUser("api_user", "form")
    _check_terms(terms)
    key = _make_key(api_key)
    session.add(ApiUserRow(api_user=api_user, api_key=digest_key(key), created_at=at, **terms))
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise BadApiUser("api_user", "taken") from None
    note_operation(session, "api_user", "add", api_user, "SMTP" if terms.get("smtp") else "")
    return NewApiUser(api_user, key)


def _make_key(api_key: str) -> str:
    key = api_key or secrets.token_urlsafe(KEY_OCTETS)
    if not KEY.fullmatch(key):
        raise BadApiUser("api_key", "form")
    return key


def _check_terms(terms: ApiUserTerms) -> None:
    if terms.get("role", ROLES[0]) not in ROLES:
        raise BadApiUser("role", "form")
    zone = terms.get("time_zone")
    if zone is not None and zone not in list_time_zones():
        raise BadApiUser("time_zone", "form")


def list_api_users(session: Session) -> list[ApiUserRow]:
    """All, by name."""
    return list(session.scalars(select(ApiUserRow).order_by(ApiUserRow.api_user)))


def get_api_user(session: Session, api_user: str) -> ApiUserRow | None:
    """One by its name."""
    return session.scalar(select(ApiUserRow).where(ApiUserRow.api_user == api_user))


def change_api_user(session: Session, api_user: str, **terms: Unpack[ApiUserTerms]) -> bool:
    """Change what is given. False: there is none of that name. Raises BadApiUser."""
    _check_terms(terms)
    if not terms:
        return get_api_user(session, api_user) is not None
    query = update(ApiUserRow).where(ApiUserRow.api_user == api_user).values(**terms).returning(ApiUserRow.id)
    is_known = session.scalar(query) is not None
    if is_known:
        note_operation(session, "api_user", "change", api_user, ", ".join(terms))
    return is_known


def change_api_key(session: Session, api_user: str, api_key: str = "") -> str | None:
    """Give one another key, which is made where it is ""; the key, None: there is none of that name. For SMTP the old
    one counts until the next 設定反映. Raises BadApiUser."""
    key = _make_key(api_key)
    change = update(ApiUserRow).where(ApiUserRow.api_user == api_user).values(api_key=digest_key(key))
    if session.scalar(change.returning(ApiUserRow.id)) is None:
        return None
    note_operation(session, "api_user", "change", api_user, "api_key")
    return key


def read_smtp_users(session: Session) -> dict[str, str]:
    """Who may relay: name → what is kept of the key."""
    query = select(ApiUserRow.api_user, ApiUserRow.api_key).where(ApiUserRow.smtp).order_by(ApiUserRow.api_user)
    return {row.api_user: row.api_key for row in session.execute(query)}


def remove_api_user(session: Session, api_user: str) -> bool:
    """False: there was none of that name."""
    query = delete(ApiUserRow).where(ApiUserRow.api_user == api_user).returning(ApiUserRow.id)
    is_known = session.scalar(query) is not None
    if is_known:
        note_operation(session, "api_user", "remove", api_user)
    return is_known


def find_api_user(session: Session, api_user: str, api_key: str) -> ApiUserRow | None:
    """Whose name and key these are; takes as long for a name that there is as for one that there is not."""
    user = get_api_user(session, api_user)
    is_same = hmac.compare_digest(digest_key(api_key), user.api_key if user else digest_key(""))
    return user if is_same else None
