"""Why a webhook got no answer, in the language of the page; the log keeps it in the courier's English words."""

import re

from flask_babel import lazy_gettext as _

from cmcdesk.rules.reach import LINK_LOCAL, NOT_LISTED

#: The courier's words → the page's. What follows a beginning that ends with a space is told as it is.
KNOWN = {
    "timed out": _("timed out"),
    "the endpoint closed the connection without an answer": _("the endpoint closed the connection without an answer"),
    "Connection refused": _("Connection refused: nothing listens there"),
    "Connection reset by peer": _("the endpoint broke the connection"),
    "Broken pipe": _("the endpoint broke the connection"),
    "Network is unreachable": _("the network cannot be reached"),
    "No route to host": _("the host cannot be reached"),
    "Name or service not known": _("there is no such host name"),
    "Temporary failure in name resolution": _("the host name could not be looked up"),
    "No address associated with hostname": _("the host name has no address"),
}
BEGINNINGS = (
    ("answer cut off: ", _("the answer was cut off:")),
    ("redirects are not followed: ", _("redirects are not followed:")),
    ("cannot be sent: ", _("cannot be sent:")),
    ("TLS: ", _("TLS failed:")),
)
REFUSED = (
    (re.compile(r"(?:(.+): )?(\S+) " + re.escape(LINK_LOCAL)), _("%(host)s is link-local; webhooks never go there")),
    (
        re.compile(r"(\S+): (\S+) is no public address, and the host " + re.escape(NOT_LISTED)),
        _("%(host)s leads to %(address)s, which is no public address, and the host is not listed as a destination"),
    ),
    (re.compile(r"(\S+) " + re.escape(NOT_LISTED)), _("%(host)s is not listed as a destination of webhooks")),
)
LONG_ANSWER = re.compile(r"answer longer than (\d+) octets, the rest was not read")


def tell_failure(error: str | None) -> str:
    """The text of an attempt's `error` ("" for None); words that are not known here stay as they are."""
    if not error:
        return ""
    if error in KNOWN:
        return str(KNOWN[error])
    for pattern, told in REFUSED:
        if met := pattern.fullmatch(error):
            groups = [group for group in met.groups() if group]
            return str(told) % {"host": groups[0], "address": groups[-1]}
    long = LONG_ANSWER.fullmatch(error)
    if long:
        return str(_("answer longer than %(count)s octets, the rest was not read", count=long[1]))
    for beginning, told in BEGINNINGS:
        if error.startswith(beginning):
            return f"{told} {tell_failure(error.removeprefix(beginning))}"
    return error


def find_unlisted_host(error: str | None) -> str | None:
    """The host that a courier refused to call because it is not listed; None for any other failure."""
    if not error or not error.endswith(NOT_LISTED):
        return None
    return error.partition(" ")[0].rstrip(":")
