"""What the API takes and gives about mails, refusals and deliveries."""

from typing import Literal

from pydantic import Field

from cmcdesk.console.frame.api_shapes import JsonObject, Shape
from cmcdesk.mail.smtp.envelope import Route, Server
from cmcdesk.rules.gates import Gate

PAGE_LIMIT = 500


class Waiting(Shape):
    """A list that may be waited for."""

    wait: float = Field(0, ge=0, le=60, description="answer only when there are `count` rows, or after these seconds")
    count: int = Field(1, ge=1, le=PAGE_LIMIT, description="how many rows `wait` waits for")


class MailsQuery(Waiting):
    """Which mails: newest first before `before`, or oldest first after `after`."""

    before: int | None = None
    after: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    composition: str | None = None
    route: Route | None = None
    search: str | None = Field(None, max_length=200)
    search_in: Literal["fields", "text", "all"] = Field(
        "fields", description="fields: envelope, From, subject, Message-ID; text: of the mail; all: either"
    )
    recipient: str | None = Field(None, max_length=320, description="the whole address, in whatever case")
    subject: str | None = Field(None, max_length=200, description="a part of it, in whatever case")
    message_id: str | None = Field(None, max_length=998, description="with or without angle brackets")


class WaitQuery(Shape):
    """Wait until `count` mails after `after` are stored, or until the timeout (seconds) is over."""

    after: int = 0
    count: int = Field(1, ge=1, le=PAGE_LIMIT)
    timeout: float = Field(30, ge=0, le=60)
    composition: str | None = None


class MailPath(Shape):
    """A mail by its id."""

    id: int


class RecipientShape(Shape):
    """One recipient and its route: the one that the domain lists gave it, or relay, at the relay server."""

    address: str
    route: Route


class Mail(Shape):
    """One stored mail: its envelope, and the header fields that lists show."""

    id: int
    received_at: str = Field(description="ISO 8601, UTC")
    composition: str
    revision: int
    session: int | str
    peer: str
    sender: str = Field(description='MAIL FROM; "" is the null sender')
    recipients: list[RecipientShape]
    subject: str
    header_from: str = Field(alias="from")
    message_id: str
    size: int = Field(description="octets")


class Mails(Shape):
    """One page of mails; `next` is the `before` (or `after`) of the next page, null at the end. A page of a search may
    hold few mails, or none, and yet have a next one: it ends where its time does."""

    mails: list[Mail]
    next: int | None


class DialogueLine(Shape):
    """One line of a session, or the octets of one mail (their number; then `text` is null)."""

    at: float = Field(description="seconds since the connection was made")
    by: Literal["client", "server"]
    text: str | None
    octets: int | None


class DialogueShape(Shape):
    """What was said last in a session, up to the reply that refused, or to the 250 of a mail."""

    began_at: str = Field(description="when the connection was made; ISO 8601, UTC")
    is_cut: bool = Field(description="there were lines before these")
    lines: list[DialogueLine]


class MailDetail(Mail):
    """One mail and the beginning of what was read from its octets; dialogue: of its session up to its 250, null where
    none was kept, or is not any more."""

    message: JsonObject = Field(
        description="as `cmcdesk inbound read` gives it; cut: the names of what has more than is here; raw: all of it"
    )
    dialogue: DialogueShape | None


class JudgeQuery(Shape):
    """Against which settings."""

    settings: Literal["received", "saved"] = Field("received", description="received: under which the mail came")


class ConditionShape(Shape):
    """One condition and what became of it."""

    header: str
    pattern: str
    value: str | None = Field(description="decoded, the one that decided; null: the mail has no such header")
    verdict: Literal["match", "no_match", "no_header", "timeout"]
    whole: bool = Field(description="the pattern matches the value as a whole, not only a part of it")


class FilterShape(Shape):
    """One notification; fires: switched on, and all conditions match."""

    name: str
    enabled: bool
    fires: bool
    conditions: list[ConditionShape]


class JudgmentShape(Shape):
    """Why no filter matched, or which did. reason: why no condition counts at all, "" where they do."""

    settings: Literal["received", "saved"]
    reason: Literal["", "no_settings", "no_inbound_recipient", "no_filter"]
    filters: list[FilterShape]


class Purged(Shape):
    """How many mails were deleted."""

    purged: int


class RefusalQuery(Shape):
    """Which refusals, newest first."""

    before: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    composition: str | None = None
    gate: Gate | None = None
    recipient: str | None = Field(None, description="the whole address, in whatever case")


class Refusal(Shape):
    """A mail, or in a flood `count` of them, turned away at a gate with the reply that was given."""

    id: int
    at: str
    composition: str
    server: Server = Field(description="which one refused")
    gate: str
    code: int
    enhanced_status: str
    text: str
    peer: str
    session: int | str | None
    sender: str | None
    recipient: str | None
    count: int


class Refusals(Shape):
    """One page of refusals."""

    refusals: list[Refusal]
    next: int | None


class RefusalPath(Shape):
    """A refusal by its id."""

    id: int


class RefusalDetail(Refusal):
    """One refusal and its session's dialogue; null where none was kept, or is not any more."""

    dialogue: DialogueShape | None


class DeliveryQuery(Waiting):
    """Which deliveries: newest first before `before`, or oldest first after `after` (numbers)."""

    before: int | None = None
    after: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    state: Literal["waiting", "delivered", "given_up"] | None = None
    composition: str | None = None
    mail_id: int | None = None
    filter: str | None = None
    recipient: str | None = Field(None, description="the whole address, as the envelope had it")


class DeliveryPath(Shape):
    """A delivery by its stable id (the request header X-CMCDesk-Delivery)."""

    id: str


class Delivery(Shape):
    """One mail to one webhook."""

    id: str
    number: int = Field(description="in the order they were made: what before, after and next mean")
    kind: Literal["inbound", "event"]
    mail_id: int | None
    composition: str
    revision: int
    filter: str
    recipient: str
    state: Literal["waiting", "delivered", "given_up"]
    attempts: int
    due_at: str | None
    created_at: str
    finished_at: str | None


class Deliveries(Shape):
    """One page of deliveries; `next` is the `before` (or `after`) of the next page, null at the end."""

    deliveries: list[Delivery]
    next: int | None


class Attempt(Shape):
    """One try, as sent and as answered."""

    number: int
    at: str
    milliseconds: int
    outcome: Literal["delivered", "transient", "permanent"]
    status: int | None
    error: str | None
    request: str
    answer: str
    answer_headers: str | None = Field(None, description="Status line and header lines; null of before they were kept")


class DeliveryDetail(Delivery):
    """One delivery and all its tries, oldest first."""

    attempt_log: list[Attempt]
