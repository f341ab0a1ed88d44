"""How a mailbox of the world behaves: at which command of the dialogue it says what. Pure; the server asks."""

from dataclasses import dataclass

#: What a host or one of its mailboxes may do. "busy" and "slow" are a host's doing when the host has them.
BEHAVIOURS = (
    "accept", "unknown-user", "mailbox-full", "mailbox-full-for-now", "policy", "busy", "greylist", "slow", "drop",
    "bounce-later", "loop",
)  # fmt: skip
#: How refusals are worded: real servers leave the enhanced code out, contradict it, and use several lines.
WORDINGS = ("enhanced", "plain", "clashing", "several-lines")

GREYLIST_SECONDS = 300.0  # of the world's clock
SLOW_SECONDS = 60.0  # that a slow server takes for its answer to the end of DATA, of the world's clock


@dataclass(frozen=True)
class Refusal:
    """A reply in words: at "rcpt" or "data" (after the dot), code, enhanced status, text with {address} in it."""

    stage: str
    code: int
    enhanced: str
    text: str


REFUSALS = {
    "unknown-user": Refusal("rcpt", 550, "5.1.1", "<{address}>: Recipient address rejected: User unknown"),
    "mailbox-full": Refusal("rcpt", 552, "5.2.2", "<{address}>: Mailbox full"),
    "mailbox-full-for-now": Refusal("rcpt", 452, "4.2.2", "<{address}>: Mailbox full"),
    "policy": Refusal("data", 550, "5.7.1", "Message rejected due to local policy"),
    "busy": Refusal("rcpt", 450, "4.3.2", "<{address}>: Service currently unavailable"),
    "greylist": Refusal("rcpt", 451, "4.7.1", "<{address}>: Greylisted, please try again later"),
    "loop": Refusal("data", 554, "5.4.6", "Too many hops: mail for {address} loops back to this host"),
}
#: A greeting that ends the session before it began (RFC 5321 4.2.1).
BUSY_GREETING = "421 4.3.2 {host} Service not available, too many connections"


def word_refusal(refusal: Refusal, address: str, wording: str) -> str:
    """The reply as it goes over the wire, lines parted by CRLF, without the last line's end."""
    text = refusal.text.format(address=address)
    if wording == "plain":
        return f"{refusal.code} {text}"
    if wording == "clashing":  # the code of another cause, as real servers send it (5.0.0 and 5.7.1 for everything)
        return f"{refusal.code} {'4' if refusal.code < 500 else '5'}.0.0 {text}"
    if wording == "several-lines":
        head, _, tail = text.partition(": ")
        lines = [part for part in (head, tail, "Please see http://mail.example/help") if part]
        opened = [f"{refusal.code}-{refusal.enhanced} {line}" for line in lines[:-1]]
        return "\r\n".join([*opened, f"{refusal.code} {refusal.enhanced} {lines[-1]}"])
    return f"{refusal.code} {refusal.enhanced} {text}"


class Greylist:
    """Who has tried before: (peer, sender, recipient) → when first, by the world's clock."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str, str], float] = {}

    def is_late_enough(self, triple: tuple[str, str, str], now: float) -> bool:
        """Whether this one tried long enough ago for the first time; the first try is remembered."""
        return now - self._first.setdefault(triple, now) >= GREYLIST_SECONDS
