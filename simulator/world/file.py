"""World files: which domains there are, where their mail goes, and how the mail servers there behave (TOML).

[[zone]]                            # one name of the DNS; several for a name and its subdomains
name = "example.net"
mx = [[10, "mx.example.net"]]       # [[0, "."]]: a null MX (RFC 7505); left out: no MX
a = ["127.0.1.9"]                   # left out: no address
txt = ["v=spf1 -all"]
cname = "other.example"             # then nothing else (RFC 1034 3.6.2)
answer = "servfail"                 # or "nxdomain", "slow": instead of what stands above

[[host]]                            # one mail server; its name has the address without a zone of its own
name = "mx.example.net"
address = "127.0.1.1"               # left out: the next free one from 127.0.1.1 on
behaviour = "accept"                # of all its addresses
wording = "enhanced"                # of its refusals; or "plain", "clashing", "several-lines"
dialect = "postfix/unknown-user"    # of the bounce that comes later: a dialect or a kind of `cmcsim bounce --list`
external = "127.0.0.1:2525"         # one's own mail server stands there instead
kind = "exim"                       # a real Exim, where this machine has one
[host.mailbox]                      # single ones, by local part or whole address
nobody = "unknown-user"

A mailbox's behaviour says at which command of the dialogue it answers what. Pure; the server asks.
"""

import ipaddress
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.traffic.catalogue import CATALOGUE

#: What a host or one of its mailboxes may do. "busy" and "slow" are a host's doing when the host has them.
BEHAVIOURS = (
    "accept", "unknown-user", "mailbox-full", "mailbox-full-for-now", "policy", "busy", "greylist", "slow", "drop",
    "bounce-later", "loop",
)  # fmt: skip
#: How refusals are worded: real servers leave the enhanced code out, contradict it, and use several lines.
WORDINGS = ("enhanced", "plain", "clashing", "several-lines")

GREYLIST_SECONDS = 300.0  # of the world's clock
SLOW_SECONDS = 60.0  # that a slow server takes for its answer to the end of DATA, of the world's clock

#: A greeting that ends the session before it began (RFC 5321 4.2.1).
BUSY_GREETING = "421 4.3.2 {host} Service not available, too many connections"

ANSWERS = ("", "servfail", "nxdomain", "slow")
FIRST_ADDRESS = ipaddress.IPv4Address("127.0.1.1")
_ZONE_KEYS = ("name", "mx", "a", "txt", "cname", "answer")
KINDS = ("", "exim")
MANNERS = ("behaviour", "wording", "dialect", "mailbox")
_HOST_KEYS = ("name", "address", "external", "kind", *MANNERS)


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


class BadWorld(ValueError):
    """A world file that cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Zone:
    """One name of the DNS. mx: (preference, host); answer: one of ANSWERS."""

    name: str
    mx: tuple[tuple[int, str], ...] = ()
    a: tuple[str, ...] = ()
    txt: tuple[str, ...] = ()
    cname: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Host:
    """One mail server. mailboxes: local part or address (lower case) → behaviour; external: (host, port) or None;
    kind: of KINDS."""

    name: str
    address: str
    behaviour: str = "accept"
    wording: str = "enhanced"
    dialect: str = "postfix"
    external: tuple[str, int] | None = None
    kind: str = ""
    mailboxes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """All that a world file says."""

    zones: tuple[Zone, ...]
    hosts: tuple[Host, ...]


def read_world(path: Path) -> World:
    """Read one file. Raises BadWorld."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise BadWorld(f"{path.name}: {fault}") from fault
    return make_world(data)


def make_world(data: Mapping[str, Any]) -> World:
    """Check the data of a file. Raises BadWorld."""
    check_keys("the file", data, ("zone", "host"))
    zones = tuple(make_zone(one, f"zone {at}") for at, one in enumerate(_tables(data, "zone"), 1))
    tables = _tables(data, "host")
    free = _free_addresses([str(table.get("address")) for table in tables])
    hosts = tuple(_make_host(one, f"host {at}", free) for at, one in enumerate(tables, 1))
    _check_twice("zone", [zone.name for zone in zones])
    _check_twice("host", [host.name for host in hosts])
    _check_twice("host with the address", [host.address for host in hosts])
    return World(zones, hosts)


def make_zone(data: Mapping[str, Any], where: str) -> Zone:
    """Check one [[zone]]. Raises BadWorld."""
    check_keys(where, data, _ZONE_KEYS)
    name = _name(data, where)
    where = f"{where} ({name})"
    answer = _choice(data, "answer", ANSWERS, where)
    cname = _text(data, "cname", where).lower().rstrip(".")
    zone = Zone(
        name, _mx(data.get("mx", []), where), _addresses(data.get("a", []), where),
        _texts(data.get("txt", []), f"{where}: txt"), cname, answer,
    )  # fmt: skip
    if cname and (zone.mx or zone.a or zone.txt):
        raise BadWorld(f"{where}: a name with cname has no other records (RFC 1034 3.6.2)")
    return zone


