"""Postfix: bounce(5), "TEMPLATE FILE FORMAT", its default templates, and the layout of bounce_notify_util.c.

The failed mail's queue id, the time and the host are the MIME boundary; the notification has no charset but us-ascii;
the delivery-status part leads with X-Postfix-* fields; long reasons are folded at 79 columns with an indent of four.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import declare_8bit, draw_token, fold, format_date, join

_HOST = "mta03.example.jp"

# bounce(5): failure_template and delay_template as shipped.
_FAILURE_TEXT = f"""This is the mail system at host {_HOST}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

                   The mail system
"""
_DELAY_TEXT = f"""This is the mail system at host {_HOST}.

####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than 4 hour(s).
It will be retried until it is 5 day(s) old.

For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

                   The mail system
"""

# smtp_proto.c, smtp_connect.c, smtp_addr.c and local(8), virtual(8) word these; "said:" quotes the remote server.
_UNKNOWN_USER = Fault(
    "unknown-user",
    "5.1.1",
    "550",
    "550 5.1.1 <{recipient}>: Recipient address rejected: User unknown in virtual mailbox table",
)
_LOCAL_USER = Fault("unknown-user", "5.1.1", None, 'unknown user: "{user}"')
_UNKNOWN_HOST = Fault(
    "unknown-host",
    "5.4.4",
    None,
    "Host or domain name not found. Name service error for name={domain} type=AAAA: Host not found",
)
_NO_MAIL = Fault("unknown-host", "5.1.0", None, "Domain {domain} does not accept mail (nullMX)")
_TIMED_OUT = Fault("retry-timeout", "4.4.1", None, "connect to {remote}[{remote_address}]:25: Connection timed out")
_POLICY = Fault(
    "policy",
    "5.7.1",
    "554",
    "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; "
    "https://www.spamhaus.org/query/ip/192.0.2.25",
)
_QUOTA = Fault("over-quota", "5.2.2", "552", "552 5.2.2 <{recipient}>: Mailbox full")
_LOOP = Fault("misconfigured", "5.4.6", None, "mail forwarding loop for {recipient}")
_RELAY = Fault("misconfigured", "5.7.1", "554", "554 5.7.1 <{recipient}>: Relay access denied")
_TOO_BIG = Fault(
    "too-big",
    "5.3.4",
    None,
    "message size 31457280 exceeds size limit 10240000 of server {remote}[{remote_address}]",
)
_SYNTAX = Fault("bad-address", "5.1.3", "501", "501 5.1.3 Bad recipient address syntax")

_KINDS = (
    Kind("postfix/unknown-user", "en", (_UNKNOWN_USER,)),
    Kind("postfix/unknown-local-user", "en", (_LOCAL_USER,)),
    Kind("postfix/unknown-host", "en", (_UNKNOWN_HOST,)),
    Kind("postfix/null-mx", "en", (_NO_MAIL,)),
    Kind("postfix/retry-timeout", "en", (_TIMED_OUT,)),
    Kind("postfix/delayed", "en", (_TIMED_OUT,), final=False),
    Kind("postfix/policy", "en", (_POLICY,)),
    Kind("postfix/over-quota", "en", (_QUOTA,)),
    Kind("postfix/forwarding-loop", "en", (_LOOP,)),
    Kind("postfix/relay-denied", "en", (_RELAY,)),
    Kind("postfix/too-big", "en", (_TOO_BIG,)),
    Kind("postfix/bad-address", "en", (_SYNTAX,)),
    Kind("postfix/three-recipients", "en", (_UNKNOWN_USER, _QUOTA, _UNKNOWN_HOST)),
)


def write(case: Case) -> bytes:
    """Return a report as bounce(8) writes it."""
    queue_id, failed_id = ("4" + draw_token(case.rng, 14) for _ in range(2))
    boundary = f"{failed_id}.{int(case.moment.timestamp())}/{_HOST}"
    subject = "Undelivered Mail Returned to Sender" if case.kind.final else "Delayed Mail (still being retried)"
    returned = _return_mail(case)
    return join(
        f"Received: by {_HOST} (Postfix)\n\tid {queue_id}; {format_date(case.moment, comment='JST')}\n"
        f"Date: {format_date(case.moment, comment='JST')}\n"
        f"From: Mail Delivery System <MAILER-DAEMON@{_HOST}>\nSubject: {subject}\nTo: {case.return_address}\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"\n'
        f"{declare_8bit(returned)}Message-Id: <{case.moment:%Y%m%d%H%M%S}.{queue_id}@{_HOST}>\n\n"
        f"This is a MIME-encapsulated message.\n\n--{boundary}\n"
        "Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n",
        _FAILURE_TEXT if case.kind.final else _DELAY_TEXT,
        *(f"\n{fold(_explain(one), 79, '    ')}\n" for one in case.failures),
        f"\n--{boundary}\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n",
        _write_status(case, failed_id),
        f"\n--{boundary}\n",
        returned,
        f"\n--{boundary}--\n",
    )


def _explain(failure: Failure) -> str:
    if failure.fault.reply is None:
        return f"<{failure.recipient}>: {failure.text}"
    return (
        f"<{failure.recipient}>: host {failure.remote}[{failure.remote_address}] said: {failure.text} "
        "(in reply to RCPT TO command)"
    )


def _write_status(case: Case, failed_id: str) -> str:
    report = (
        f"Reporting-MTA: dns; {_HOST}\nX-Postfix-Queue-ID: {failed_id}\n"
        f"X-Postfix-Sender: rfc822; {case.return_address}\n"
        f"Arrival-Date: {format_date(case.arrival, comment='JST')}\n"
    )
    return report + "".join(_write_recipient(case, one) for one in case.failures)


def _write_recipient(case: Case, failure: Failure) -> str:
    remote = f"Remote-MTA: dns; {failure.remote}\n" if failure.fault.reply else ""
    diagnostic = f"Diagnostic-Code: {'smtp' if failure.fault.reply else 'X-Postfix'}; {failure.text}"
    action = "failed" if case.kind.final else "delayed"
    until = "" if case.kind.final else f"Will-Retry-Until: {format_date(case.arrival, comment='JST')}\n"
    return (
        f"\nFinal-Recipient: rfc822; {failure.recipient}\nOriginal-Recipient: rfc822;{failure.recipient}\n"
        f"Action: {action}\nStatus: {failure.fault.status}\n{remote}{fold(diagnostic, 79, '    ')}\n{until}"
    )


def _return_mail(case: Case) -> bytes:
    """Return the last part: the whole mail after a failure, its header alone after a delay (bounce(8))."""
    trace = f"Return-Path: <{case.return_address}>\n"
    if not case.kind.final:
        head = "Content-Description: Undelivered Message Headers\nContent-Type: text/rfc822-headers\n\n"
        return join(head, trace, case.original.header)
    whole = case.original.octets
    head = f"Content-Description: Undelivered Message\nContent-Type: message/rfc822\n{declare_8bit(whole)}\n"
    return join(head, trace, whole)


DIALECT = Dialect("postfix", "Postfix bounce(5) and bounce(8)", _KINDS, write)
