"""Why a server gave no answer, for people; logs keep it in the English words of the courier and of the system."""

import re

from cmcdesk.rules.reach import LINK_LOCAL, NOT_LISTED
from cmcdesk.rules.texts import N_, Text, same, tell, translate

#: The words of the log → ours. What follows a beginning that ends with a space is told as it is.
KNOWN = {
    "timed out": N_("timed out"),
    "the endpoint closed the connection without an answer": N_("the endpoint closed the connection without an answer"),
    "Connection refused": N_("Connection refused: nothing listens there"),
    "Connection reset by peer": N_("the endpoint broke the connection"),
    "Broken pipe": N_("the endpoint broke the connection"),
    "Network is unreachable": N_("the network cannot be reached"),
    "No route to host": N_("the host cannot be reached"),
    "Name or service not known": N_("there is no such host name"),
    "Temporary failure in name resolution": N_("the host name could not be looked up"),
    "Connection unexpectedly closed": N_("the server closed the connection"),
    "No address associated with hostname": N_("the host name has no address"),
}
BEGINNINGS = (
    ("answer cut off: ", N_("the answer was cut off:")),
    ("redirects are not followed: ", N_("redirects are not followed:")),
    ("cannot be sent: ", N_("cannot be sent:")),
    ("TLS: ", N_("TLS failed:")),
)
REFUSED = (
    (re.compile(r"(?:(.+): )?(\S+) " + re.escape(LINK_LOCAL)), N_("%(host)s is link-local; webhooks never go there")),
    (
        re.compile(r"(\S+): (\S+) is no public address, and the host " + re.escape(NOT_LISTED)),
        N_("%(host)s leads to %(address)s, which is no public address, and the host is not listed as a destination"),
    ),
    (re.compile(r"(\S+) " + re.escape(NOT_LISTED)), N_("%(host)s is not listed as a destination of webhooks")),
)
LONG_ANSWER = re.compile(r"answer longer than (\d+) octets, the rest was not read")


def tell_failure(error: str | None) -> Text:
    """The text of an attempt's `error` ("" for None); words that are not known here stay as they are."""
    if not error:
        return same("")
    if error in KNOWN:
        return tell(KNOWN[error])
    for pattern, told in REFUSED:
        if met := pattern.fullmatch(error):
            groups = [group for group in met.groups() if group]
            return tell(told, host=groups[0], address=groups[-1])
    long = LONG_ANSWER.fullmatch(error)
    if long:
        return tell("answer longer than %(count)s octets, the rest was not read", count=long[1])
    for beginning, told in BEGINNINGS:
        if error.startswith(beginning):
            rest = tell_failure(error.removeprefix(beginning))
            return {language: f"{translate(language, told)} {words}" for language, words in rest.items()}
    return same(error)


def find_unlisted_host(error: str | None) -> str | None:
    """The host that a courier refused to call because it is not listed; None for any other failure."""
    if not error or not error.endswith(NOT_LISTED):
        return None
    return error.partition(" ")[0].rstrip(":")
