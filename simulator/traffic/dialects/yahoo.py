"""Yahoo! Mail and Yahoo! JAPAN Mail: senders.yahooinc.com "SMTP error codes"; support.yahoo-net.jp "エラーメール".

Yahoo! JAPAN's servers answer "554 delivery error: dd … [-5] - mtaNNNN.mail.djm.ynwp.yahoo.co.jp" after DATA; their own
notice opens with "Message from yahoo.co.jp." and is one plain text, as Yahoo! Mail's "Failure Notice" is.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import join
from simulator.traffic.seeds import DIGITS, draw_token, format_date

_TAIL = " - mta7149.mail.djm.ynwp.yahoo.co.jp"

_KINDS = (
    Kind(
        "yahoo/unknown-user",
        "en",
        (
            Fault(
                "unknown-user",
                None,
                "554",
                "554: delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [0]"
                " - mta1234.mail.bf1.yahoo.com",
            ),
        ),
    ),
    Kind(
        "yahoo/over-quota",
        "en",
        (Fault("over-quota", None, "552", "552: 1 Requested mail action aborted, mailbox not found or over quota"),),
    ),
    Kind(
        "yahoo/policy",
        "en",
        (
            Fault(
                "policy",
                "5.7.9",
                "554",
                "554: 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes",
            ),
        ),
    ),
    Kind(
        "yahoo/ja-unknown-user",
        "en",
        (Fault("unknown-user", None, None, "This user doesn't have a yahoo.co.jp account ({recipient}) [-5]" + _TAIL),),
    ),
    Kind(
        "yahoo/ja-over-quota",
        "en",
        (
            Fault(
                "over-quota",
                None,
                None,
                "Sorry, your message to {recipient} cannot be delivered. This account is over quota." + _TAIL,
            ),
        ),
    ),
    Kind(
        "yahoo/ja-disabled",
        "en",
        (
            Fault(
                "unknown-user",
                None,
                None,
                "Sorry, your message to {recipient} cannot be delivered. "
                "This account has been disabled or discontinued [#102]." + _TAIL,
            ),
        ),
    ),
)


def write(case: Case) -> bytes:
    """Return a failure notice of the one or the other service."""
    japanese = "/ja-" in case.kind.name
    domain = "yahoo.co.jp" if japanese else "yahoo.com"
    host = f"{draw_token(case.rng, 7, DIGITS)}.mail.{domain}"
    address = "MAILER-DAEMON@yahoo.co.jp" if japanese else f"MAILER-DAEMON@{host}"
    opening = "Sorry, we were unable to deliver your message to the following address.\n\n"
    closing = "--- Below this line is a copy of the message.\n\n"
    if japanese:
        opening = "Message from yahoo.co.jp.\nUnable to deliver message to the following address(es).\n\n"
        closing = "--- Original message follows.\n\n"
    return join(
        f"Date: {format_date(case.moment)}\nFrom: {address}\nTo: {case.return_address}\n"
        f"Message-ID: <{draw_token(case.rng, 6, DIGITS)}.{draw_token(case.rng, 5, DIGITS)}.bm@{host}>\n"
        f"X-Loop: MAILER-DAEMON@{domain}\nSubject: {'Delivery failure' if japanese else 'Failure Notice'}\n\n{opening}",
        *(_explain(one) for one in case.failures),
        closing,
        f"Return-Path: <{case.return_address}>\n",
        case.original.octets,
    )


def _explain(failure: Failure) -> str:
    return f"<{failure.recipient}>:\n{failure.text}\n\n"


DIALECT = Dialect(
    "yahoo", "Yahoo Sender Hub, SMTP error codes; Yahoo! JAPAN help", _KINDS, write, "yahoo.co.jp", is_report=False
)
