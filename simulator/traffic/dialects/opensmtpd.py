"""OpenSMTPD: bounce.c of smtpd(8), and smtpd.conf(5) "bounce warn-interval".

It announces multipart/mixed, not multipart/report; greets with an indented "Hi!"; names the recipient and the reason on
one unindented line; its delivery-status part has no Diagnostic-Code, and what it calls the headers is the whole mail.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, draw_token, format_date, join

_HOST = "smtp.example.fr"

_KINDS = (
    Kind(
        "opensmtpd/unknown-user",
        "en",
        (Fault("unknown-user", "5.1.1", "550", "550 5.1.1 <{recipient}>: User unknown"),),
    ),
    Kind(
        "opensmtpd/invalid-recipient",
        "en",
        (Fault("unknown-user", "5.0.0", "550", "550 Invalid recipient: <{recipient}>"),),
    ),
    Kind("opensmtpd/unknown-host", "en", (Fault("unknown-host", "5.0.0", None, "Domain does not exist"),)),
    Kind("opensmtpd/retry-timeout", "en", (Fault("retry-timeout", "5.0.0", None, "Envelope expired"),)),
    Kind(
        "opensmtpd/delayed",
        "en",
        (Fault("retry-timeout", "4.0.0", None, "Network error on destination MXs"),),
        final=False,
    ),
    Kind("opensmtpd/mail-loop", "en", (Fault("misconfigured", "5.0.0", None, "Loop detected"),)),
)


def write(case: Case) -> bytes:
    """Return a notice as bounce_next() sends it."""
    boundary = f"{draw_token(case.rng, 18, DIGITS)}/{_HOST}"
    action = "failed" if case.kind.final else "delayed"
    opening = (
        "    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n"
    )
    closing = ""
    if not case.kind.final:
        opening = "    A message is delayed for more than 4 hours for the following\n    list of recipients:\n\n"
        closing = (
            "    Please note that this is only a temporary failure report.\n"
            "    The message is kept in the queue for up to 4 days.\n"
            "    You DO NOT NEED to re-send the message to these recipients.\n\n"
        )
    return join(
        f"Subject: Delivery status notification: {action}\nFrom: Mailer Daemon <MAILER-DAEMON@{_HOST}>\n"
        f"To: {case.return_address}\nDate: {format_date(case.moment)}\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed;boundary="{boundary}"\n\nThis is a MIME-encapsulated message.\n\n'
        f"--{boundary}\nContent-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n"
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n",
        opening,
        "".join(f"{one.recipient}: {one.text}\n" for one in case.failures),
        f"\n{closing}    Below is a copy of the original message:\n\n",
        f"--{boundary}\nContent-Description: Delivery Report\nContent-Type: message/delivery-status\n\n",
        f"Reporting-MTA: dns; {_HOST}\n\n",
        "".join(_write_status(one, action) for one in case.failures),
        f"--{boundary}\nContent-Description: Message headers\nContent-Type: text/rfc822-headers\n\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _write_status(failure: Failure, action: str) -> str:
    status = failure.fault.status
    return f"Final-Recipient: rfc822; {failure.recipient}\nAction: {action}\nStatus: {status}\n\n"


DIALECT = Dialect("opensmtpd", "OpenSMTPD smtpd(8), bounce.c", _KINDS, write)
