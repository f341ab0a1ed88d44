"""Where each composition listens: the first in the list on 127.0.0.1, the next on 127.0.0.2, …; the ports are fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from typing import NamedTuple

from cmcdesk.pipe import Listening, Missing
from cmcdesk.rules.texts import N_, TellingError, Text, tell

RECEIVING_PORT = 10026  # fixed: 25 is forwarded to it
RELAY_PORT = 10025  # the vendor's own clients and its blog of 2019; for a customer it stands on the application form

LOCALHOST = "localhost"
LOOPBACK = "127.0.0.1"
FIRST = IPv4Address(LOOPBACK)

Address = tuple[str, int]  # host, port; port 0: any free one
NOT_APPLIED = N_("not applied yet")


class Spot(NamedTuple):
    """Where the two servers of a composition listen; port 0: any free one."""

    host: str
    port: int
    relay_port: int


class BadListen(TellingError, ValueError):
    """What `--listen` was given is not NAME=HOST:PORT, or is not allowed; the message says which and what is."""


@dataclass(frozen=True)
class Placement:
    """Where one composition listens: "host:port", or None and the reason why it does not (with what mends it), in both
    languages. receiving_tls, tls_reason: the same for implicit TLS; both None where it is not switched on. relay,
    relay_reason: the same for the relay.
    """

    name: str
    receiving: str | None
    relay: str | None
    reason: Text | None
    moved: bool
    receiving_tls: str | None = None
    tls_reason: Text | None = None
    relay_reason: Text | None = None


@dataclass(frozen=True)
class Placing:
    """The rule: ports of all, and those compositions that `--listen` moved."""

    receiver_port: int = RECEIVING_PORT
    relay_port: int = RELAY_PORT
    moved: Mapping[str, Address] = field(default_factory=dict)

    def place(self, names: Sequence[str]) -> dict[str, Spot]:
        """Name → where it listens, for all compositions in the order of the list. A relay has its receiving server's
        host; one that was moved to the host of another gets any free port."""
        hosts = {name: str(FIRST + at) for at, name in enumerate(names)}
        taken = {host for name, host in hosts.items() if name not in self.moved}
        spots = {}
        for name in names:
            host, port = self.moved.get(name, (hosts[name], self.receiver_port))
            is_free = name not in self.moved or host not in taken
            taken.add(host)
            spots[name] = Spot(host, port, self.relay_port if is_free else 0)
        return spots


def parse_listen(text: str, allow_non_loopback: bool) -> tuple[str, Address]:
    """`NAME=HOST:PORT` → (name, (host, port)); HOST an IP address (IPv6 in brackets) or localhost, which is 127.0.0.1.
    Raises BadListen."""
    name, equals, place = text.partition("=")
    host, colon, port = place.rpartition(":")
    if not (name and equals and host and colon):
        raise BadListen(tell("%(given)s: say NAME=HOST:PORT, as in pro=127.0.0.5:10026", given=repr(text)))
    try:
        address = FIRST if host.lower() == LOCALHOST else ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise BadListen(
            tell("%(given)s: %(host)s is no IP address, nor localhost", given=repr(text), host=repr(host))
        ) from None
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise BadListen(
            tell("%(given)s: %(port)s is no port; 0 to 65535 (0: any free one)", given=repr(text), port=repr(port))
        )
    if not (address.is_loopback or allow_non_loopback):
        raise BadListen(
            tell(
                "%(given)s: %(host)s can be reached from other machines; that needs --allow-non-loopback too",
                given=repr(text),
                host=host,
            )
        )
    return name, (str(address), int(port))


def say_what_mends(name: str, missing: Missing) -> Text:
    """Why that composition does not receive, and what the user can do."""
    if missing["fault"] == "down":
        return tell("The mail server is being started. Wait a moment.")
    move = f"cmcdesk serve --listen {name}={FIRST}:0"
    told = _say_fault(missing, "--receiver-port")
    return tell("%(fault)s Or move it: %(move)s (0: any free port)", fault=told, move=move)


def say_what_mends_relay(missing: Missing) -> Text:
    """The same for its relay."""
    return _say_fault(missing, "--relay-port")


def say_what_mends_tls(missing: Missing) -> Text:
    """The same for its second port, of implicit TLS."""
    return _say_fault(missing, "--tls-port")


def describe_placement(name: str, listening: Listening | None, is_moved: bool) -> Placement:
    """Where a composition listens by the mail server's last word, None: it was never told of it; and why not where it
    does not."""
    if listening is None:
        return Placement(name, None, None, tell(NOT_APPLIED), is_moved)
    missing, tls_missing, relay_missing = (listening[which] for which in ("missing", "tls_missing", "relay_missing"))
    reason = say_what_mends(name, missing) if missing else None
    tls = listening["receiving_tls"], say_what_mends_tls(tls_missing) if tls_missing else None
    relay_reason = say_what_mends_relay(relay_missing) if relay_missing else None
    return Placement(name, listening["receiving"], listening["relay"], reason, is_moved, *tls, relay_reason)


def _say_fault(missing: Missing, option: str) -> Text:
    """host:port and what is wrong there, in our words; the system's own, in English, only where we know none better.
    option: of `cmcdesk serve`, names another port."""
    where = missing["address"]
    if missing["fault"] == "in_use":
        return _say_in_use(str(where), missing["holder"], option)
    if missing["fault"] == "no_address":
        remedy = missing["remedy"]
        told = tell("%(where)s: this machine does not have that address.", where=where)
        return tell("%(fault)s To add it: %(remedy)s .", fault=told, remedy=remedy) if remedy else told
    if missing["fault"] == "denied":
        return tell(
            "%(where)s: this user may not use that port. Give one from 1024 on with %(option)s.",
            where=where,
            option=option,
        )
    return tell("%(reason)s.", reason=missing["reason"])


def name_in_brackets(holder: object) -> Text | str:
    """Who holds a port, as it follows the word for it in a sentence; "" where it is not known."""
    return tell(" (%(holder)s)", holder=holder) if holder else ""


def _say_in_use(address: str, holder: str | None, option: str) -> Text:
    """A port that another program has. address: host:port. holder: its name and pid, where known."""
    return tell(
        (
            "%(address)s: that port is in use by another program%(holder)s. End it, and this receives by itself "
            "within seconds. Or give another port with %(option)s."
        ),
        address=address,
        holder=name_in_brackets(holder),
        option=option,
    )
