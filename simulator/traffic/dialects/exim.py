"""Exim: the specification, "Customizing bounce and warning messages", and the layout of deliver.c (4.90 and later).

The report names the failed addresses in X-Failed-Recipients, indents each address by two and its reason by four, and
has no exact Status: 5.0.0 after a failure, 4.0.0 in a warning, whatever the remote server said. Without DSN support
(before 4.86) it was one plain text with the mail after a dashed line; "exim/old-…" are those.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import ALPHANUMERIC, DIGITS, declare_8bit, draw_token, format_date, join

_HOST = "server7.example.com"

_REFUSED = "host {remote} [{remote_address}]\nSMTP error from remote mail server after RCPT TO:<{recipient}>:\n"
_NO_USER = Fault("unknown-user", "5.1.1", "550", _REFUSED + "550 5.1.1 <{recipient}>: user unknown")
# The default routers: a remote address gets here when dnslookup declines it, its domain having neither MX nor A.
_UNROUTEABLE = Fault("unknown-host", "5.0.0", None, "Unrouteable address")
_NO_DOMAIN = Fault(
    "unknown-host", "5.0.0", None, "all relevant MX records point to non-existing hosts or (invalidly) to IP addresses"
)
_TIMEOUT = Fault(
    "retry-timeout", "5.0.0", None, "host {remote} [{remote_address}]\nConnection timed out: retry timeout exceeded"
)
_LATE = Fault("retry-timeout", "4.0.0", None, "host {remote} [{remote_address}]\nDelay reason: Connection timed out")
_SPAM = Fault(
    "policy",
    "5.7.1",
    "550",
    "host {remote} [{remote_address}]\nSMTP error from remote mail server after end of data:\n"
    "550 5.7.1 This message was classified as SPAM and may not be delivered",
)
_QUOTA = Fault("over-quota", "5.0.0", None, "mailbox is full: retry timeout exceeded")
_HOPS = Fault("misconfigured", "5.0.0", None, 'Too many "Received" headers - suspected mail loop')
_RELAY = Fault("misconfigured", "5.0.0", "550", _REFUSED + "550 relay not permitted")
_BIG = Fault(
    "too-big",
    "5.3.4",
    "552",
    "host {remote} [{remote_address}]\nSMTP error from remote mail server after MAIL FROM:<bounce@return.example.com> "
    "SIZE=52428800:\n552 5.3.4 Message size exceeds fixed maximum message size",
)

_KINDS = (
    Kind("exim/unknown-user", "en", (_NO_USER,)),
    Kind("exim/unrouteable", "en", (_UNROUTEABLE,)),
    Kind("exim/unknown-host", "en", (_NO_DOMAIN,)),
    Kind("exim/retry-timeout", "en", (_TIMEOUT,)),
    Kind("exim/delayed", "en", (_LATE,), final=False),
    Kind("exim/policy", "en", (_SPAM,)),
    Kind("exim/over-quota", "en", (_QUOTA,)),
    Kind("exim/mail-loop", "en", (_HOPS,)),
    Kind("exim/relay-denied", "en", (_RELAY,)),
    Kind("exim/too-big", "en", (_BIG,)),
    Kind("exim/two-recipients", "en", (_NO_USER, _QUOTA)),
    Kind("exim/old-unknown-user", "en", (Fault("unknown-user", "5.1.1", "550", _NO_USER.text),)),
)


def write(case: Case) -> bytes:
    """Return a bounce or warning message as Exim's delivery process writes it."""
    return _write_plain(case) if "/old-" in case.kind.name else _write_report(case)


def _write_header(case: Case, content_type: str) -> str:
    queue_id = f"1{draw_token(case.rng, 5)}-{draw_token(case.rng, 11)}-{draw_token(case.rng, 4)}"
    subject = f"Warning: message {queue_id} delayed 24 hours"
    if case.kind.final:
        subject = "Mail delivery failed: returning message to sender"
    failed = ",\n  ".join(one.recipient for one in case.failures)
    return (
        f"Received: from mailnull by {_HOST} with local (Exim 4.96)\n\tid {queue_id}\n\tfor {case.return_address};\n"
        f"\t{format_date(case.moment)}\n"
        + (f"X-Failed-Recipients: {failed}\n" if case.kind.final else "")
        + "Auto-Submitted: auto-replied\n"
        f"From: Mail Delivery System <Mailer-Daemon@{_HOST}>\nTo: {case.return_address}\n"
        f"References: {case.original.message_id}\n{content_type}"
        f"Subject: {subject}\nMessage-Id: <E{queue_id}@{_HOST}>\nDate: {format_date(case.moment)}\n\n"
    )


def _write_report(case: Case) -> bytes:
    boundary = f"{int(case.moment.timestamp())}-eximdsn-{draw_token(case.rng, 9, DIGITS)}"
    kind = f"Content-Type: multipart/report; report-type=delivery-status; boundary={boundary}\nMIME-Version: 1.0\n"
    status = f"Reporting-MTA: dns; {_HOST}\n" + "".join(_write_status(case, one) for one in case.failures)
    if case.kind.final:
        copy = join("Content-type: message/rfc822\n", declare_8bit(case.original.octets), "\n")
        returned = join(copy, f"Return-path: <{case.return_address}>\n", case.original.octets)
    else:
        returned = join("Content-type: text/rfc822-headers\n\n", case.original.header)
    return join(
        _write_header(case, kind),
        f"--{boundary}\nContent-type: text/plain; charset=us-ascii\n\n{_explain(case)}\n",
        f"--{boundary}\nContent-type: message/delivery-status\n\n{status}\n--{boundary}\n",
        returned,
        f"\n--{boundary}--\n",
    )


def _write_plain(case: Case) -> bytes:
    return join(
        _write_header(case, ""),
        _explain(case),
        "\n------ This is a copy of the message, including all the headers. ------\n\n",
        f"Return-path: <{case.return_address}>\n",
        case.original.octets,
    )


def _explain(case: Case) -> str:
    reasons = "".join(f"  {one.recipient}\n    {one.text}\n".replace("\n", "\n    ")[:-4] for one in case.failures)
    opening = "This message was created automatically by mail delivery software.\n"
    if case.kind.final:
        return (
            f"{opening}\nA message that you sent could not be delivered to one or more of its\n"
            f"recipients. This is a permanent error. The following address(es) failed:\n\n{reasons}"
        )
    return (
        f"{opening}A message that you sent has not yet been delivered to one or more of its\n"
        f"recipients after more than 24 hours on the queue on {_HOST}.\n\n"
        f"The message identifier is:     1{draw_token(case.rng, 5, ALPHANUMERIC)}-0004pE-2f\n"
        f"The date of the message is:    {case.original.date}\n\n"
        f"The address to which the message has not yet been delivered is:\n\n{reasons}\n"
        "No action is required on your part. Delivery attempts will continue for\n"
        "some time, and this warning may be repeated at intervals if the message\n"
        "remains undelivered. Eventually the mail delivery software will give up,\n"
        "and when that happens, the message will be returned to you.\n"
    )


def _write_status(case: Case, failure: Failure) -> str:
    action, status = ("failed", "5.0.0") if case.kind.final else ("delayed", "4.0.0")
    lines = f"\nAction: {action}\nFinal-Recipient: rfc822;{failure.recipient}\nStatus: {status}\n"
    if failure.fault.reply is None:
        return lines
    said = failure.text.rpartition("\n")[2]
    return f"{lines}Remote-MTA: dns; {failure.remote}\nDiagnostic-Code: smtp; {said}\n"


DIALECT = Dialect("exim", "Exim specification 4.9x, deliver.c", _KINDS, write)
