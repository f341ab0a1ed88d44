"""Oracle Communications Messaging Server (Sun, iPlanet; iCloud's): its Administrator's Guide, return_*.txt.

Boundary is "Boundary_(ID_…)"; the notice quotes the mail's header fields, then "Recipient address:", "Reason:",
"Diagnostic code:", "Remote system:" in two columns; header names are written "Content-type" and "MIME-version".
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, declare_8bit, draw_token, format_date, join

_HOST = "st43p00im-ztdg10071801.me.com"

_NO_USER = Fault("unknown-user", "5.1.1", "550", "550 5.1.1 <{recipient}>: user does not exist")
_FULL = Fault("over-quota", "5.2.2", "552", "552 5.2.2 user over quota; cannot receive new mail.")
_ILLEGAL = Fault("unknown-host", "5.4.4", None, "Illegal host/domain name found")
_LATE = Fault("retry-timeout", "4.4.7", None, "unable to deliver this message after 3 days")
_POLICY = Fault("policy", "5.7.1", "550", "550 5.7.1 Your message was rejected due to example.com's DMARC policy.")

_REASONS = {
    "unknown-user": "Remote SMTP server has rejected address",
    "over-quota": "User mailbox is over quota",
    "unknown-host": "Illegal host/domain name found",
    "retry-timeout": "unable to deliver this message after 3 days",
    "policy": "Server rejected DATA",
}

_KINDS = (
    Kind("oracle/unknown-user", "en", (_NO_USER,)),
    Kind("oracle/over-quota", "en", (_FULL,)),
    Kind("oracle/illegal-host", "en", (_ILLEGAL,)),
    Kind("oracle/expired", "en", (_LATE,)),
    Kind("oracle/policy", "en", (_POLICY,)),
)


def write(case: Case) -> bytes:
    """Return a notification as the reprocess channel writes it."""
    boundary = f"Boundary_(ID_{draw_token(case.rng, 22)})"
    return join(
        f"Received: from process-daemon.{_HOST} by {_HOST}\n"
        f" id <0Q{draw_token(case.rng, 12)}@{_HOST}>; {format_date(case.moment)}\n"
        f"Date: {format_date(case.moment)}\nFrom: Internet Mail Delivery <postmaster@{_HOST}>\n"
        f"Subject: Delivery Notification: Delivery has failed\nTo: {case.return_address}\n"
        f"Message-id: <0Q{draw_token(case.rng, 6, DIGITS)}@{_HOST}>\nMIME-version: 1.0\n"
        f'Content-type: multipart/report; boundary="{boundary}"; report-type=delivery-status\n\n'
        f"--{boundary}\nContent-type: text/plain; charset=us-ascii\nContent-language: en-us\n\n{_explain(case)}\n"
        f"--{boundary}\nContent-type: message/delivery-status\n\nReporting-MTA: dns;{_HOST} (tcp-daemon)\n"
        f"Arrival-date: {format_date(case.arrival)}\n",
        *(_write_status(one) for one in case.failures),
        f"\n--{boundary}\nContent-type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _explain(case: Case) -> str:
    fields = f"  Message-id: {case.original.message_id}\n  Date: {case.original.date}\n  From: {case.return_address}\n"
    opening = f"This report relates to a message you sent with the following header fields:\n\n{fields}\n"
    return f"{opening}Your message cannot be delivered to the following recipients:\n\n" + "".join(
        map(_tell, case.failures)
    )


def _tell(failure: Failure) -> str:
    told = f"  Recipient address: {failure.recipient}\n  Reason: {_REASONS[failure.fault.cause]}\n"
    if failure.fault.reply:
        told += (
            f"  Diagnostic code: smtp;{failure.text}\n"
            f"  Remote system: dns;{failure.remote} (TCP|17.0.0.1|52011|{failure.remote_address}|25)\n"
        )
    return told + "\n"


def _write_status(failure: Failure) -> str:
    reason = _REASONS[failure.fault.cause]
    fields = (
        f"\nOriginal-recipient: rfc822;{failure.recipient}\nFinal-recipient: rfc822;{failure.recipient}\n"
        f"Action: failed\nStatus: {failure.fault.status} ({reason})\n"
    )
    if failure.fault.reply is None:
        return fields
    return (
        f"{fields}Remote-MTA: dns;{failure.remote}\n (TCP|17.0.0.1|52011|{failure.remote_address}|25)\n"
        f"Diagnostic-code: smtp;{failure.text}\n"
    )


DIALECT = Dialect("oracle", "Oracle Communications Messaging Server Administrator's Guide", _KINDS, write, "icloud.com")
