"""`/api/v2/emails/send.json` and `bulk.json`: an order becomes mails, and the composition's relay server takes them as
from any client that shows an API user's key by SMTP AUTH. Answered once the last of them is on disk.

CMC's mail servers serve this API themselves: so the gates, limits and intervals of リレーサーバ設定 count here too.
What the relay refuses is answered in the form of the API's errors.
"""

import smtplib
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

from flask import current_app, request

from cmcdesk.console.cmc.calls import (
    NOT_ALLOWED,
    NOT_AUTHORIZED,
    NOT_REACHED,
    RELAY_REFUSED,
    REQUIRED,
    TOO_MANY,
    UNKNOWN_COMPOSITION,
    WRONG_USER,
    CmcError,
    CmcRefused,
    refuse_value,
)
from cmcdesk.console.cmc.email_message import ApiMail, Party, build_message
from cmcdesk.console.cmc.email_request import SendOrder, read_order
from cmcdesk.console.compositions.view import View, list_views
from cmcdesk.console.frame.current import current_services
from cmcdesk.rules.settings.plans import STANDARD_SUBDOMAINS
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.api_users import find_api_user
from cmcdesk.store.desk.database import reading

MOST_AT_ONCE = 10  # calls of one API user that are being answered; CMC's
LARGEST_CALL = 16 * 1024 * 1024  # octets of a body; ours
BULK_SESSIONS = 5  # at the relay for one call; ours
ONE_SESSION = 20  # recipients of a bulk call for which one more is not worth it
RELAY_SECONDS = 30.0  # for one reply: the longest interval is 10 s
OUR_DOMAIN = ".smtps.jp"
HELO = "localhost"
AUTH_FAILED, BUSY = 535, 421
TOO_LARGE_FOR_RELAY = 552


@dataclass(slots=True)
class OpenCalls:
    """How many calls of each API user are being answered now."""

    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def take(self, api_user: str) -> Iterator[None]:
        """For as long as one is answered. Raises CmcRefused where there are as many as may be."""
        with self.lock:
            if self.counts[api_user] >= MOST_AT_ONCE:
                message = tell("more than %(most)s connections at a time", most=MOST_AT_ONCE)
                raise CmcRefused(429, [CmcError(TOO_MANY, "api_user", message)])
            self.counts[api_user] += 1
        try:
            yield
        finally:
            with self.lock:
                self.counts[api_user] -= 1
                self.counts += Counter()  # forgets who has none


class RelayRefusal(Exception):
    """What the relay said to which command; code 0: it said nothing."""

    def __init__(self, code: int, text: str, field: str = "") -> None:
        super().__init__(f"{code} {text}")
        self.code, self.text, self.field = code, text, field


@dataclass(frozen=True, slots=True)
class Mailing:
    """One mail of an order: its envelope, and what it says under which Message-ID."""

    recipients: tuple[tuple[str, str], ...]  # parameter, address
    mail: ApiMail
    message_id: str


@dataclass(frozen=True, slots=True)
class Door:
    """The relay server of a composition, and who comes to it from where ("": wherever)."""

    place: tuple[str, int]
    source: str
    order: SendOrder

    @contextmanager
    def open(self) -> Iterator[smtplib.SMTP]:
        """A session that has shown the key. Raises RelayRefusal."""
        source = (self.source, 0) if self.source else None
        try:
            smtp = smtplib.SMTP(*self.place, HELO, RELAY_SECONDS, source_address=source)
        except smtplib.SMTPResponseException as refused:
            raise _refuse(refused.smtp_code, refused.smtp_error) from refused
        except OSError as error:
            raise RelayRefusal(0, str(error)) from error
        try:
            smtp.login(self.order.api_user, self.order.api_key)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        except smtplib.SMTPResponseException as refused:
            raise _refuse(refused.smtp_code, refused.smtp_error) from refused
        except (smtplib.SMTPException, OSError) as error:
            raise RelayRefusal(0, str(error)) from error
        finally:
            smtp.close()

    def hand_over(self, smtp: smtplib.SMTP, mailing: Mailing) -> None:
        """One mail; on disk when this returns. Raises RelayRefusal, and smtplib's exceptions."""
        octets = build_message(mailing.mail, mailing.message_id, time.time())
        _check(*smtp.mail(self.order.envelope_from, (f"SIZE={len(octets)}",)))
        for name, address in mailing.recipients:
            _check(*smtp.rcpt(address), name)
        _check(*smtp.data(octets))


