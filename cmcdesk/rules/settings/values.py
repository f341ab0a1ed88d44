"""Checks of single values: each takes a string and returns it as it is kept, or raises with the code of a message."""

import ipaddress
import unicodedata
import zoneinfo
from typing import Annotated, LiteralString
from urllib.parse import SplitResult, urlsplit

import idna
import regex
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from cmcdesk.mail.smtp.command_line import PathArgument, parse_rcpt_argument
from cmcdesk.rules.domains import NotADomain, is_label, parse_domain
from cmcdesk.rules.passwords import hash_password, is_hashed
from cmcdesk.rules.reach import is_own_network, is_this_computer

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST_NAME = 255
LONGEST_PATTERN = 4096
LONGEST_URL = 2048
LONGEST_SECRET = 1024
_COMPOSITION_NAME = regex.compile(r"[^\W_][\w .-]{0,63}(?<! )")
_FIELD_NAME = regex.compile(r"[!-9;-~]{1,255}")  # RFC 5322 §3.6.8: ftext


def refuse_setting(code: LiteralString, **values: object) -> PydanticCustomError:
    """The exception that pydantic collects; `check` turns the code into the message."""
    return PydanticCustomError(code, code, values)


def check_text(text: str, limit: int = LONGEST_NAME) -> str:
    """No control character or lone surrogate (it would end a header or break UTF-8), not longer than limit."""
    for position, letter in enumerate(text, start=1):
        if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
            raise refuse_setting("control_characters", position=position)
    if len(text) > limit:
        raise refuse_setting("too_long", limit=limit)
    return text


def check_filled(text: str) -> str:
    """A name: some visible text."""
    if not text.strip():
        raise refuse_setting("blank")
    return check_text(text)


def check_composition_name(text: str) -> str:
    """Ours: what can stand in a path of the API and before the `=` of `--listen NAME=HOST:PORT`."""
    if not _COMPOSITION_NAME.fullmatch(text):
        raise refuse_setting("bad_name")
    return text


def check_subdomain(text: str) -> str:
    """SUBDOMAIN of `SUBDOMAIN.smtps.jp`."""
    if not is_label(text):
        raise refuse_setting("bad_subdomain")
    return text


def check_domain(text: str) -> str:
    """A whole domain, as it is compared."""
    try:
        return parse_domain(text)
    except NotADomain as problem:
        raise refuse_setting(problem.reason) from None


def check_domain_or_none(text: str) -> str:
    """A whole domain, or "" for none."""
    return check_domain(text) if text else ""


def check_header_name(text: str) -> str:
    """An RFC 5322 field name."""
    if not _FIELD_NAME.fullmatch(text):
        raise refuse_setting("header_name")
    return text


def check_pattern(text: str) -> str:
    """A regular expression of the `regex` module."""
    if not text:
        raise refuse_setting("blank")
    check_text(text.translate({ord("\n"): " ", ord("\t"): " "}), LONGEST_PATTERN)  # (?x) patterns may span lines
    try:
        regex.compile(text)
    except regex.error as problem:
        raise refuse_setting("pattern_broken", position=(problem.pos or 0) + 1, reason=problem.msg) from None
    except (RecursionError, OverflowError, MemoryError):
        raise refuse_setting("pattern_too_deep") from None
    return text


def check_endpoint(text: str) -> str:
    """https://…; http:// for loopback and the own network only (ours, `reach`). No user, password or fragment in it."""
    if not text:
        raise refuse_setting("blank")
    check_text(text, LONGEST_URL)
    for position, letter in enumerate(text, start=1):
        if letter.isspace() or letter == "\\":  # some readers take "\" for "/" and would call another host
            raise refuse_setting("endpoint_characters", position=position)
    _check_url(_split_url(text))
    return text


def check_endpoint_or_none(text: str) -> str:
    """An endpoint, or "" for none."""
    return check_endpoint(text) if text else ""


def check_time_zone(text: str) -> str:
    """A name of the IANA time zone database."""
    try:
        zoneinfo.ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # a name that is a folder, a path, or unknown
        raise refuse_setting("time_zone") from None
    return text


