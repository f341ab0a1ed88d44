"""What the sessions of one composition share: its live settings, counts, the way to the writer and the refusal book."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from cmcdesk.mail.mime.fields import Fields, scan_fields
from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.dialogue import Part
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.patience import Patience
from cmcdesk.mailserver.recipients import Addressed, describe_recipients
from cmcdesk.mailserver.refusals import RefusalBook
from cmcdesk.mailserver.tally import Lane, Tally
from cmcdesk.mailserver.waiting import WaitingMail
from cmcdesk.rules.gates import Gate
from cmcdesk.rules.matching import Decoder, decode_body
from cmcdesk.rules.spam import is_spam
from cmcdesk.store.maillog.insertion import NewMail, NewRefusal

if TYPE_CHECKING:
    from cmcdesk.mailserver.connection import Connection
    from cmcdesk.mailserver.session import ReceivingSession

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
    refusals: RefusalBook
    decode: Decoder
    session_numbers: Iterator[int]
    patience: Patience = field(default_factory=Patience)
    in_flight: InFlight = field(default_factory=InFlight)


class Intake:
    """One composition in one revision. A new revision makes a new Intake over the same Tally and sessions."""

    __slots__ = ("greeting", "in_flight", "live", "patience", "sessions", "shared", "tally")

    def __init__(self, live: LiveSettings, shared: Shared, tally: Tally, sessions: "set[ReceivingSession]") -> None:
        self.live = live
        self.shared = shared
        self.tally = tally
        self.sessions = sessions
        self.in_flight = shared.in_flight
        self.patience = shared.patience
        self.greeting = f"220 {live.hostname} ESMTP cmcdesk\r\n".encode("ascii")

    def is_full(self) -> bool:
        return len(self.sessions) >= self.live.max_sessions

    def next_session(self) -> int:
        return next(self.shared.session_numbers)

    def open_lane(self, number: int) -> Lane:
        self.tally.connected += 1
        return Lane(number, time.time())

    def leave(self, session: "Connection") -> None:
        """A session ended."""
        self.sessions.discard(session)
        self.tally.close_lane(session.lane)

    def take(self, session: "ReceivingSession", octets: bytes | bytearray) -> Reply | None:
        """A whole mail: the refusal, or None when it is on its way to the writer, which answers the session."""
        live = self.live
        fields = scan_fields(octets, live.scanned)
        addressed = describe_recipients(tuple(session.commands.recipients))
        if addressed.inbound and is_spam(fields.get("from", ()), fields.get("to", ()), live.policy):
            self.note_refused(session, "spam", reply.JUDGED_SPAM)
            return reply.JUDGED_SPAM
        mail = self._new_mail(session, fields, octets, addressed)
        self.in_flight.octets += len(octets)
        self.in_flight.mails += 1
        self.shared.submit(WaitingMail(session, mail, fields, live.filters, addressed.inbound))
        return None

    def settle(self, octets: int, outcome: Reply) -> None:
        """A mail of so many octets that `take` sent on its way is on disk (250) or will never be."""
        self.in_flight.octets -= octets
        self.in_flight.mails -= 1
        if outcome.code == 250:
            self.tally.octets += octets

    def _new_mail(
        self, session: "ReceivingSession", fields: Fields, octets: bytes | bytearray, addressed: Addressed
    ) -> NewMail:
        live, decode = self.live, self.shared.decode
        return NewMail(
            time.time(), live.name, live.revision, session.number, session.peer, session.commands.sender or "",
            addressed.as_json, addressed.routes, _shown(fields, "subject", decode), _shown(fields, "from", decode),
            _shown(fields, "message-id", decode), octets,
        )  # fmt: skip

    def note_accepted(self, session: "ReceivingSession") -> None:
        """A 250 leaves."""
        self.tally.mails += 1
        session.lane.accept(time.time())

    def note_refused(self, session: "Connection", gate: Gate, refusal: Reply, recipient: str = "") -> None:
        """A refusal leaves: counted, drawn and recorded."""
        now = time.time()
        session.lane.refuse(now)
        self._record(
            NewRefusal(
                now, self.live.name, gate, refusal.code, refusal.enhanced_status, refusal.text, session.peer,
                session.number, session.commands.sender or "", recipient,
            ),
            partial(session.dialogue.take_part, refusal.line),
        )  # fmt: skip

    def note_given_up(self, session: "Connection", gate: Gate, why: str) -> None:
        """A client ended it, with no reply that could tell (code 0), where it wanted what is not offered or trusted."""
        now = time.time()
        session.lane.refuse(now)
        self._record(
            NewRefusal(now, self.live.name, gate, 0, "", why, session.peer, session.number, "", ""),
            partial(session.dialogue.take_part, b""),
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

    def _record(self, refusal: NewRefusal, take_part: Callable[[], Part] | None = None) -> None:
        self.tally.refused[refusal.gate] += 1
        self.shared.refusals.add(refusal, take_part)


def _shown(fields: Fields, name: str, decode: Decoder) -> str:
    """The first field of that name as lists show it; "" without one."""
    bodies = fields.get(name)
    return decode_body(bodies[0][:SHOWN_OCTETS], decode) if bodies else ""