def _make_host(data: Mapping[str, Any], where: str, free: Iterator[str]) -> Host:
    check_keys(where, data, _HOST_KEYS)
    name = _name(data, where)
    where = f"{where} ({name})"
    given = _addresses([data["address"]], where)[0] if "address" in data else next(free)
    kind, external = _choice(data, "kind", KINDS, where), _external(data, where)
    if kind and external:
        raise BadWorld(f"{where}: kind and external exclude each other")
    return replace(change_host(Host(name, given), data, where), external=external, kind=kind)


def change_host(host: Host, data: Mapping[str, Any], where: str) -> Host:
    """The host with what `data` says of its manners: behaviour, wording, dialect, mailbox. Raises BadWorld."""
    mailboxes = data.get("mailbox", host.mailboxes)
    if not isinstance(mailboxes, Mapping):
        raise BadWorld(f'{where}: mailbox is a table, as in [host.mailbox] nobody = "unknown-user"')
    return replace(
        host,
        behaviour=_choice(data, "behaviour", BEHAVIOURS, where, host.behaviour),
        wording=_choice(data, "wording", WORDINGS, where, host.wording),
        dialect=_dialect(data, where, host.dialect),
        mailboxes={str(box).lower(): _choice(mailboxes, box, BEHAVIOURS, f"{where}: mailbox") for box in mailboxes},
    )


def _tables(data: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise BadWorld(f"{key}: write each as [[{key}]]")
    return found


def check_keys(where: str, data: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """No others than those. Raises BadWorld."""
    unknown = sorted(set(data) - set(allowed))
    if unknown:
        raise BadWorld(f"{where}: no key {', '.join(unknown)} here; there are {', '.join(allowed)}")


def _check_twice(what: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadWorld(f"two of {what} {', '.join(twice)}")


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    found = data.get(key, "")
    if not isinstance(found, str):
        raise BadWorld(f"{where}: {key} is {found!r}; a text was expected")
    return found


def _name(data: Mapping[str, Any], where: str) -> str:
    name = _text(data, "name", where).lower().rstrip(".")
    labels = name.split(".")
    if not name.isascii() or len(name) > 253 or any(not 0 < len(label) < 64 or " " in label for label in labels):
        raise BadWorld(f"{where}: name is {name!r}; a domain name was expected (an international one as xn--…)")
    return name


def _choice(data: Mapping[str, Any], key: str, allowed: Sequence[str], where: str, default: str = "") -> str:
    found = _text(data, key, where) or default
    if found not in allowed:
        raise BadWorld(f"{where}: {key} is {found!r}; there are {', '.join(one for one in allowed if one)}")
    return found


def _texts(found: Any, where: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadWorld(f"{where}: {found!r}; a list of texts was expected")
    return tuple(found)


def _addresses(found: Any, where: str) -> tuple[str, ...]:
    """Only loopback: the world has no other places."""
    for text in _texts(found, f"{where}: a"):
        try:
            inside = ipaddress.IPv4Address(text).is_loopback
        except ValueError:
            inside = False
        if not inside:
            raise BadWorld(f"{where}: the address is {text!r}; one within 127.0.0.0/8 was expected")
    return tuple(found)


def _mx(found: Any, where: str) -> tuple[tuple[int, str], ...]:
    well = isinstance(found, list) and all(
        isinstance(one, list) and len(one) == 2 and isinstance(one[0], int) and isinstance(one[1], str)
        and 0 <= one[0] <= 65535
        for one in found
    )  # fmt: skip
    if not well:
        raise BadWorld(f'{where}: mx is {found!r}; [[preference, "host"], …] was expected, preference 0 to 65535')
    return tuple((preference, host.lower().rstrip(".") or ".") for preference, host in found)


def _dialect(data: Mapping[str, Any], where: str, default: str) -> str:
    found = _text(data, "dialect", where) or default
    if not any(kind.name == found or kind.dialect == found for kind in CATALOGUE):
        raise BadWorld(f"{where}: dialect is {found!r}; there are {', '.join(sorted({k.dialect for k in CATALOGUE}))}")
    return found


def _external(data: Mapping[str, Any], where: str) -> tuple[str, int] | None:
    found = _text(data, "external", where)
    if not found:
        return None
    host, _, port = found.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise BadWorld(f"{where}: external is {found!r}; HOST:PORT was expected")
    return _addresses([host], f"{where}: external")[0], int(port)


def _free_addresses(taken: Sequence[str]) -> Iterator[str]:
    number = int(FIRST_ADDRESS)
    while True:
        address = str(ipaddress.IPv4Address(number))
        if address not in taken:
            yield address
        number += 1
