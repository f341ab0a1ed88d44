"""What the API takes and gives: every answer is built from one of these, so that /openapi.json tells the truth. JSON as
strangers send it is read with bounds: what could not be stored or walked through is answered 400.
"""

import json
from datetime import UTC, datetime
from typing import Any, Literal

from flask.json.provider import DefaultJSONProvider
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from cmcdesk.pipe import MailServerState, WorkerState

JsonObject = dict[str, JsonValue]


class Shape(BaseModel):
    """Base of all of them; an operation of the API returns one (`console.app.ApiApp` makes JSON of it). A key that is
    not declared is an error, on the way in and on the way out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, from_attributes=True)

    def as_json(self) -> JsonObject:
        """The answer's JSON object."""
        return self.model_dump(mode="json", by_alias=True)


def format_instant(seconds: float | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC with milliseconds and `Z`."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FieldErrorShape(Shape):
    """One thing that is wrong: which field, what was given, what is allowed (in the language of Accept-Language)."""

    field: str
    given: str
    message: str


class Errors(Shape):
    """Why a request was not done. Nothing changed."""

    errors: list[FieldErrorShape]


COMMON: dict[Any, Any] = {401: Errors, 422: Errors}  # what any operation may answer


class OpeningAddress(Shape):
    """An address that opens the console once, within a minute."""

    url: str


class CompositionPath(Shape):
    """A サーバ構成 by its name."""

    name: str


class Status(Shape):
    """The program and its two other processes, each with its latest telemetry."""

    version: str
    mail_server: MailServerState
    worker: WorkerState
    without_interval: bool
    without_dispatch: bool


class Telemetry(Shape):
    """The latest counts that the mail server and the worker sent."""

    mail_server: MailServerState
    worker: WorkerState


class CompositionShape(Shape):
    """One サーバ構成 as its list shows it."""

    name: str
    plan: Literal["pro", "standard"]
    subdomain: str | None
    state: Literal["updating", "operating", "not_receiving"]
    reason: str | None = Field(description="Why it does not receive, with what mends it")
    receiving: str | None = Field(description='"host:port" of the receiving server')
    relay: str | None = Field(description='"host:port" of the relay server')
    relay_reason: str | None = Field(None, description="Why it does not relay, with what mends it")
    receiving_tls: str | None = Field(None, description="host:port of implicit TLS; null where it is not switched on")
    tls_reason: str | None = Field(None, description="why it does not, where it should receive over implicit TLS")
    applied_revision: int | None
    draft_version: int
    sessions: int = Field(description="SMTP sessions in use")


class Compositions(Shape):
    """All サーバ構成, in the order of their addresses."""

    compositions: list[CompositionShape]


class NewComposition(Shape):
    """A new Pro composition. Its name is its subdomain unless it is given."""

    subdomain: str
    name: str | None = None


class Draft(Shape):
    """What 保存 saved, and its version: give it back with the change, and a save of another in between is not lost.

    Secrets are masked; a mask that comes back keeps what is stored."""

    version: int
    settings: JsonObject


class DraftChange(Shape):
    """New settings of a composition. With `version`, the save is refused (409) if the draft changed since."""

    version: int | None = None
    settings: JsonObject


class DraftConflict(Draft):
    """The draft that was saved by another meanwhile."""

    errors: list[FieldErrorShape]


class ChangeShape(Shape):
    """One difference between what is applied and the draft, and what it does to mails."""

    field: str
    label: str
    old: JsonValue
    new: JsonValue
    effect: str


class WarningShape(Shape):
    """One setting that is taken, and what may come of it."""

    field: str
    value: str
    message: str


class Changes(Shape):
    """What 設定反映 would change, and what is taken but may not do what is meant."""

    changes: list[ChangeShape]
    warnings: list[WarningShape] = Field([], description="absent where there is none")

    def as_json(self) -> JsonObject:
        told = super().as_json()
        return told if self.warnings else {"changes": told["changes"]}


class RevisionNumber(Shape):
    """The number of a revision of one composition, from 1."""

    revision: int


class Revision(Shape):
    """One set of settings that was sent to the mail server."""

    number: int
    state: Literal["applying", "applied", "refused", "interrupted"]
    at: str
    settings: JsonObject


class Revisions(Shape):
    """History, newest first."""

    revisions: list[Revision]


class Rollback(Shape):
    """Which revision's settings become the draft."""

    number: int


DEEPEST = 100  # tables in tables; settings need five


class StrictJson(DefaultJSONProvider):
    """Flask's own, with bounds on what it reads."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError too for what is nested deeper than DEEPEST, and for half of a surrogate pair: such text can
        be written nowhere (RFC 8259 section 8.2)."""
        try:
            read = super().loads(s, **kwargs)
            json.dumps(read, ensure_ascii=False).encode("utf-8")
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except UnicodeEncodeError:
            raise ValueError("half of a surrogate pair") from None
        if is_deep(read, DEEPEST):
            raise ValueError("nested too deeply")
        return read


def is_deep(value: Any, limit: int) -> bool:
    """Whether lists and tables are nested deeper than `limit`."""
    inside = [value]
    for _ in range(limit):
        inside = [
            each
            for one in inside
            if isinstance(one, (dict, list))
            for each in (one.values() if isinstance(one, dict) else one)
        ]
        if not inside:
            return False
    return any(isinstance(one, (dict, list)) for one in inside)
