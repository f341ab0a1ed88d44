"""Sendmail 8: Sendmail Installation and Operation Guide §5.6 (DSN), and the layout of savemail.c (errbody).

The notification tells in two sections, the addresses with their reasons and the session's transcript; types are written
"RFC822", "DNS", "SMTP" in capitals; Auto-Submitted says "auto-generated (failure)" or "(warning-timeout)".
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import ALPHANUMERIC, declare_8bit, draw_token, format_date, join

_HOST = "ns1.example.co.jp"
_WARNING = """    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

"""

_NO_USER = Fault("unknown-user", "5.1.1", "550", "550 5.1.1 <{recipient}>... User unknown")
_NO_HOST = Fault(
    "unknown-host", "5.1.2", "550", "550 5.1.2 <{recipient}>... Host unknown (Name server: {domain}: host not found)"
)
_TIMEOUT = Fault("retry-timeout", "4.4.7", None, "Deferred: Connection timed out with {remote}.")
_DENIED = Fault("policy", "5.7.1", "550", "550 5.7.1 Access denied")
_FULL = Fault("over-quota", "5.2.2", "552", "552 5.2.2 <{recipient}>... Mailbox full")
_FORWARD = Fault("forward-error", "5.1.1", "550", "550 5.1.1 <{forward}>... User unknown")
_LOOP = Fault(
    "misconfigured",
    "5.4.6",
    "554",
    "554 5.4.6 Too many hops 26 (25 max): from <bounce@return.example.com> via {domain}",
)
_RELAY = Fault("misconfigured", "5.7.1", "550", "550 5.7.1 <{recipient}>... Relaying denied")
_MX_LOOP = Fault("misconfigured", "5.3.5", "554", "554 5.3.5 Local configuration error")
_AUTH = Fault("misconfigured", "5.7.0", "530", "530 5.7.0 Authentication required")
_BIG = Fault("too-big", "5.3.4", "552", "552 5.3.4 <{recipient}>... Message is too large; 10240000 bytes max")
_SYNTAX = Fault("bad-address", "5.1.3", "553", "553 5.1.3 <{recipient}>... User address required")

_KINDS = (
    Kind("sendmail/unknown-user", "en", (_NO_USER,)),
    Kind("sendmail/unknown-host", "en", (_NO_HOST,)),
    Kind("sendmail/retry-timeout", "en", (_TIMEOUT,)),
    Kind("sendmail/delayed", "en", (Fault("retry-timeout", "4.4.1", None, _TIMEOUT.text),), final=False),
    Kind("sendmail/policy", "en", (_DENIED,)),
    Kind("sendmail/over-quota", "en", (_FULL,)),
    Kind("sendmail/forwarded-user-unknown", "en", (_FORWARD,)),
    Kind("sendmail/too-many-hops", "en", (_LOOP,)),
    Kind("sendmail/relay-denied", "en", (_RELAY,)),
    Kind("sendmail/local-configuration", "en", (_MX_LOOP,)),
    Kind("sendmail/authentication-required", "en", (_AUTH,)),
    Kind("sendmail/too-big", "en", (_BIG,)),
    Kind("sendmail/bad-address", "en", (_SYNTAX,)),
    Kind("sendmail/two-recipients", "en", (_NO_USER, _DENIED)),
)


def write(case: Case) -> bytes:
    """Return a report as savemail.c writes it."""
    queue_id = "34" + draw_token(case.rng, 12, ALPHANUMERIC)
    boundary = f"{queue_id}.{int(case.moment.timestamp())}/{_HOST}"
    subject, automatic = _choose_subject(case)
    status = (
        f"Reporting-MTA: dns; {_HOST}\nReceived-From-MTA: DNS; localhost\n"
        f"Arrival-Date: {format_date(case.arrival)}\n" + "".join(_write_status(case, one) for one in case.failures)
    )
    return join(
        f"Received: from localhost (localhost)\n\tby {_HOST} (8.15.2/8.15.2) id {queue_id};\n"
        f"\t{format_date(case.moment)}\n"
        f"Date: {format_date(case.moment)}\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@{_HOST}>\n"
        f"Message-Id: <{case.moment:%Y%m%d%H%M}.{queue_id}@{_HOST}>\nTo: <{case.return_address}>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"\n'
        f"Subject: {subject}\nAuto-Submitted: auto-generated ({automatic})\n\n"
        f"This is a MIME-encapsulated message\n\n--{boundary}\n\n{_explain(case)}"
        f"\n--{boundary}\nContent-Type: message/delivery-status\n\n{status}\n--{boundary}\n",
        f"Content-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n"
        if case.kind.final
        else "Content-Type: text/rfc822-headers\n\n",
        f"Return-Path: <{case.return_address}>\n",
        case.original.octets if case.kind.final else case.original.header,
        f"\n--{boundary}--\n\n",
    )


def _choose_subject(case: Case) -> tuple[str, str]:
    if not case.kind.final:
        return "Warning: could not send message for past 4 hours", "warning-timeout"
    if case.kind.cause == "retry-timeout":
        return "Returned mail: Cannot send message for 5 days", "failure"
    return "Returned mail: see transcript for details", "failure"


def _explain(case: Case) -> str:
    arrival = f"The original message was received at {format_date(case.arrival)}\nfrom localhost [127.0.0.1]\n\n"
    transcript = "   ----- Transcript of session follows -----\n" + "".join(
        _transcribe(case, one) for one in case.failures
    )
    if not case.kind.final:
        return f"{_WARNING}{arrival}{transcript}"
    reasons = "".join(_give_reason(one) for one in case.failures)
    return f"{arrival}   ----- The following addresses had permanent fatal errors -----\n{reasons}\n{transcript}"


def _give_reason(failure: Failure) -> str:
    if failure.fault is _FORWARD:
        return f"<{failure.forward}>\n    (reason: {failure.text})\n    (expanded from: <{failure.recipient}>)\n"
    reason = f"    (reason: {failure.text})\n" if failure.fault.reply else ""
    return f"<{failure.recipient}>\n{reason}"


def _transcribe(case: Case, failure: Failure) -> str:
    if failure.fault.cause == "retry-timeout":
        end = "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n"
        if case.kind.final:
            end = "Message could not be delivered for 5 days\nMessage will be deleted from queue\n"
        return f"<{failure.recipient}>... {failure.text}\n{end}"
    if failure.fault in (_NO_HOST, _MX_LOOP, _LOOP):  # never got to a remote server
        return f"{failure.text}\n"
    return (
        f"... while talking to {failure.remote}.:\n>>> DATA\n<<< {failure.text}\n{failure.text}\n"
        "<<< 503 5.0.0 Need RCPT (recipient)\n"
    )


def _write_status(case: Case, failure: Failure) -> str:
    fault = failure.fault
    actual = f"X-Actual-Recipient: RFC822; {failure.forward}\n" if fault is _FORWARD else ""
    original = f"Original-Recipient: rfc822;{failure.recipient}\n" if fault is _FORWARD else ""
    remote = f"Remote-MTA: DNS; {failure.remote}\n" if fault.reply or not case.kind.final else ""
    diagnostic = f"Diagnostic-Code: SMTP; {failure.text}\n" if fault.reply else ""
    retry = "" if case.kind.final else f"Will-Retry-Until: {format_date(case.arrival)}\n"
    return (
        f"\n{original}Final-Recipient: RFC822; {failure.recipient}\n"
        f"{actual}Action: {'failed' if case.kind.final else 'delayed'}\n"
        f"Status: {fault.status}\n{remote}{diagnostic}Last-Attempt-Date: {format_date(case.moment)}\n{retry}"
    )


DIALECT = Dialect("sendmail", "Sendmail Installation and Operation Guide 8.15, savemail.c", _KINDS, write)
