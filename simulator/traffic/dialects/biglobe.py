"""BIGLOBE: its help pages on error mails (「エラーメールが届いた」) and the notice's two dashed sections.

One text/plain part and one message part in multipart/mixed; the addresses stand bare under the first dashed heading,
the reason in one English sentence under the second; there is no code of any kind.
"""

from simulator.traffic.kinds import Case, Dialect, Fault, Kind
from simulator.traffic.layout import DIGITS, declare_8bit, draw_token, format_date, join

_KINDS = (
    Kind(
        "biglobe/over-quota",
        "en",
        (Fault("over-quota", None, None, "The number of messages in recipient's mailbox exceeded the local limit."),),
    ),
    Kind(
        "biglobe/mailbox-volume",
        "en",
        (Fault("over-quota", None, None, "The volume of recipient's mailbox exceeded the local limit."),),
    ),
    Kind("biglobe/unknown-user", "en", (Fault("unknown-user", None, None, "The recipient's mailbox does not exist."),)),
)


def write(case: Case) -> bytes:
    """Return the provider's notice."""
    boundary = f"{draw_token(case.rng, 15, DIGITS)}/mta-sp-p01.biglobe.ne.jp"
    failed = "".join(f"{one.recipient}\n" for one in case.failures)
    reason = case.failures[0].text
    return join(
        f"Date: {format_date(case.moment)}\nFrom: postmaster@biglobe.ne.jp\nTo: {case.return_address}\n"
        "Subject: Returned mail: Service unavailable\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n'
        f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\n\n"
        f"   ----- The following addresses had delivery problems -----\n{failed}\n"
        f"   ----- Non-delivered information -----\n{reason}\n\n"
        f"--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


DIALECT = Dialect("biglobe", "BIGLOBE会員サポート, エラーメール", _KINDS, write, "biglobe.ne.jp")
