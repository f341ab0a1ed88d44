"""qmail: D. J. Bernstein, "The qmail-send Bounce Message Format (QSBMF)", and the texts of qmail-send, -remote, -local.

No MIME at all: one paragraph per failed recipient, "<address>:" and the reason below it, then a line of dashes and the
mail itself. Codes stand in parentheses at the end of the reason, as in (#5.1.1). Dates are in GMT with "-0000".
"""

from datetime import UTC

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, draw_token, join

_HOST = "mail.example.ne.jp"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DISLIKED = "{remote_address} does not like recipient.\nRemote host said: "
_GIVING_UP = "\nGiving up on {remote_address}."

_NO_MAILBOX = Fault("unknown-user", "5.1.1", None, "Sorry, no mailbox here by that name. (#5.1.1)")
_REFUSED = Fault("unknown-user", "5.1.1", "550", _DISLIKED + "550 5.1.1 <{recipient}>... User unknown" + _GIVING_UP)
_NO_HOST = Fault("unknown-host", "5.1.2", None, "Sorry, I couldn't find any host named {domain}. (#5.1.2)")
_TIMEOUT = Fault(
    "retry-timeout",
    "4.4.1",
    None,
    "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
    "I'm not going to try again; this message has been in the queue too long.",
)
_POLICY = Fault(
    "policy",
    None,
    "554",
    "Connected to {remote_address} but sender was rejected.\n"
    "Remote host said: 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
)
# vpopmail's vdelivermail words this one; qmail itself has no quotas.
_QUOTA = Fault("over-quota", "5.2.2", None, "Recipient's mailbox is full, message returned to sender. (#5.2.2)")
_LOOP = Fault("misconfigured", "5.4.6", None, "This message is looping: it already has my Delivered-To line. (#5.4.6)")
_NOT_MINE = Fault(
    "misconfigured",
    "5.4.6",
    None,
    "Sorry. Although I'm listed as a best-preference MX or A for that host,\n"
    "it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)",
)
_RCPTHOSTS = Fault(
    "misconfigured",
    "5.7.1",
    "553",
    _DISLIKED + "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)" + _GIVING_UP,
)
_BIG = Fault(
    "too-big",
    "5.3.4",
    "552",
    "{remote_address} failed after I sent the message.\n"
    "Remote host said: 552 sorry, that message size exceeds my databytes limit (#5.3.4)",
)

_KINDS = (
    Kind("qmail/no-mailbox", "en", (_NO_MAILBOX,)),
    Kind("qmail/unknown-user", "en", (_REFUSED,)),
    Kind("qmail/unknown-host", "en", (_NO_HOST,)),
    Kind("qmail/retry-timeout", "en", (_TIMEOUT,)),
    Kind("qmail/policy", "en", (_POLICY,)),
    Kind("qmail/over-quota", "en", (_QUOTA,)),
    Kind("qmail/looping", "en", (_LOOP,)),
    Kind("qmail/not-local", "en", (_NOT_MINE,)),
    Kind("qmail/rcpthosts", "en", (_RCPTHOSTS,)),
    Kind("qmail/too-big", "en", (_BIG,)),
    Kind("qmail/three-recipients", "en", (_NO_MAILBOX, _NO_HOST, _QUOTA)),
)


def write(case: Case) -> bytes:
    """Return a bounce as qmail-send injects it."""
    moment = case.moment.astimezone(UTC)
    date = f"{moment.day} {_MONTHS[moment.month - 1]} {moment:%Y %H:%M:%S} -0000"
    return join(
        f"Received: (qmail {draw_token(case.rng, 5, DIGITS)} invoked for bounce); {date}\nDate: {date}\n"
        f"From: MAILER-DAEMON@{_HOST}\nTo: {case.return_address}\nSubject: failure notice\n\n"
        f"Hi. This is the qmail-send program at {_HOST}.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n",
        *(_explain(one) for one in case.failures),
        "--- Below this line is a copy of the message.\n\n",
        f"Return-Path: <{case.return_address}>\n",
        case.original.octets,
    )


def _explain(failure: Failure) -> str:
    return f"<{failure.recipient}>:\n{failure.text}\n\n"


DIALECT = Dialect("qmail", "The qmail-send Bounce Message Format, D. J. Bernstein", _KINDS, write)
