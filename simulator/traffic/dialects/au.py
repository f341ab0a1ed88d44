"""au (KDDI): the ezweb gateway's "Mail System Error - Returned Mail", and au one net's "Your mail sent on:" notice.

The first is the wording of InterMail, which DTI's support page error05 shows in full with a translation; the second is
a short text that gives date and address of the mail. Replies are those of SendMagic 「SMTP応答コードについて【au編】」.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, declare_8bit, draw_token, format_date, join

_EZWEB = "nx3oBP05-06.ezweb.ne.jp"

_DISABLED = Fault("unknown-user", "5.1.1", None, "The user(s) account is disabled.")
_QUOTA = Fault("over-quota", "5.2.2", None, "The user(s) account is temporarily over quota.")
_UNKNOWN = Fault("unknown-user", "5.1.1", "550", "550 <{recipient}>: User unknown")
_FORMAT = Fault("misconfigured", "5.7.1", "554", "554 <{recipient}>: Relay access denied")
_FULL = Fault("over-quota", None, None, "As their mailbox is full.")
_NO_DOMAIN = Fault("unknown-host", None, None, "As the remote domain doesnt exist.")

_KINDS = (
    Kind("au/account-disabled", "en", (_DISABLED,)),
    Kind("au/over-quota", "en", (_QUOTA,)),
    Kind("au/unknown-user", "en", (_UNKNOWN,)),
    Kind("au/relay-denied", "en", (_FORMAT,)),
    Kind("au/net-mailbox-full", "en", (_FULL,)),
    Kind("au/net-unknown-host", "en", (_NO_DOMAIN,)),
)


def write(case: Case) -> bytes:
    """Return the notice of the one system or the other."""
    return _write_net_notice(case) if "/net-" in case.kind.name else _write_ezweb_report(case)


def _write_ezweb_report(case: Case) -> bytes:
    failure = case.failures[0]
    boundary = f"{draw_token(case.rng, 8, DIGITS)}.{draw_token(case.rng, 9, DIGITS)}/{_EZWEB}"
    diagnostic = (
        f"Remote-MTA: dns; {failure.remote}\nDiagnostic-Code: smtp; {failure.text}\n" if failure.fault.reply else ""
    )
    return join(
        f"Date: {format_date(case.moment)}\nFrom: Mail Administrator <Postmaster@ezweb.ne.jp>\n"
        f"To: {case.return_address}\n"
        "Subject: Mail System Error - Returned Mail\n"
        f"Message-ID: <{case.moment:%Y%m%d%H%M%S}.{draw_token(case.rng, 5, DIGITS)}@{_EZWEB}>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"\n\n'
        f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\n\n"
        f"This Message was undeliverable due to the following reason:\n\n{_explain(failure)}\n"
        "Please reply to Postmaster@ezweb.ne.jp\nif you feel this message to be in error.\n\n"
        f"--{boundary}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; {_EZWEB}\n"
        f"Arrival-Date: {format_date(case.arrival)}\nReceived-From-MTA: dns; mail.example.jp\n\n"
        f"Final-Recipient: RFC822; <{failure.recipient}>\nAction: failed\nStatus: {failure.fault.status}\n{diagnostic}"
        f"\n--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _explain(failure: Failure) -> str:
    if failure.fault.reply is None:
        return f"{failure.text}\n\n     <{failure.recipient}>\n"
    return (
        "Each of the following recipients was rejected by a remote mail server.\n"
        "The reasons given by the server are included to help you determine why\neach recipient was rejected.\n\n"
        f"    Recipient: <{failure.recipient}>\n    Reason:    {failure.text.partition(' ')[2]}\n"
    )


def _write_net_notice(case: Case) -> bytes:
    boundary = f"_=_{draw_token(case.rng, 12)}_=_"
    failure = case.failures[0]
    return join(
        f"Date: {format_date(case.moment)}\nFrom: <mailer-daemon@lsean.ezweb.ne.jp>\nTo: {case.return_address}\n"
        f'Subject: Mail delivery failed\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{boundary}"\n\n'
        f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\n\n"
        f" Your mail sent on: {case.original.date}\n     Could not be delivered to: <{failure.recipient}>\n"
        f"     {failure.text}\n\n--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


DIALECT = Dialect("au", "DTI support, error05; SendMagic, SMTP応答コード【au編】", _KINDS, write, "ezweb.ne.jp")
