"""Courier: courier(8), and the DSN templates dsnheader, dsnfailed, dsndelayed in its configuration folder.

The notice names its host and program and has an indented heading "UNDELIVERABLE MAIL"; each recipient is a line of its
own with a colon, the dialogue below it with ">>>" and "<<<"; the Received field says "with dsn".
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import HEX, UPPER, declare_8bit, draw_token, format_date, join

_HOST = "courier.example.org"

_NO_USER = Fault("unknown-user", "5.1.1", "550", "550 User unknown.")
_FULL = Fault("over-quota", "5.2.2", "552", "552 5.2.2 Mailbox full: quota exceeded")
_DNS = Fault("unknown-host", "5.0.0", None, "No such domain.")
_LATE = Fault("retry-timeout", "4.0.0", None, "Connection timed out")

_KINDS = (
    Kind("courier/unknown-user", "en", (_NO_USER,)),
    Kind("courier/over-quota", "en", (_FULL,)),
    Kind("courier/unknown-host", "en", (_DNS,)),
    Kind("courier/delayed", "en", (_LATE,), final=False),
)


def write(case: Case) -> bytes:
    """Return a notice as the dsn module writes it."""
    queue_id = f"{draw_token(case.rng, 16, HEX[:10] + UPPER[:6])}.{draw_token(case.rng, 8, HEX[:10] + UPPER[:6])}"
    boundary = f"=_courier-{draw_token(case.rng, 20, HEX)}"
    subject = "NOTICE: mail delivery status." if case.kind.final else "WARNING: delayed mail."
    return join(
        f"Received: from localhost (localhost [127.0.0.1])\n  (ftp://ftp.isi.edu/in-notes/rfc1894.txt)\n"
        f"  by {_HOST} with dsn; {format_date(case.moment)}\n  id {queue_id}\n"
        f'From: "Courier mail server at {_HOST}" <postmaster@{_HOST}>\nTo: {case.return_address}\n'
        f"Subject: {subject}\nMime-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
        f'    boundary="{boundary}"\nContent-Transfer-Encoding: 7bit\nMessage-ID: <courier.{queue_id}@{_HOST}>\n'
        f"Date: {format_date(case.moment)}\n\n"
        "This is a MIME formatted message.  If you see this text it means that your\n"
        "mail software cannot handle MIME formatted messages.\n\n"
        f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n"
        f"{_explain(case)}\n"
        f"--{boundary}\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: 7bit\n\n"
        f"Reporting-MTA: dns; {_HOST}\nArrival-Date: {format_date(case.arrival)}\n"
        f"Received-From-MTA: dns; mail.example.jp ([192.0.2.25])\n",
        *(_write_status(case, one) for one in case.failures),
        f"\n--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _explain(case: Case) -> str:
    heading, sentence = "UNDELIVERABLE MAIL", "Your message to the following recipients cannot be delivered:"
    if not case.kind.final:
        heading = "DELAYED MAIL"
        sentence = (
            "THIS IS A WARNING MESSAGE ONLY.\n\nYour message to the following recipients is delayed.\n"
            "You do not need to resend it:"
        )
    told = "".join(_tell(one) for one in case.failures)
    opening = f"This is a delivery status notification from {_HOST},\nrunning the Courier mail server.\n"
    return f"{opening}\n           {heading}\n\n{sentence}\n\n{told}"


def _tell(failure: Failure) -> str:
    if failure.fault.reply is None:
        return f"<{failure.recipient}>:\n    {failure.text}\n\n"
    dialogue = (
        f"    {failure.remote} [{failure.remote_address}]:\n    >>> RCPT TO:<{failure.recipient}>\n"
        f"    <<< {failure.text}\n"
    )
    return f"<{failure.recipient}>:\n{dialogue}\n"


def _write_status(case: Case, failure: Failure) -> str:
    status = failure.fault.status
    fields = (
        f"\nFinal-Recipient: rfc822; {failure.recipient}\n"
        f"Action: {'failed' if case.kind.final else 'delayed'}\nStatus: {status}\n"
    )
    if failure.fault.reply is None:
        return f"{fields}Diagnostic-Code: x-courier; {failure.text}\n"
    return (
        f"{fields}Remote-MTA: dns; {failure.remote} [{failure.remote_address}]\nDiagnostic-Code: smtp; {failure.text}\n"
    )


DIALECT = Dialect("courier", "Courier mail server, dsnheader, dsnfailed, dsndelayed", _KINDS, write)
