"""All kinds of bounce that the simulator can send, and of the other mails that end up at bounce addresses."""

from difflib import get_close_matches
from typing import Any

from simulator.traffic.dialects import (
    au,
    biglobe,
    courier,
    docomo,
    domino,
    exchange,
    exim,
    gmail,
    office365,
    opensmtpd,
    oracle,
    postfix,
    qmail,
    replies,
    sendmail,
    ses,
    softbank,
    yahoo,
    yahoo_japan,
)
from simulator.traffic.kinds import Dialect, Kind

_MODULES = (
    *(postfix, exim, sendmail, qmail, exchange, office365, gmail, yahoo, yahoo_japan, docomo, au, softbank, ses),
    *(biglobe, domino, opensmtpd, courier, oracle, replies),
)
DIALECTS: dict[str, Dialect] = {module.DIALECT.name: module.DIALECT for module in _MODULES}
CATALOGUE: list[Kind] = [kind for dialect in DIALECTS.values() for kind in dialect.kinds]
_BY_NAME = {kind.name: kind for kind in CATALOGUE}


def find_kind(name: str) -> Kind:
    """Return the kind of that name, as in "postfix/unknown-user". Raises KeyError, with the nearest names."""
    if name not in _BY_NAME:
        near = get_close_matches(name, _BY_NAME, n=3, cutoff=0.4)
        raise KeyError(f"no kind of bounce is called {name!r}; near: {', '.join(near) or 'none'}")
    return _BY_NAME[name]


def find_dialect(kind: Kind) -> Dialect:
    """Return the dialect that writes this kind."""
    return DIALECTS[kind.dialect]


def describe_kinds() -> list[dict[str, Any]]:
    """The catalogue as JSON-able data; error_status: the service's number, None for what is no bounce."""
    return [
        {
            "name": kind.name,
            "sender": kind.dialect,
            "error_status": kind.error_status,
            "language": kind.language,
            "final": kind.final,
            "recipients": kind.recipients,
        }
        for kind in CATALOGUE
    ]
