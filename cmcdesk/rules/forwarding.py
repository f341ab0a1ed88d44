"""メール転送: which destinations a mail goes on to, by the forwarding filters of one side.

A filter forwards a mail as a copy, or puts its address in place of the mail's destinations. Ours, where CMC says no
more: a pattern is searched as one of a notification is (`matching`); all matching filters count, of those that rewrite
the first; an address gets one mail. A forwarded mail is marked with the address that it was forwarded to (Delivered-To,
RFC 9228), and no filter forwards it there again, so that two that point at each other come to an end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cmcdesk.mail.mime.fields import Fields
from cmcdesk.rules.matching import Filters, Pattern, compile_filters
from cmcdesk.rules.settings import ForwardingFilter

TRACE_FIELD = "Delivered-To"
_TRACE_KEY = TRACE_FIELD.lower()


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that a mail goes to. forwarded_by: the name of the filter; "" for the mail's own recipients."""

    address: str
    forwarded_by: str = ""


@dataclass(frozen=True, slots=True)
class Forwards:
    """The forwarding filters of one side (relay or receiving) in one revision, compiled. header_names: lower case, what
    `mime.fields.scan_fields` has to look for; empty where there is no filter, then nothing needs to be scanned."""

    header_names: frozenset[str]
    _matching: Filters
    _by_name: dict[str, ForwardingFilter]

    @classmethod
    def of(cls, filters: Sequence[ForwardingFilter]) -> "Forwards":
        """Raises regex.error for a pattern that does not compile (settings are checked before they come here)."""
        matching = compile_filters([(rule.name, [(rule.header, rule.pattern)]) for rule in filters])
        names = matching.header_names | {_TRACE_KEY} if filters else frozenset()
        return cls(frozenset(names), matching, {rule.name: rule for rule in filters})

    def set_aside(self) -> list[Pattern]:
        """The patterns that ran out of their time too often, for the page to name."""
        return self._matching.set_aside()

    def find(self, fields: Fields) -> list[ForwardingFilter]:
        """The filters that forward a mail with these fields, in their order."""
        been = {body.decode("utf-8", "replace").lower() for body in fields.get(_TRACE_KEY, ())}
        found = [self._by_name[name] for name in self._matching.match(fields)] if self._by_name else []
        return [rule for rule in found if rule.address.lower() not in been]


def list_relayed(forwards: Forwards, fields: Fields, recipients: Sequence[str]) -> list[Destination]:
    """Where a relayed mail goes: to its recipients, or to the address of the filter that rewrites them; and copies."""
    found = forwards.find(fields)
    rewriting = next((rule for rule in found if rule.mode == "rewrite"), None)
    own = [Destination(rewriting.address, rewriting.name)] if rewriting else list(map(Destination, recipients))
    return own + _list_new([rule for rule in found if rule.mode == "copy"], own)


def list_received(forwards: Forwards, fields: Fields) -> list[Destination]:
    """Where a mail that the receiving server took (bounce or inbound) is forwarded to, beside being kept and read."""
    found = forwards.find(fields)
    rewriting = [rule for rule in found if rule.mode == "rewrite"][:1]
    return _list_new([rule for rule in found if rule.mode == "copy" or rule in rewriting], [])


def mark_forwarded(octets: bytes, address: str) -> bytes:
    """The mail as it goes to a forwarding address."""
    return f"{TRACE_FIELD}: {address}\r\n".encode() + octets


def _list_new(filters: Sequence[ForwardingFilter], known: Sequence[Destination]) -> list[Destination]:
    """The addresses of the filters that do not get the mail already."""
    seen = {destination.address.lower() for destination in known}
    new: dict[str, Destination] = {}
    for rule in filters:
        if rule.address.lower() not in seen:
            new.setdefault(rule.address.lower(), Destination(rule.address, rule.name))
    return list(new.values())