def _split_url(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:  # brackets that hold no IPv6 address
        raise refuse_setting("endpoint_host") from None


def _check_url(url: SplitResult) -> None:
    if url.scheme not in {"http", "https"}:
        raise refuse_setting("endpoint_scheme")
    if "@" in url.netloc:
        raise refuse_setting("endpoint_credentials")
    if url.fragment:
        raise refuse_setting("endpoint_fragment")
    _check_port(url)
    if not url.hostname or not _is_host(url.hostname):
        raise refuse_setting("endpoint_host")
    if url.scheme == "http" and not (is_this_computer(url.hostname) or is_own_network(url.hostname)):
        raise refuse_setting("endpoint_loopback")


def _check_port(url: SplitResult) -> None:
    try:
        port = url.port
    except ValueError:
        raise refuse_setting("endpoint_port") from None
    if port == 0:
        raise refuse_setting("endpoint_port")


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return True
    try:
        idna.encode(host, uts46=True)
    except idna.IDNAError:
        return False
    return True


def check_secret(text: str) -> str:
    """Printable ASCII (CMC's `api_key` is typed ASCII), so that it can stand in a header; "" for none."""
    check_text(text, LONGEST_SECRET)
    for position, letter in enumerate(text, start=1):
        if not letter.isascii():
            raise refuse_setting("not_ascii", position=position)
    return text


def check_basic(text: str) -> str:
    """`user:password` (RFC 7617 §2), or "" for none."""
    if text and ":" not in text:
        raise refuse_setting("basic_colon")
    return check_secret(text)


def check_bearer(text: str) -> str:
    """A token without spaces (RFC 6750 §2.1), or "" for none."""
    if " " in text:
        raise refuse_setting("bearer_space")
    return check_secret(text)


def check_network(text: str) -> str:
    """One IP address (受信許可ネットワーク), as it is compared; a network in CIDR notation is told apart."""
    address = read_ip(text)
    if address is None:
        raise refuse_setting("network_cidr" if "/" in text else "network_form")
    return str(address)


def read_ip(text: str) -> IpAddress | None:
    """The IP address that a text is; of ::ffff:127.0.0.1 the IPv4 one, as such a client comes; None: it is none."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return None if address.scope_id else address.ipv4_mapped or address


def check_mail_address(text: str) -> str:
    """One mail address with a whole domain, which is kept as it is compared; the local part as it was given."""
    check_text(text)
    local_part, at, domain = text.strip().rpartition("@")
    parsed = parse_rcpt_argument(f"TO:<{local_part}@example.com>")
    if not at or not isinstance(parsed, PathArgument) or parsed.address != f"{local_part}@example.com":
        raise refuse_setting("mail_address")
    return f"{local_part}@{check_domain(domain)}"


def check_patterns(texts: list[str]) -> list[str]:
    """At least one of them."""
    if not texts:
        raise refuse_setting("no_pattern")
    return texts


def check_mail_user(text: str) -> str:
    """`user:password` or `user:` with the hash → the latter. RFC 4616 §2: neither may be empty or hold a NUL."""
    user, colon, password = check_text(text, LONGEST_SECRET).partition(":")
    if not (user and colon and password):
        raise refuse_setting("mail_user_form")
    return text if is_hashed(password) else f"{user}:{hash_password(user, password)}"


Domain = Annotated[str, AfterValidator(check_domain)]
DomainOrNone = Annotated[str, AfterValidator(check_domain_or_none)]
CompositionName = Annotated[str, AfterValidator(check_composition_name)]
Subdomain = Annotated[str, AfterValidator(check_subdomain)]
FilterName = Annotated[str, AfterValidator(check_filled)]
HeaderName = Annotated[str, AfterValidator(check_header_name)]
Pattern = Annotated[str, AfterValidator(check_pattern)]
Patterns = Annotated[list[Pattern], AfterValidator(check_patterns)]
MailAddress = Annotated[str, AfterValidator(check_mail_address)]
Endpoint = Annotated[str, AfterValidator(check_endpoint)]
EndpointOrNone = Annotated[str, AfterValidator(check_endpoint_or_none)]
TimeZone = Annotated[str, AfterValidator(check_time_zone)]
ApiKey = Annotated[str, AfterValidator(check_secret)]
BasicCredentials = Annotated[str, AfterValidator(check_basic)]
BearerToken = Annotated[str, AfterValidator(check_bearer)]
NetworkAddress = Annotated[str, AfterValidator(check_network)]
MailUser = Annotated[str, AfterValidator(check_mail_user)]
