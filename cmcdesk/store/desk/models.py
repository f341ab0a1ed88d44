"""The tables of desk.db, mapped on a plain SQLAlchemy base: the worker uses them without Flask.

Times are seconds since 1970 (UTC, float). Settings are JSON in the shape of one `[[composition]]` of the settings file.
mail.db is not here: it is the mail server's log (`store/maillog/log.py`).
"""

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cmcdesk.rules.stored_settings import StoredSettings


class DeskBase(DeclarativeBase):
    """The base given to flask-sqlalchemy and to alembic."""


class CompositionRow(DeskBase):
    """サーバ構成: its place in the list decides its loopback address; its draft is what 保存 saved."""

    __tablename__ = "composition"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int]
    draft: Mapped[StoredSettings] = mapped_column(JSON)
    draft_version: Mapped[int] = mapped_column(default=1)  # the later of two savers is told, not lost
    draft_saved_at: Mapped[float]
    applied_number: Mapped[int | None]  # the revision that is live; None: never applied
    removed_at: Mapped[float | None]  # a removed one keeps its row: mails that matched under its revisions look them up


class RevisionRow(DeskBase):
    """One set of settings that was sent to the mail server. Written before it is sent (state "applying"), so that a
    mail that matched under it can always be looked up; then "applied", "refused", or "interrupted" (the console ended
    before the mail server's answer was recorded). Which one is live is said by the composition's applied_number."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("composition_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    composition_id: Mapped[int] = mapped_column(ForeignKey("composition.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str]
    settings: Mapped[StoredSettings] = mapped_column(JSON)
    at: Mapped[float]
    reason: Mapped[str] = mapped_column(default="")  # why it was refused
    # API users with SMTP, name → what is kept of the key: they take effect by 設定反映, as the settings do
    smtp_users: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")


class DeliveryRow(DeskBase):
    """One call to one webhook: of kind "inbound" (one mail, one recipient, one filter) or "event" (payload ready)."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_due", "state", "composition", "filter", "due_at"),  # the due ones of each webhook, by seeks
        Index("delivery_state", "state", "number"),
        Index("delivery_mail", "mail_id"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)  # arrival order, for keyset paging
    id: Mapped[str] = mapped_column(unique=True)  # stable: X-CMCDesk-Delivery
    kind: Mapped[str] = mapped_column(default="inbound")
    mail_id: Mapped[int | None]
    composition: Mapped[str]
    revision: Mapped[int]
    filter: Mapped[str]
    recipient: Mapped[str]
    payload: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="waiting")  # waiting | delivered | given_up; gathering: not yet one
    due_at: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[float]
    finished_at: Mapped[float | None]


