"""A mail made ready for the wire once, so that sending it many times costs no more than two writes."""

from collections.abc import Sequence

END_OF_DATA = b".\r\n"


class Prepared:
    """One mail as SMTP commands and dot-stuffed octets.

    ``sender`` is "" for the null reverse-path; ``octets`` are the mail as it is to arrive (CRLF line ends).
    ``size`` is the number of octets that arrive; ``declared_size`` (None: no SIZE parameter) is what MAIL says of it
    where the server offers SIZE, and may be a lie. A mail with ``stamped`` octets set is preceded by that many more.
    """

    __slots__ = ("_commands", "data", "declared_size", "octets", "recipients", "sender", "size")

    def __init__(
        self, sender: str, recipients: Sequence[str], octets: bytes, declared_size: int | None = None, stamped: int = 0
    ) -> None:
        self.sender = sender
        self.recipients = tuple(recipients)
        self.octets = octets if octets.endswith(b"\r\n") else octets + b"\r\n"
        self.size = len(self.octets) + stamped
        self.declared_size = declared_size
        self.data = stuff_dots(self.octets) + END_OF_DATA
        self._commands: dict[frozenset[str], tuple[bytes, ...]] = {}

    def commands(self, offers: frozenset[str]) -> tuple[bytes, ...]:
        """MAIL, RCPT … and DATA as lines, with the parameters that the EHLO answer ``offers`` (upper-case keywords)."""
        known = self._commands.get(offers)
        if known is None:
            known = self._commands[offers] = self._write_commands(offers)
        return known

    def _write_commands(self, offers: frozenset[str]) -> tuple[bytes, ...]:
        parameters = self._mail_parameters(offers)
        mail = b"MAIL FROM:<%b>%b\r\n" % (self.sender.encode(), parameters.encode())
        return (mail, *(b"RCPT TO:<%b>\r\n" % to.encode() for to in self.recipients), b"DATA\r\n")

    def _mail_parameters(self, offers: frozenset[str]) -> str:
        wanted = []
        if self.declared_size is not None and "SIZE" in offers:
            wanted.append(f" SIZE={self.declared_size}")
        if "8BITMIME" in offers and not self.octets.isascii():
            wanted.append(" BODY=8BITMIME")
        if "SMTPUTF8" in offers and not (self.sender + "".join(self.recipients)).isascii():
            wanted.append(" SMTPUTF8")
        return "".join(wanted)


def stuff_dots(octets: bytes) -> bytes:
    """Double the dot that begins a line (RFC 5321 §4.5.2)."""
    stuffed = octets.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
