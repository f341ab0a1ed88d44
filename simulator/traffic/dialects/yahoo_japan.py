"""Yahoo! JAPAN Mail: support.yahoo-net.jp, 「エラーメール」, and the reply texts that its servers give after DATA.

The notice opens with "Message from yahoo.co.jp."; each reason ends in a bracketed number and the server's name, as in
"[-5] - mta7149.mail.djm.ynwp.yahoo.co.jp"; the mail stands after "--- Original message follows.".
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, draw_token, format_date, join

_SERVER = " - mta7149.mail.djm.ynwp.yahoo.co.jp"
_REFUSED = "Sorry, your message to {recipient} cannot be delivered. "

_NO_ACCOUNT = Fault(
    "unknown-user", None, None, "This user doesn't have a yahoo.co.jp account ({recipient}) [-5]" + _SERVER
)
_FULL = Fault("over-quota", None, None, _REFUSED + "This account is over quota." + _SERVER)
_CLOSED = Fault(
    "unknown-user", None, None, _REFUSED + "This account has been disabled or discontinued [#102]." + _SERVER
)

_KINDS = (
    Kind("yahoo-japan/unknown-user", "en", (_NO_ACCOUNT,)),
    Kind("yahoo-japan/over-quota", "en", (_FULL,)),
    Kind("yahoo-japan/account-closed", "en", (_CLOSED,)),
    Kind("yahoo-japan/two-recipients", "en", (_NO_ACCOUNT, _FULL)),
)


def write(case: Case) -> bytes:
    """Return a delivery failure notice."""
    number = draw_token(case.rng, 5, DIGITS)
    return join(
        f"Received: (qmail {number} invoked for bounce); {format_date(case.moment)}\nDate: {format_date(case.moment)}\n"
        f"From: MAILER-DAEMON@yahoo.co.jp\nTo: {case.return_address}\nX-Loop: MAILER-DAEMON@yahoo.co.jp\n"
        "Subject: Delivery failure\n\n"
        "Message from yahoo.co.jp.\nUnable to deliver message to the following address(es).\n\n",
        *(_explain(one) for one in case.failures),
        "--- Original message follows.\n\n",
        f"Return-Path: <{case.return_address}>\n",
        case.original.octets,
    )


def _explain(failure: Failure) -> str:
    return f"<{failure.recipient}>:\n{failure.text}\n\n"


DIALECT = Dialect("yahoo-japan", "Yahoo! JAPAN help, エラーメール", _KINDS, write, "yahoo.co.jp")
