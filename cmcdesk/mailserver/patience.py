"""How long a client may take, and how much of it may be useless, before its session is ended with 421: all ours.

CMC documents none of these. Without them as many slow or erring clients as there are sessions keep all others out.
"""

from dataclasses import dataclass

LOOK_SECONDS = 5.0  # between two looks of a session at its clocks
TURN_COMMANDS = 20  # of one session before the others have their turn
ERROR_LIMIT = 100  # useless commands (errors, EHLO, VRFY, EXPN, HELP, empty lines) of a session between two mails
TURNED_AWAY_LIMIT = 1000  # refused recipients likewise: as many as one mail may have, so that no mailing list is cut


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. idle: without a word (RFC 5321 §4.5.3.2.7 asks for at least five minutes), and from one step of a mail
    (EHLO, MAIL, a recipient, the end of DATA) to the next, for each recipient `recipient` more: a NOOP now and then
    is no step. line: for the rest of a command line that has begun. mail: for one DATA, and one second more for each
    `rate` octets that came."""

    idle: float = 300.0
    recipient: float = 1.0
    line: float = 60.0
    mail: float = 180.0
    rate: float = 4000.0

    @property
    def look(self) -> float:
        """Between two looks at the clocks."""
        return min(LOOK_SECONDS, self.idle / 4, self.line / 4, self.mail / 4)

    def give_mail(self, octets: int) -> float:
        """How long a DATA may last of which so many octets came."""
        return self.mail + octets / self.rate

    def give_step(self, recipients: int) -> float:
        """How long the next step of a mail with so many recipients may take."""
        return self.idle + recipients * self.recipient


class IdleClock:
    """What one session is waited for. Times are of one clock that only goes forward; it is given, never read here.
    octets_at: when octets came last that are no plain commands. line_at: when the line began of which a part came."""

    __slots__ = ("_patience", "_step", "_step_at", "line_at", "octets_at")

    def __init__(self, patience: Patience, now: float) -> None:
        self._patience = patience
        self._step = (0, 0)
        self._step_at = now
        self.octets_at = self.line_at = 0.0

    def is_silent(self, now: float, latest: float) -> bool:
        """latest: when something was last heard or said."""
        return now - max(self.octets_at, latest) > self._patience.idle

    def is_line_slow(self, now: float) -> bool:
        return now - self.line_at > self._patience.line

    def is_mail_slow(self, lasts: float, taken: int) -> bool:
        """lasts: seconds since DATA was answered; taken: octets that came."""
        return lasts > self._patience.give_mail(taken)

    def is_step_late(self, now: float, step: tuple[int, int], recipients: int) -> bool:
        """step: mails that were answered, and the step of the next one (`Commands.step`)."""
        if step > self._step:
            self._step, self._step_at = step, now
        return now - self._step_at > self._patience.give_step(recipients)