def _check(code: int, text: bytes, field: str = "") -> None:
    if not 200 <= code < 300:
        raise _refuse(code, text, field)


def _refuse(code: int, text: bytes | str, field: str = "") -> RelayRefusal:
    return RelayRefusal(code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text, field)


def send_emails(name: str) -> str:
    """Answer one call of `emails/NAME` (send or bulk): the `id`, in angle brackets. Raises CmcRefused."""
    request.max_content_length = request.max_form_memory_size = LARGEST_CALL
    order = read_order(request, name == "bulk")
    open_calls: OpenCalls = current_app.extensions["cmc_open_calls"]
    with open_calls.take(order.api_user):
        views = list_views()
        view = find_addressed(views, request.host, order.composition)
        if not (order.api_user.isascii() and order.api_key.isascii()):
            raise explain_failed_auth(order, view.name)
        door = Door(_find_relay(view), find_source(request.remote_addr), order)
        mailings = list_mailings(order, name == "bulk", f"mta01.{name_host(view)}")
        sent = _hand_over_all(door, mailings, view.name)
    return sent[0].message_id


def name_host(view: View) -> str:
    """SUBDOMAIN.smtps.jp of what is live."""
    subdomain = view.live["subdomain"] or STANDARD_SUBDOMAINS.get(view.name, view.name)
    return f"{subdomain}{OUR_DOMAIN}".lower()


def find_addressed(views: Sequence[View], host: str, named: str) -> View:
    """The composition that a call is for: by host name, as at CMC; where the host is no name of CMC's, the one that
    server_composition names, or the only one (ours). Raises CmcRefused."""
    bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    listed = ", ".join(f"{view.name} ({name_host(view)})" for view in views)
    if bare.lower().endswith(OUR_DOMAIN):
        found = [view for view in views if name_host(view) == bare.lower()]
        if not found:
            message = tell("no server composition is %(host)s; there are: %(listed)s", host=bare, listed=listed)
            raise CmcRefused(404, [CmcError(UNKNOWN_COMPOSITION, "", message)])
        if named not in ("", found[0].name):
            raise refuse_value("server_composition", tell("is not that of the host name %(host)s", host=bare))
        return found[0]
    if not named and len(views) != 1:
        message = tell("is required where the host name does not say it; there are: %(listed)s", listed=listed)
        raise CmcRefused(400, [CmcError(REQUIRED, "server_composition", message)])
    found = [view for view in views if named in ("", view.name)]
    if not found:
        message = tell("there is no such server composition")
        raise CmcRefused(400, [CmcError(UNKNOWN_COMPOSITION, "server_composition", message)])
    return found[0]


def _find_relay(view: View) -> tuple[str, int]:
    host, _colon, port = (view.placement.relay or "").rpartition(":")
    if not host:
        message = tell("the relay server of %(name)s does not run", name=view.name)
        raise CmcRefused(503, [CmcError(NOT_REACHED, "", message)])
    return host.strip("[]"), int(port)


def find_source(peer: str | None) -> str:
    """The address from which the relay is asked: the caller's, where it is this machine's, so that it stands there."""
    try:
        return str(peer) if ip_address(peer or "").is_loopback and "." in str(peer) else ""
    except ValueError:
        return ""