class AttemptRow(DeskBase):
    """One try of one delivery, as sent and as answered."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_delivery", "delivery_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_number: Mapped[int] = mapped_column(ForeignKey("delivery.number", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[float]
    milliseconds: Mapped[int]
    outcome: Mapped[str]  # delivered | transient | permanent
    status: Mapped[int | None]  # HTTP status; None: no answer
    error: Mapped[str | None]  # why there was no answer
    request: Mapped[str]  # request line, headers (secrets masked), first bytes of the content
    answer: Mapped[str]  # first bytes of the answer
    answer_headers: Mapped[str | None]  # its header lines, secrets masked; None: of before they were kept


class CursorRow(DeskBase):
    """How far a follower of mail.db came, moved in the transaction that holds what it made of the rows."""

    __tablename__ = "cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    log_id: Mapped[str]  # which mail.db: a new file starts again at 0
    position: Mapped[int]


class BounceRow(DeskBase):
    """One failed recipient of one bounce mail, as CMC's error log and bounces API show it."""

    __tablename__ = "bounce"
    __table_args__ = (
        UniqueConstraint("log_id", "mail_id", "ordinal"),
        Index("bounce_created", "created_at"),
        Index("bounce_recipient", "recipient"),
        # All that counts and the error graph look at, so that they need no row.
        Index("bounce_counted", "created_at", "final", "composition", "error_status", "override", "recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    log_id: Mapped[str]
    mail_id: Mapped[int]
    ordinal: Mapped[int]  # 0 for the first failed recipient of the mail
    composition: Mapped[str]
    created_at: Mapped[float]
    final: Mapped[bool]
    recipient: Mapped[str]
    error_status: Mapped[int]  # CMC's 1 … 11, 99
    override: Mapped[int | None]  # what a person said instead
    status: Mapped[str | None]  # RFC 3463
    reply: Mapped[str | None]  # three digits
    diagnostic: Mapped[str]
    evidence: Mapped[str]
    rule: Mapped[str]
    header_from: Mapped[str]
    message_id: Mapped[str]
    return_path: Mapped[str]
    subject: Mapped[str]
    api_data: Mapped[str]
    own_report: Mapped[bool] = mapped_column(default=False, server_default=false())  # of this MTA, come home


class ApiUserRow(DeskBase):
    """Who may call CMC's transaction API (`http_api`) and, with `smtp`, relay mails and call its send API.

    role: "admin" (API group administrator) or "user"; time_zone: an IANA name, of all dates of its calls; own_only: it
    sees only what itself sent."""

    __tablename__ = "api_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    api_user: Mapped[str] = mapped_column(unique=True)
    api_key: Mapped[str]  # its SHA-256
    created_at: Mapped[float]
    smtp: Mapped[bool] = mapped_column(default=False, server_default=false())
    http_api: Mapped[bool] = mapped_column(default=True, server_default=true())
    role: Mapped[str] = mapped_column(default="user", server_default="user")
    time_zone: Mapped[str] = mapped_column(default="Asia/Tokyo", server_default="Asia/Tokyo")
    own_only: Mapped[bool] = mapped_column(default=False, server_default=false())


class DeskSettingRow(DeskBase):
    """Settings of the desk itself (retention, language): key and JSON value."""

    __tablename__ = "desk_setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, object]] = mapped_column(JSON)


class CatcherRow(DeskBase):
    """One endpoint of the webhook catcher: its address ends in the token; answer: as `catcher.answer` writes it."""

    __tablename__ = "catcher"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    answer: Mapped[str] = mapped_column(default="200")
    created_at: Mapped[float]


class StrikeRow(DeskBase):
    """How often reading one mail ended the worker, or failed, by what read it."""

    __tablename__ = "strike"

    log_id: Mapped[str] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    at: Mapped[float]
    again: Mapped[bool]  # somebody asked to have it read again


class ReadMailRow(DeskBase):
    """One mail that a person has opened."""

    __tablename__ = "read_mail"

    log_id: Mapped[str] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(primary_key=True)


class ReadUpToRow(DeskBase):
    """Up to which mail of one mail.db all count as read."""

    __tablename__ = "read_up_to"

    log_id: Mapped[str] = mapped_column(primary_key=True)
    mail_id: Mapped[int]


class OutboundRow(DeskBase):
    """One recipient of one mail on its way out, relayed (log_id, mail_id: of mail.db) or of our own making (own_id)."""

    __tablename__ = "outbound"
    __table_args__ = (
        # What waits, by destination: each queue and the due ones of each are found by seeks.
        Index("outbound_due", "composition", "domain", "due_at", sqlite_where=text("due_at IS NOT NULL")),
        Index("outbound_state", "state", "id"),
        Index("outbound_mail", "mail_id"),
        Index("outbound_message", "message_id", sqlite_where=text("message_id <> ''")),
        Index("outbound_report", "own_id", sqlite_where=text("own_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    log_id: Mapped[str]
    mail_id: Mapped[int | None]
    own_id: Mapped[int | None]
    composition: Mapped[str]
    revision: Mapped[int]
    sender: Mapped[str]  # as MAIL will say it, rewritten; "": the null reverse-path
    recipient: Mapped[str]
    domain: Mapped[str]  # of the recipient: lower case, A-labels
    forwarded_by: Mapped[str] = mapped_column(default="")  # the filter of メール転送設定 that added this recipient
    api_user: Mapped[str] = mapped_column(default="", server_default=text("''"))  # who submitted it, if by SMTP AUTH
    # What events tell of the mail, kept here since mail.db may be purged before; "" on rows of earlier versions.
    header_from: Mapped[str] = mapped_column(default="", server_default=text("''"))
    message_id: Mapped[str] = mapped_column(default="", server_default=text("''"))
    subject: Mapped[str] = mapped_column(default="", server_default=text("''"))
    api_data: Mapped[str] = mapped_column(default="", server_default=text("''"))
    source_ip: Mapped[str] = mapped_column(default="", server_default=text("''"))
    state: Mapped[str] = mapped_column(default="queued")  # queued | deferred | succeeded | failed, CMC's words
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[float | None]  # None once it has ended
    queued_at: Mapped[float]
    ended_at: Mapped[float | None]
    host: Mapped[str] = mapped_column(default="")  # the mail server that answered last
    code: Mapped[int | None]  # of the last reply; None: there was no reply, `text` says why
    enhanced: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    command: Mapped[str] = mapped_column(default="")  # what the reply answered: "RCPT TO"
    error_status: Mapped[int | None]  # CMC's 1 … 11, 99 of one that failed
    report_id: Mapped[int | None]  # the mail of our own that told the sender of the failure


class OutboundAttemptRow(DeskBase):
    """One try of one outbound row: the last mail server that was asked, and its reply."""

    __tablename__ = "outbound_attempt"
    __table_args__ = (Index("outbound_attempt_row", "outbound_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[float]
    milliseconds: Mapped[int]
    host: Mapped[str]
    address: Mapped[str]
    code: Mapped[int | None]
    enhanced: Mapped[str]
    text: Mapped[str]
    command: Mapped[str]
    outcome: Mapped[str]  # delivered | transient | permanent


class OutboundOwnRow(DeskBase):
    """A mail that the MTA wrote itself: a report on outbound rows that failed (RFC 3464)."""

    __tablename__ = "outbound_own"

    id: Mapped[int] = mapped_column(primary_key=True)
    about_id: Mapped[int]  # the outbound row that failed; the first, where it tells of several
    made_at: Mapped[float]
    octets: Mapped[bytes]


class CaughtRow(DeskBase):
    """One request that came to the catcher, octet for octet."""

    __tablename__ = "caught"
    __table_args__ = (
        Index("caught_catcher", "catcher_id", "id"),
        {"sqlite_autoincrement": True},  # who polls for what is new must not meet a number twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catcher_id: Mapped[int] = mapped_column(ForeignKey("catcher.id", ondelete="CASCADE"))
    at: Mapped[float]
    method: Mapped[str]
    path: Mapped[str]  # what follows the token, query included; without it
    headers: Mapped[list[list[str]]] = mapped_column(JSON)  # [name, value] in the order they came
    size: Mapped[int]  # octets of the body
    answered: Mapped[int]  # status sent; 0: hung up
    body: Mapped[bytes]  # last: SQLite reads through a large value to get at what stands behind it
