"""Yahoo! Mail: Yahoo Sender Hub, "SMTP error codes", and the "Failure Notice" that its mail delivery service writes.

One plain text like qmail's, from MAILER-DAEMON@yahoo.com: the address with a colon, below it the reply with its code
set apart by a colon ("554: …"), then the mail after a line of dashes.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, draw_token, format_date, join

_NO_ACCOUNT = Fault(
    "unknown-user",
    None,
    "554",
    "554: delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [0] - mta1234.mail.bf1.yahoo.com",
)
_FULL = Fault("over-quota", "5.2.2", "552", "552: 5.2.2 The recipient's mailbox is over quota")
_POLICY = Fault(
    "policy",
    "5.7.9",
    "554",
    "554: 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes",
)

_KINDS = (
    Kind("yahoo/unknown-user", "en", (_NO_ACCOUNT,)),
    Kind("yahoo/over-quota", "en", (_FULL,)),
    Kind("yahoo/policy", "en", (_POLICY,)),
)


def write(case: Case) -> bytes:
    """Return a failure notice."""
    return join(
        f"Date: {format_date(case.moment)}\nFrom: MAILER-DAEMON@yahoo.com\nTo: {case.return_address}\n"
        f"Message-ID: <{draw_token(case.rng, 6, DIGITS)}.{draw_token(case.rng, 5, DIGITS)}.bm@smtp103.mail.yahoo.com>\n"
        "X-Loop: MAILER-DAEMON@yahoo.com\nSubject: Failure Notice\n\n"
        "Sorry, we were unable to deliver your message to the following address.\n\n",
        *(_explain(one) for one in case.failures),
        "--- Below this line is a copy of the message.\n\n",
        f"Return-Path: <{case.return_address}>\n",
        case.original.octets,
    )


def _explain(failure: Failure) -> str:
    return f"<{failure.recipient}>:\n{failure.text}\n\n"


DIALECT = Dialect("yahoo", "Yahoo Sender Hub, SMTP error codes", _KINDS, write, "yahoo.com")
