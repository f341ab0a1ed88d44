"""What was said in a session, kept as it was read and written, and made readable only when a refusal or a mail is
recorded.

A session answers a mail in some 15 µs, so all that it does here is one `append` a read and a write. A refusal takes
what is new since the one before (a part): its cost is that of the lines since then, and a flood writes no line twice.
"""

from collections import deque
from collections.abc import Sequence
from time import monotonic

from cmcdesk.mail.smtp.dialogue import (
    EXCHANGES,
    HIDDEN,
    DialoguePart,
    Line,
    encode_lines,
    hide_secret,
    keep_last,
    tell_command,
    tell_reply,
)

OCTETS_KEPT = 4096  # of one read
END = b"\r\n"

# When; what was heard: command lines, or the number of octets of a mail; the replies, one a line; how many of both an
# earlier part has told already. A list of replies is that of commands that are being answered now.
Entry = tuple[float, bytes | int, Sequence[bytes], int]


class Recorder:
    """One session's. opened_at: seconds since 1970; at the same time `greeting` was written."""

    __slots__ = ("_entries", "_first", "_hides_all", "_is_after_auth", "_is_told", "_opened", "_part", "opened_at")

    def __init__(self, opened_at: float, greeting: bytes) -> None:
        self.opened_at = opened_at
        self._opened = monotonic()
        self._first: Entry = (self._opened, b"", (greeting,), 0)
        self._entries: deque[Entry] = deque([self._first], 2 * EXCHANGES)
        self._part = 0
        self._is_after_auth = self._hides_all = False
        self._is_told = False  # a part has told the reply that comes next

    @property
    def latest(self) -> float:
        """When something was last heard or said (time.monotonic)."""
        return self._entries[-1][0]

    def hear(self, data: bytes) -> list[bytes]:
        """A read that begins with command lines; the list is to be filled with one reply for each."""
        replies: list[bytes] = []
        self._entries.append((monotonic(), data, replies, 0))
        return replies

    def shorten(self, position: int) -> None:
        """Of the last read only so many octets were command lines, or they are more than need be kept."""
        at, heard, replies, told = self._entries.pop()
        assert isinstance(heard, bytes)
        lines = heard[:position].split(END)[:-1]
        if len(heard) > OCTETS_KEPT and len(lines) > EXCHANGES:
            dropped = len(lines) - EXCHANGES
            lines, replies = lines[dropped:], replies[dropped:]
            if dropped > told:
                self._entries.clear()
            told = max(0, told - dropped)
        if lines:
            self._entries.append((at, END.join([*lines, b""]), replies, told))

    def hear_line(self, line: bytes) -> None:
        """A line that aiosmtpd's loop has read. Credentials are not even held."""
        is_after_auth = self._is_after_auth and type(self._entries[-1][2]) is not list  # no command in between
        if self._hides_all:
            line = HIDDEN
        else:
            line, self._is_after_auth = hide_secret(line, is_after_auth)
        self._entries.append((monotonic(), line[:OCTETS_KEPT], (), 0))

    def hide_answers(self, hides_all: bool) -> None:
        """While the exchange of an AUTH lasts each line is a credential, whatever it looks like; afterwards none is."""
        self._hides_all = hides_all
        self._is_after_auth = False

    def hear_octets(self, count: int) -> None:
        """The octets of a mail, without the dot that ends them."""
        self._entries.append((monotonic(), count, (), 0))

    def say(self, text: bytes) -> None:
        """A reply that is no answer to `hear`."""
        if self._is_told:
            self._is_told = False
        else:
            self._entries.append((monotonic(), b"", (text,), 0))

    def take_mail(self, final: bytes) -> DialoguePart:
        """What was said for the mail whose 250 this is. Mails before it that no part has told are left out: in a flood
        they would make it many times as long."""
        entries = self._entries
        earlier = [place for place, entry in enumerate(entries) if type(entry[1]) is int][:-1]  # octets of mails
        if earlier:
            for _ in range(earlier[-1] + 2):  # and their reply
                entries.popleft()
        return self.take_part(final)

    def take_part(self, final: bytes) -> DialoguePart:
        """What is new since the last part, with this reply as its last line: a refusal or the 250 of a mail, b"" where
        none is given. To be called before that reply is said."""
        at, heard, replies, _told = self._entries[-1]
        is_answering = bool(final) and type(replies) is list
        lines = [line for entry in self._entries for line in self._tell(entry)]
        if is_answering:
            lines.append(self._tell_answering(at, heard, len(replies)))
        lines += tell_reply((at if is_answering else monotonic()) - self._opened, final)
        kept = keep_last(lines)
        is_cut = self._entries[0] is not self._first or len(kept) < len(lines)
        self._entries.clear()
        self._first = (monotonic(), b"", (), 0)  # stands for all that the parts have told
        self._entries.append(self._first)
        if is_answering:
            self._entries.append((at, heard, replies, len(replies) + 1))
        self._is_told = not is_answering
        self._part += 1
        return DialoguePart(self.opened_at, self._part, is_cut, encode_lines(kept))

    def _tell(self, entry: Entry) -> list[Line]:
        """An entry's lines, of many the last."""
        at, heard, replies, told = entry
        at -= self._opened
        if isinstance(heard, int):
            return [Line(at, "client", heard)]
        if not replies:
            return [tell_command(at, heard)] if heard and type(replies) is tuple else []
        if not heard:
            return [line for reply in replies for line in tell_reply(at, reply)]
        commands = heard.split(END, len(replies))
        first = max(told, len(replies) - EXCHANGES - 1)
        return [
            line
            for command, reply in zip(commands[first:], replies[first:], strict=False)
            for line in (tell_command(at, command), *tell_reply(at, reply))
        ]

    def _tell_answering(self, at: float, heard: bytes | int, number: int) -> Line:
        """The command line that is being refused: it has no reply yet."""
        assert isinstance(heard, bytes)
        return tell_command(at - self._opened, heard.split(END, number + 1)[number])
