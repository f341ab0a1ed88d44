"""The steps of the SMTP commands (RFC 5321 §4.1): each decides, changes the transaction, and returns the reply to send.

Synchronous and shared by both ways of a session: the plain path of `session.py` and aiosmtpd's loop (`connection.py`).
"""

from collections.abc import Mapping
from typing import Protocol

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.command_line import (
    LONGEST,
    PathArgument,
    check_mail_parameters,
    parse_mail_argument,
    parse_rcpt_argument,
    read_plain,
)
from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.patience import ERROR_LIMIT, TURNED_AWAY_LIMIT
from cmcdesk.rules.gates import Gate

RECIPIENT_LIMIT = 1000  # ours; RFC 5321 §4.5.3.1.8 asks for at least 100


class SessionHooks(Protocol):
    """What the steps may do to their session."""

    def begin_octets(self) -> None: ...
    def begin_leaving(self) -> None: ...
    def note_refused(self, gate: Gate, refusal: Reply, recipient: str = "") -> None: ...


class Commands:
    """The transaction of one session. sender: None before MAIL, "" for the null reverse-path. user: None before AUTH.
    has_tried: something more than greetings was asked for."""

    __slots__ = (
        "_bar", "_denial", "_errors", "_hooks", "_live", "_peer", "_turned_away", "had_foreign_recipient",
        "has_tried", "hello", "is_secure", "is_utf8", "mails", "recipients", "sender", "user",
    )  # fmt: skip

    def __init__(self, hooks: SessionHooks, live: LiveSettings) -> None:
        self._hooks = hooks
        self._live = live
        self.hello = ""
        self.mails = 0  # that were answered, whatever the answer
        self._errors = self._turned_away = 0  # since the last of them
        self.has_tried = self.is_secure = False
        self.user: str | None = None
        self._bar = live.protection.find_bar(False, False)
        self.meet("")
        self.reset()

    def meet(self, peer: str) -> None:
        """The client's address; before it is known, it is none."""
        self._peer = peer
        self._decide()

    def _decide(self) -> None:
        """Whether what is known of the client is enough to relay."""
        admission = self._live.admission
        self._denial = admission.find_denial(self._peer, self.user is not None) if admission else None

    @property
    def step(self) -> int:
        """How near the session is to its next mail: 0 … 3."""
        return 3 if self.recipients else 2 if self.sender is not None else 1 if self.hello else 0

    def end_mail(self) -> None:
        """A mail was answered."""
        self.mails += 1
        self._errors = self._turned_away = 0
        self.reset()

    def answer_error(self, answer: Reply) -> Reply:
        """The answer to a command that brings no mail nearer, or, when there were too many of them, the farewell."""
        self._errors += 1
        if self._errors <= ERROR_LIMIT and answer is not reply.TOO_MANY_UNKNOWN:
            return answer
        return self._give_up(reply.TOO_MANY_UNKNOWN if answer is reply.TOO_MANY_UNKNOWN else reply.TOO_MANY_ERRORS)

    def answer_aside(self, answer: Reply) -> Reply:
        """Like `answer_error`; where STARTTLS is required, no such command is answered before it (RFC 3207 §4)."""
        return self.answer_error(reply.STARTTLS_FIRST if self._bar is reply.STARTTLS_FIRST else answer)

    def _give_up(self, farewell: Reply) -> Reply:
        self.has_tried = True
        self._hooks.note_refused("errors", farewell)
        self._hooks.begin_leaving()
        return farewell

    def _turn_away(self, refusal: Reply) -> Reply:
        """A recipient is refused, or a mail at its MAIL."""
        self._turned_away += 1
        return refusal if self._turned_away <= TURNED_AWAY_LIMIT else self._give_up(reply.TOO_MANY_ERRORS)

    def _turn_recipient_away(self, gate: Gate, refusal: Reply, address: str) -> Reply:
        """A recipient is refused at a gate."""
        self.had_foreign_recipient = True
        answer = self._turn_away(refusal)
        if answer is refusal:
            self._hooks.note_refused(gate, refusal, address)
        return answer

    def reset(self) -> None:
        """RFC 5321 §4.1.1.5: forget sender and recipients."""
        self.sender: str | None = None
        self.recipients: list[Recipient] = []
        self.had_foreign_recipient = False
        self.is_utf8 = False

    def answer_plain(self, line: bytes) -> bytes | None:
        """The reply to a command line that is plain; None: leave it to aiosmtpd's loop."""
        plain = read_plain(line) if len(line) <= LONGEST else None
        if plain is None:
            return None
        verb, argument, parameters = plain
        if verb == "RCPT":
            return self.open_recipient(argument).line
        if verb == "MAIL":
            return self.open_transaction(argument, parameters).line
        if verb == "DATA":
            return self.data("").line
        return self._answer_other(verb, argument)

    def _answer_other(self, verb: str, argument: str) -> bytes:
        if verb == "EHLO":
            return self.ehlo(argument)
        if verb == "HELO":
            return self.helo(argument)
        if verb == "QUIT":
            return self.quit("").line
        return self.rset("").line if verb == "RSET" else reply.NOOP_OK.line

    def ehlo(self, argument: str) -> bytes:
        return self._greet(
            argument, reply.EHLO_SYNTAX, self._live.secure_ehlo_lines if self.is_secure else self._live.ehlo_lines
        )

    def helo(self, argument: str) -> bytes:
        return self._greet(argument, reply.HELO_SYNTAX, f"250 {self._live.hostname}\r\n".encode("ascii"))

    def _greet(self, argument: str, syntax: Reply, greeting: bytes) -> bytes:
        answer = self.answer_error(syntax)  # also a good one: a session needs few of them
        if not argument or answer is not syntax:
            return answer.line
        self.hello = argument if argument.isascii() else _write_readable(argument)
        self.reset()
        return greeting

    def mail(self, argument: str) -> Reply:
        parsed = self._begin_mail() or parse_mail_argument(argument)
        if isinstance(parsed, Reply):
            return self.answer_error(parsed)
        non_ascii = self._non_ascii(parsed)
        return self.answer_error(non_ascii) if non_ascii else self.open_transaction(parsed.address, parsed.parameters)

    def open_transaction(self, sender: str, parameters: Mapping[str, str]) -> Reply:
        early = self._begin_mail()
        if early:
            return self.answer_error(early)
        if self.sender is not None:
            return self.answer_error(reply.NESTED_MAIL)
        refusal = self._check_parameters(parameters) if parameters else None
        if refusal is reply.TOO_BIG:
            self.sender = sender
            self._hooks.note_refused("size", refusal)
            self.sender = None
            return self._turn_away(refusal)
        if refusal:
            return self.answer_error(refusal)
        self.sender = sender
        self.is_utf8 = "SMTPUTF8" in parameters
        return reply.SENDER_OK

    def _check_parameters(self, parameters: Mapping[str, str]) -> Reply | None:
        return check_mail_parameters(parameters, self._live.size_limit, self._live.protection.auth != "off")

    def _non_ascii(self, parsed: PathArgument) -> Reply | None:
        """RFC 6531 §3.5: without SMTPUTF8 an address is ASCII; with it, it is UTF-8."""
        if parsed.address.isascii():
            return None
        if "SMTPUTF8" not in parsed.parameters:
            return reply.NON_ASCII_ADDRESS
        return reply.BAD_SENDER_SYNTAX if _holds_surrogates(parsed.address) else None

    def _in_order(self, needed: Reply | None) -> Reply | None:
        self.has_tried = True
        if not self.hello:
            return reply.HELLO_FIRST
        if self._bar is not None:
            return self._bar
        return needed if self.sender is None else None

    def _begin_mail(self) -> Reply | None:
        early = self._in_order(None)
        if early is not None and early is self._bar:
            self._hooks.note_refused("tls" if early is reply.STARTTLS_FIRST else "auth", early)
        return early

    def starttls(self, argument: str) -> Reply:
        """READY_FOR_TLS, or why not."""
        self.has_tried = True
        if self.is_secure:
            return self.answer_error(reply.TLS_ALREADY)
        if self._live.protection.starttls == "off":
            self._hooks.note_refused("tls", reply.NO_STARTTLS)
            return self.answer_error(reply.NO_STARTTLS)
        return self.answer_error(reply.NO_ARGUMENT) if argument else reply.READY_FOR_TLS

    def begin_secure(self) -> None:
        """Under TLS a session begins anew: nothing of what was said before counts (RFC 3207 §4.2)."""
        self.hello = ""
        self.is_secure = True
        self.take_user(None)
        self.reset()

    def refuse_auth(self) -> Reply | None:
        """Why AUTH cannot be tried now; None: it can."""
        self.has_tried = True
        protection = self._live.protection
        if protection.auth == "off":
            return reply.NO_AUTH
        if not self.hello:
            return reply.HELLO_FIRST
        if not protection.allows_auth(self.is_secure):
            return reply.ENCRYPTION_FIRST
        return None if self.user is None and self.sender is None else reply.AUTH_DONE_ALREADY

    def take_user(self, user: str | None) -> None:
        """Who has shown the right password."""
        self.user = user
        self._bar = self._live.protection.find_bar(self.is_secure, user is not None)
        self._decide()

    def rcpt(self, argument: str) -> Reply:
        parsed = self._in_order(reply.MAIL_FIRST) or parse_rcpt_argument(argument)
        if isinstance(parsed, Reply):
            return self._turn_away(parsed)
        if _holds_surrogates(parsed.address):
            return self._turn_away(reply.BAD_RECIPIENT_SYNTAX)
        if not parsed.address.isascii() and not self.is_utf8:
            return self._turn_away(reply.NON_ASCII_ADDRESS)  # RFC 6531 §3.5
        return self._turn_away(reply.UNKNOWN_PARAMETER) if parsed.parameters else self.open_recipient(parsed.address)

    def open_recipient(self, address: str) -> Reply:
        early = self._in_order(reply.MAIL_FIRST)
        if early:
            return self._turn_away(early)
        if self._denial is not None:
            return self._turn_recipient_away("relay", self._denial, address)
        recipient = self._live.recipient_of(address)
        if recipient is None:
            return self._turn_recipient_away("domain", self._live.no_route, address)
        if len(self.recipients) >= RECIPIENT_LIMIT:
            return reply.TOO_MANY_RECIPIENTS
        if recipient not in self.recipients:
            self.recipients.append(recipient)
        return reply.RECIPIENT_OK

    def data(self, argument: str) -> Reply:
        early = self._in_order(reply.MAIL_FIRST)
        if early:
            return self.answer_error(early)
        if argument:
            return self.answer_error(reply.NO_ARGUMENT)
        if not self.recipients:  # refused recipients were counted already
            return reply.NO_VALID_RECIPIENTS if self.had_foreign_recipient else self.answer_error(reply.RCPT_FIRST)
        self._hooks.begin_octets()
        return reply.START_MAIL_INPUT

    def rset(self, argument: str) -> Reply:
        if argument or self._bar is reply.STARTTLS_FIRST:
            return self.answer_aside(reply.NO_ARGUMENT)
        self.reset()
        return reply.RESET_OK

    def quit(self, argument: str) -> Reply:
        if argument:
            return self.answer_error(reply.NO_ARGUMENT)
        self._hooks.begin_leaving()
        return reply.GOODBYE

    def vrfy(self, argument: str) -> Reply:
        self.has_tried = True
        return self.answer_error(self._bar or (reply.CANNOT_VERIFY if argument else reply.VRFY_SYNTAX))


def _write_readable(name: str) -> str:
    """Some computers greet with their names in Shift_JIS: no mail is refused for a wrong name (RFC 5321 §4.1.4), and
    the store takes characters alone."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _holds_surrogates(address: str) -> bool:
    """Whether octets that are no UTF-8 came with it (surrogateescape)."""
    return any("\ud800" <= character <= "\udfff" for character in address)
