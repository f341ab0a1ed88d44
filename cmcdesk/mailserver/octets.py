"""The octets of one DATA: collected, ended only by CRLF . CRLF, dots unstuffed (RFC 5321 §4.1.1.4, §4.5.2).

Bare LF and bare CR are octets like any other: they never end a mail (SMTP smuggling). Lines may be of any length.
"""

END_OF_MAIL = b".\r\n"
_END = b"\r\n" + END_OF_MAIL
_STUFFED = b"\r\n."


class OctetCollector:
    """Takes chunks until the end is there. Linear in the mail's size; holds each octet once; what is over the limit
    (counted after unstuffing) is not held at all."""

    __slots__ = ("_buffer", "_counted", "_dots", "_limit", "_may_be_stuffed", "_searched", "is_dropped", "taken")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray(b"\r\n")  # as if a line had ended: the end may stand on the first line
        self._searched = 0
        self._may_be_stuffed = False
        self._dots = 0
        self._counted = 0
        self.taken = 0  # octets of the mail as they were sent
        self.is_dropped = False  # over the limit, or given up by drop()

    @property
    def held(self) -> int:
        """Octets held now."""
        return len(self._buffer)

    def take(self, chunk: bytes) -> bytes | None:
        """None while the end is not there yet; else what came after the end."""
        buffer = self._buffer
        buffer += chunk
        self.taken += len(chunk)
        end = self._find_end()
        if end < 0:
            self._searched = max(0, len(buffer) - 4)  # the last four may begin the end
            if self.is_dropped or self._is_over(self._searched):
                self.drop()
            return None
        rest = bytes(buffer[end + 5 :])
        self.taken -= len(rest) + len(END_OF_MAIL)
        if self.is_dropped or self._is_over(end + 2):
            self.is_dropped = True
            self._buffer = bytearray()
        else:
            del buffer[end + 2 :]
        return rest

    def _find_end(self) -> int:
        """-1: not there yet. Most chunks have no dot where a line begins and need this one search: from the right it
        takes a third of what find and count take, and the octets that just came are still near the processor."""
        buffer, searched = self._buffer, self._searched
        if buffer.rfind(_STUFFED, searched) < 0:
            return -1
        end = buffer.find(_END, searched)
        before = len(buffer) if end < 0 else end + 2
        self._may_be_stuffed = self._may_be_stuffed or buffer.rfind(_STUFFED, searched, before) >= 0
        return end

    def drop(self) -> None:
        """Hold no more than what is needed to find the end."""
        self.is_dropped = True
        self._buffer = self._buffer[-4:]
        self._searched = 0

    def _is_over(self, length: int) -> bool:
        """length: of the buffer without (what may be) the end. Dots are counted only when the raw size asks for it."""
        raw = length - 2
        if raw <= self._limit:
            return False
        self._dots += self._buffer.count(_STUFFED, self._counted, length)
        self._counted = length - 2
        return raw - self._dots > self._limit

    def finish(self) -> bytes | bytearray:
        """The mail, dots unstuffed. To be called once, after take() has found the end."""
        buffer = self._buffer
        if self._may_be_stuffed and _STUFFED in buffer:  # or it was the end, cut in two
            buffer = self._buffer = buffer.replace(_STUFFED, b"\r\n")
        del buffer[:2]
        return buffer


def take_whole(chunk: bytes, limit: int) -> bytes | None:
    """The mail if this one chunk is all of it, within the limit and without stuffed dots: the way of nearly every small
    mail; else None."""
    length = len(chunk) - 3
    if chunk[-5:] != _END or chunk[:1] == b"." or length > limit:
        return None
    # rfind takes half the time of find: it skips by the needle's first octet, and there are few CR in a line.
    return chunk[:length] if chunk.rfind(_STUFFED, 0, length) < 0 else None