def list_mailings(order: SendOrder, is_bulk: bool, host: str) -> list[Mailing]:
    """The mails of an order: one to all; in bulk one for each recipient, numbered in its Message-ID from the second on
    (ours)."""
    number = uuid.uuid4()
    mail = order.mail
    if not is_bulk:
        groups: tuple[tuple[str, tuple[Party, ...]], ...] = (("to", mail.to), ("cc", mail.cc), ("bcc", order.bcc))
        recipients = {party.address: (name, party.address) for name, group in groups for party in group}
        return [Mailing(tuple(recipients.values()), mail, f"<{number}@{host}>")]
    return [
        Mailing((("to", party.address),), mail.merge(party), f"<{number}{f'.{at}' if at > 1 else ''}@{host}>")
        for at, party in enumerate(mail.to, 1)
    ]


def _hand_over_all(door: Door, mailings: list[Mailing], name: str) -> list[Mailing]:
    """All of them, in several sessions where they are many. Raises CmcRefused at the first that is refused, which says
    how many were taken before."""
    crew = _Crew(door, iter(mailings))
    sessions = min(BULK_SESSIONS, 1 + len(mailings) // ONE_SESSION)
    if sessions == 1:
        crew.work(is_first=True)
    else:
        with ThreadPoolExecutor(sessions, "bulk") as pool:
            for at in range(sessions):
                pool.submit(crew.work, is_first=not at)
    if crew.refusal is not None:
        raise explain_refusal(crew.refusal, door.order, name, crew.taken if len(mailings) > 1 else None)
    return mailings


@dataclass(slots=True)
class _Crew:
    """Sessions that share the mails of one order; `refusal` ends all."""

    door: Door
    waiting: Iterator[Mailing]
    taken: int = 0
    refusal: RelayRefusal | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, is_first: bool) -> None:
        """One session. Another than the first does not mind that there is no place for it."""
        try:
            with ExitStack() as opened:
                try:
                    smtp = opened.enter_context(self.door.open())
                except RelayRefusal as refused:
                    if refused.code == BUSY and not is_first:
                        return
                    raise
                while (mailing := self._next()) is not None:
                    self.door.hand_over(smtp, mailing)
                    with self.lock:
                        self.taken += 1
        except RelayRefusal as refused:
            with self.lock:
                self.refusal = self.refusal or refused

    def _next(self) -> Mailing | None:
        with self.lock:
            return None if self.refusal else next(self.waiting, None)


def explain_refusal(refused: RelayRefusal, order: SendOrder, name: str, taken: int | None) -> CmcRefused:
    """The API's error for what the relay said; taken: mails of a bulk call that were taken before."""
    if refused.code == AUTH_FAILED:
        return explain_failed_auth(order, name)
    if not refused.code:
        status, code, message = 503, NOT_REACHED, tell("the relay server could not be asked: %(why)s", why=refused.text)
    else:
        said = f"{refused.code} {refused.text}".replace("\n", " ")
        status = 503 if refused.code < 500 else 413 if refused.code == TOO_LARGE_FOR_RELAY else 400
        code, message = RELAY_REFUSED, tell("the relay server of %(name)s refused it: %(said)s", name=name, said=said)
    if taken is not None:
        before = tell("%(message)s (mails taken before: %(taken)s)", message=message, taken=taken)
        message = before
    return CmcRefused(status, [CmcError(code, refused.field, message)])


def explain_failed_auth(order: SendOrder, name: str) -> CmcRefused:
    """Why the relay does not know this API user and key."""
    with reading(current_services().engine) as session:
        user = find_api_user(session, order.api_user, order.api_key)
        if user is None:
            return CmcRefused(401, [CmcError(WRONG_USER, "api_user", tell(NOT_AUTHORIZED))])
        if not user.smtp:
            message = tell("has no SMTP ticked, which sending needs")
        else:
            message = tell("may send at %(name)s once its settings are reflected", name=name)
        return CmcRefused(403, [CmcError(NOT_ALLOWED, "api_user", message)])
