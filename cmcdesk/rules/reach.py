"""Where webhooks may go. Ours: CMC only ever calls public hosts; a local program could be made to call the others.

https:// goes to any public address. This computer is reached by its own names only. The own network (a LAN, containers)
is reached over http:// or https:// where its host is listed by name among the desk's settings. Link-local addresses,
where clouds keep their metadata, never. What counts is the address that was connected to, whatever a name resolves to.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
OWN_NETWORKS = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
OWN_ENDINGS = (".internal", ".local", ".lan", ".home.arpa", ".test")  # RFC 6762, RFC 8375, RFC 6761; Docker's own
LINK_LOCAL = "is link-local; webhooks never go there"
NO_HOST = "is no name of a host and no address"
NOT_LISTED = "is not listed among the webhook hosts"


def is_this_computer(host: str) -> bool:
    """localhost or a loopback address."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_own_network(host: str) -> bool:
    """Whether a host can only be one of the own network: an address of one, a name of one label, or with an ending that
    no public name has. Its address is looked at when it is known."""
    address = _address(host)
    if address is not None:
        return any(address in network for network in OWN_NETWORKS if network.version == address.version)
    name = host.lower()
    return name.endswith(OWN_ENDINGS) or ("." not in name and not name.isdecimal() and not name.startswith("0x"))


@dataclass(frozen=True, slots=True)
class Reach:
    """hosts: listed, lower case; ca_file: of a CA whose servers are trusted beside the public ones' ("": none)."""

    hosts: frozenset[str] = frozenset()
    ca_file: str = ""

    @classmethod
    def of(cls, hosts: Iterable[str], ca_file: str = "") -> "Reach":
        return cls(frozenset(host.lower() for host in hosts), ca_file)

    def refuse_host(self, scheme: str, host: str) -> str | None:
        """Why nothing is sent to this host, before it is looked up; None: no reason so far."""
        name = host.lower().strip("[]")
        if (address := _address(name)) is not None and is_forbidden(address):
            return f"{host} {LINK_LOCAL}"
        if name in self.hosts or is_this_computer(name):
            return None
        return f"{host} {NOT_LISTED}" if scheme != "https" or is_own_network(name) else None

    def refuse_address(self, host: str, connected: str) -> str | None:
        """Why nothing is sent over a connection to this address, to which the host's name led."""
        address = _address(connected.partition("%")[0])
        if address is None:
            return f"{host}: {connected} is no address"
        if is_forbidden(address):
            return f"{host}: {connected} {LINK_LOCAL}"
        name = host.lower().strip("[]")
        if address.is_global or name in self.hosts or (address.is_loopback and is_this_computer(name)):
            return None
        return f"{host}: {connected} is no public address, and the host {NOT_LISTED}"


def check_host(text: str) -> str:
    """A host as it stands in a URL, lower case. Raises ValueError for what is none, or is link-local."""
    host = text.strip().lower().strip("[]")
    address = _address(host)
    if address is not None and is_forbidden(address):
        raise ValueError(LINK_LOCAL)
    is_name = all(
        part and len(part) < 64 and part.replace("-", "").replace("_", "").isalnum() for part in host.split(".")
    )
    if address is None and not is_name:
        raise ValueError(NO_HOST)
    return host


def is_forbidden(address: Address) -> bool:
    """Link-local, or nobody's at all: listed or not."""
    return address.is_link_local or address.is_multicast or address.is_unspecified


def _address(text: str) -> Address | None:
    """An IPv4 address in the clothes of an IPv6 one (::ffff:169.254.1.1) is what it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
