"""What the sessions of one server share: its live settings, counts, the way to the writer and the refusal book."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import NamedTuple

from cmcdesk.mail.mime.fields import Fields, scan_fields
from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.mail.smtp.envelope import Envelope, Recipient
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.committer import Sender, WaitingMail
from cmcdesk.mailserver.dialogue import Recorder
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.patience import Patience
from cmcdesk.mailserver.tally import RefusalBook, SessionLane, Tally
from cmcdesk.rules.gates import Gate
from cmcdesk.rules.logins import LoginBook
from cmcdesk.rules.matching import decode_field_body
from cmcdesk.rules.policy import is_spam
from cmcdesk.store.maillog.insertion import Accepted, NewMail, NewRefusal
from cmcdesk.store.maillog.schema import ROUTE_BITS

SHOWN_OCTETS = 2048  # of Subject, From and Message-ID in lists; the mail itself has the rest
MEMORY_OCTETS = 512 << 20  # of all mails between their first octet and their commit (ours)


@dataclass(slots=True)
class InFlight:
    """Octets of mails that are neither on disk nor refused yet, over all sessions of all compositions."""

    octets: int = 0
    mails: int = 0

    def is_over(self) -> bool:
        return self.octets > MEMORY_OCTETS


@dataclass(slots=True)
class Shared:
    """One for the whole mail server."""

    submit: Callable[[WaitingMail], None]
    keep: Callable[[Accepted], None]
    refusals: RefusalBook
    session_numbers: Iterator[int]
    patience: Patience = field(default_factory=Patience)
    in_flight: InFlight = field(default_factory=InFlight)
    logins: LoginBook = field(default_factory=LoginBook)


@dataclass(slots=True)
class Origin:
    """Where mails and refusals come from: what of a session goes with them. number: over all compositions and starts;
    peer: address of the client."""

    number: int
    peer: str
    lane: SessionLane
    dialogue: Recorder


class Addressed(NamedTuple):
    """as_json: list of [address, route]; routes: bits of ROUTE_BITS; inbound: addresses of the inbound route."""

    as_json: str
    routes: int
    inbound: tuple[str, ...]


@lru_cache(maxsize=1024)
def describe_recipients(recipients: tuple[Recipient, ...]) -> Addressed:
    """All that a row and its deliveries need of the accepted recipients, in their order. Cached: senders write to the
    same few again."""
    routes = 0
    for recipient in recipients:
        routes |= ROUTE_BITS[recipient.route]
    inbound = tuple(recipient.address for recipient in recipients if recipient.route == "inbound")
    return Addressed(json.dumps(recipients, ensure_ascii=False), routes, inbound)


class Intake:
    """One server of a composition in one revision. A new revision makes a new Intake over the same Tally."""

    __slots__ = ("greeting", "in_flight", "live", "patience", "shared", "tally")

    def __init__(self, live: LiveSettings, shared: Shared, tally: Tally) -> None:
        self.live = live
        self.shared = shared
        self.tally = tally
        self.in_flight = shared.in_flight
        self.patience = shared.patience
        self.greeting = f"220 {live.hostname} ESMTP cmcdesk\r\n".encode("ascii")

    def meet(self, peer: str, opened_at: float) -> Origin:
        """A session that began then was greeted just now."""
        number = next(self.shared.session_numbers)
        return Origin(number, peer, self.tally.open_lane(number, opened_at), Recorder(opened_at, self.greeting))

    def leave(self, origin: Origin) -> None:
        """A session ended."""
        self.tally.close_lane(origin.lane)

    def take(self, origin: Origin, envelope: Envelope, octets: bytes | bytearray, sender: Sender) -> Reply | None:
        """A whole mail: the refusal, or None when it is on its way to the writer, which answers the sender."""
        live = self.live
        fields = scan_fields(octets, live.scanned)
        addressed = describe_recipients(tuple(envelope.recipients))
        reverse_path = envelope.sender or ""
        if addressed.inbound and is_spam(fields.get("from", ()), fields.get("to", ()), live.policy):
            self.note_refused(origin, "spam", reply.JUDGED_SPAM, reverse_path)
            return reply.JUDGED_SPAM
        mail = NewMail(
            time.time(), live.name, live.revision, origin.number, origin.peer, reverse_path,
            addressed.as_json, addressed.routes, _shown(fields, "subject"), _shown(fields, "from"),
            _shown(fields, "message-id"), octets, (), envelope.user or "", envelope.hello,
        )  # fmt: skip
        self.in_flight.octets += len(octets)
        self.in_flight.mails += 1
        self.shared.submit(WaitingMail(sender, mail, fields, live.filters, addressed.inbound))
        return None

    def settle(self, octets: int, outcome: Reply) -> None:
        """A mail of so many octets that `take` sent on its way is on disk (250) or will never be."""
        self.in_flight.octets -= octets
        self.in_flight.mails -= 1
        if outcome.code == 250:
            self.tally.octets += octets

    def note_accepted(self, origin: Origin, mail_id: int) -> None:
        """A 250 leaves; of some, what was said up to it is kept."""
        now = time.time()
        tally = self.tally
        tally.mails += 1
        origin.lane.accept(now)
        if tally.dialogues_left:
            tally.dialogues_left -= 1
            self.shared.keep(Accepted(mail_id, origin.number, origin.dialogue.take_mail(reply.STORED.line)))

    def note_refused(self, origin: Origin, gate: Gate, refusal: Reply, sender: str = "", recipient: str = "") -> None:
        """A refusal leaves: counted, drawn and recorded."""
        now = time.time()
        origin.lane.refuse(now)
        self._record(
            NewRefusal(
                now, self.live.name, gate, refusal.code, refusal.enhanced_status, refusal.text, origin.peer,
                origin.number, sender, recipient,
            ),
            partial(origin.dialogue.take_part, refusal.line),
        )  # fmt: skip

    def note_given_up(self, origin: Origin, gate: Gate, why: str) -> None:
        """A client ended it, with no reply that could tell (code 0), where it wanted what is not offered or trusted."""
        now = time.time()
        origin.lane.refuse(now)
        self._record(
            NewRefusal(now, self.live.name, gate, 0, "", why, origin.peer, origin.number, "", ""),
            partial(origin.dialogue.take_part, b""),
        )

    def note_login(self, origin: Origin, user: str, answer: Reply) -> None:
        """A client showed a user and a key, which were right (235) or not."""
        self.shared.logins.add(
            {
                "at": time.time(),
                "account": user,
                "via": f"{self.live.server} {self.live.name}",
                "peer": origin.peer,
                "code": answer.code,
                "result": "success" if answer.code < 400 else "failure",
                "reason": "" if answer.code < 400 else f"{answer.enhanced_status} {answer.text}",
                "count": 1,
            }
        )

    def note_session_refused(self, peer: str) -> None:
        """A connection over the limit was answered 421; it never became a session (number 0)."""
        refusal = reply.SESSION_LIMIT
        now = time.time()
        self.tally.turn_away(now)
        self._record(
            NewRefusal(
                now, self.live.name, "sessions", refusal.code, refusal.enhanced_status, refusal.text,
                peer, 0, "", "",
            )
        )  # fmt: skip

    def _record(self, refusal: NewRefusal, take_part: Callable[[], DialoguePart] | None = None) -> None:
        refusal.is_relay = self.live.server == "relay"
        self.tally.refused[refusal.gate] += 1
        self.shared.refusals.add(refusal, take_part)


def _shown(fields: Fields, name: str) -> str:
    """The first field of that name as lists show it; "" without one."""
    bodies = fields.get(name)
    return decode_field_body(bodies[0][:SHOWN_OCTETS]) if bodies else ""
