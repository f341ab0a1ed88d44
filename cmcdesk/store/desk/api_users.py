"""API users: who may call CMC's own API paths, and relay mails with SMTP AUTH.

Of a key only its SHA-256 is kept: it is shown once, when it is made."""

import hmac
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cmcdesk.rules.passwords import digest_key
from cmcdesk.store.desk.models import ApiUserRow

KEY_OCTETS = 24  # of chance in a key that we make; as URL-safe text 32 characters
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
KEY = re.compile(r"[!-~]{8,255}")


class BadApiUser(ValueError):
    """field: api_user or api_key; reason: "form" or "taken"."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class NewApiUser:
    """What is shown once."""

    api_user: str
    api_key: str


def create_api_user(session: Session, api_user: str, at: float, api_key: str = "", *, smtp: bool = False) -> NewApiUser:
    """Add one; api_key "": one is made. api_user: 1-64 letters, digits, `._@-`; api_key: 8-255 printable ASCII, no
    space (ours). at: unix seconds. smtp: may relay too, once the settings are reflected. Raises BadApiUser."""
    if not NAME.fullmatch(api_user):
        raise BadApiUser("api_user", "form")
    key = api_key or secrets.token_urlsafe(KEY_OCTETS)
    if not KEY.fullmatch(key):
        raise BadApiUser("api_key", "form")
    session.add(ApiUserRow(api_user=api_user, api_key=digest_key(key), created_at=at, smtp=smtp))
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise BadApiUser("api_user", "taken") from None
    return NewApiUser(api_user, key)


def list_api_users(session: Session) -> list[ApiUserRow]:
    """All, by name."""
    return list(session.scalars(select(ApiUserRow).order_by(ApiUserRow.api_user)))


def allow_smtp(session: Session, api_user: str, smtp: bool) -> bool:
    """Whether that user may relay, from the next 設定反映 on. False: there is none of that name."""
    query = update(ApiUserRow).where(ApiUserRow.api_user == api_user).values(smtp=smtp).returning(ApiUserRow.id)
    return session.scalar(query) is not None


def read_smtp_users(session: Session) -> dict[str, str]:
    """Who may relay: name → what is kept of the key."""
    query = select(ApiUserRow.api_user, ApiUserRow.api_key).where(ApiUserRow.smtp).order_by(ApiUserRow.api_user)
    return {row.api_user: row.api_key for row in session.execute(query)}


def remove_api_user(session: Session, api_user: str) -> bool:
    """False: there was none of that name."""
    query = delete(ApiUserRow).where(ApiUserRow.api_user == api_user).returning(ApiUserRow.id)
    return session.scalar(query) is not None


def find_api_user(session: Session, api_user: str, api_key: str) -> ApiUserRow | None:
    """Whose name and key these are; takes as long for a name that there is as for one that there is not."""
    user = session.scalar(select(ApiUserRow).where(ApiUserRow.api_user == api_user))
    is_same = hmac.compare_digest(digest_key(api_key), user.api_key if user else digest_key(""))
    return user if is_same else None
