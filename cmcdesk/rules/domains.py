"""Domains as the acceptable-domain lists hold them: lower case, A-labels, no trailing dot.

CMC documents neither wildcards nor IDN; that each line is one whole domain, matched exactly, is ours.
"""

import ipaddress
from typing import LiteralString

import idna

LONGEST_DOMAIN = 253  # RFC 1035 §2.3.4: 255 octets on the wire are 253 characters in text
LONGEST_LABEL = 63


class NotADomain(ValueError):
    """`reason` names the message (`rules.settings.messages`)."""

    def __init__(self, reason: LiteralString) -> None:
        super().__init__(reason)
        self.reason: LiteralString = reason


def parse_domain(text: str) -> str:
    """The domain in the one form that is compared: `Mailform.例え.jp.` → `mailform.xn--r8jz45g.jp`.

    A single trailing dot (the DNS root) is dropped. Raises NotADomain.
    """
    _refuse_other_kinds(text)
    domain = _encode(text)
    if "." not in domain:
        raise NotADomain("domain_no_dot")
    if domain.rpartition(".")[2].isdigit():  # RFC 3696 §2: a top label is never all digits, an address is
        raise NotADomain("domain_ip")
    return domain


def is_label(text: str) -> bool:
    """Whether text is one lower-case DNS label of letters, digits and hyphens (RFC 1123 §2.1)."""
    letters_digits = text.replace("-", "a")
    is_plain = letters_digits.isascii() and letters_digits.isalnum() and text == text.lower()
    return is_plain and len(text) <= LONGEST_LABEL and not text.startswith("-") and not text.endswith("-")


def _refuse_other_kinds(text: str) -> None:
    if not text.strip():
        raise NotADomain("domain_empty")
    if "@" in text:
        raise NotADomain("domain_address")
    if "*" in text:
        raise NotADomain("domain_wildcard")
    if _is_address(text):
        raise NotADomain("domain_ip")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]").removeprefix("IPv6:"))
    except ValueError:
        return False
    return True


def _encode(text: str) -> str:
    """UTS #46 mapping (case, full-width letters and dots), then A-labels (RFC 5891)."""
    if text.isascii() and any(len(label) > LONGEST_LABEL for label in text.split(".")):
        raise NotADomain("domain_label_length")
    try:
        domain = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
    except idna.IDNAError as problem:
        raise NotADomain(_find_reason(text)) from problem
    if len(domain) > LONGEST_DOMAIN:
        raise NotADomain("domain_length")
    return domain


def _find_reason(text: str) -> LiteralString:
    """Of a name that idna refused: it says so in English only, so its labels are measured here."""
    try:
        labels = idna.uts46_remap(text, std3_rules=True).split(".")
    except idna.IDNAError:
        return "domain_characters"
    lengths = [len(label) if label.isascii() else len("xn--" + label.encode("punycode").decode()) for label in labels]
    if max(lengths) > LONGEST_LABEL:
        return "domain_label_length"
    return "domain_length" if sum(lengths) + len(lengths) - 1 > LONGEST_DOMAIN else "domain_characters"
