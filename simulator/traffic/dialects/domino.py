"""HCL (IBM Lotus) Domino: Domino administrator documentation, "Delivery failure reports".

Subject says "DELIVERY FAILURE: " and the reason; "Your message … was not delivered to: … because: …" with the subject
and addresses set in below; Diagnostic-Code's type is X-Notes; Final-Recipient's type is "rfc822;" without a blank.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import HEX, UPPER, declare_8bit, draw_token, format_date, join

_SERVER = "NOTES01/EXAMPLE"
_HOST = "notes01.example.co.jp"

_NO_USER = Fault(
    "unknown-user",
    "5.1.1",
    None,
    "User {user} ({recipient}) not listed in Domino Directory",
)
_NO_HOST = Fault(
    "unknown-host", "5.0.0", None, "Unable to find {domain} in the Domain Name Service (DNS), host unknown"
)
_FULL = Fault(
    "over-quota",
    "5.2.2",
    None,
    "Cannot route mail to user ({recipient}). Mail file has reached its quota: mailbox full.",
)
_BIG = Fault("too-big", "5.3.4", None, "Message size exceeds the maximum message size allowed by this server")
_HOPS = Fault("misconfigured", "5.4.6", None, "Maximum hop count exceeded.  Message probably in a routing loop.")

_KINDS = (
    Kind("domino/unknown-user", "en", (_NO_USER,)),
    Kind("domino/unknown-host", "en", (_NO_HOST,)),
    Kind("domino/over-quota", "en", (_FULL,)),
    Kind("domino/too-big", "en", (_BIG,)),
    Kind("domino/hop-count", "en", (_HOPS,)),
)


def write(case: Case) -> bytes:
    """Return a delivery failure report; Domino writes one for each recipient."""
    failure = case.failures[0]
    unique = (
        f"OF{draw_token(case.rng, 8, HEX[:10] + UPPER[:6])}.{draw_token(case.rng, 8, HEX[:10] + UPPER[:6])}-ON49258"
    )
    boundary = f"==IFJRGLKFGIR{draw_token(case.rng, 8)}UHRUHIHD"
    return join(
        f"Date: {format_date(case.moment)}\nFrom: Postmaster@{_HOST}\nTo: {case.return_address}\n"
        f"Subject: DELIVERY FAILURE: {failure.text}\nMessage-ID: <{unique}@{_HOST}>\nMIME-Version: 1.0\n"
        f"X-MIMETrack: Itemize by SMTP Server on {_SERVER}(Release 9.0.1FP8)\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n boundary="{boundary}"\n\n'
        f"--{boundary}\nContent-type: text/plain; charset=us-ascii\n\n{_explain(case, failure)}\n"
        f"--{boundary}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;{_HOST}\n\n"
        f"Final-Recipient: rfc822;{failure.recipient}\nAction: failed\nStatus: {failure.fault.status}\n"
        f"Diagnostic-Code: X-Notes; {failure.text}\n\n"
        f"--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _explain(case: Case, failure: Failure) -> str:
    subject = case.original.subject if case.original.subject.isascii() else ""
    return (
        f"Your message\n\n  Subject: {subject}\n\nwas not delivered to:\n\n  {failure.recipient}\n\n"
        f"because:\n\n  {failure.text}\n"
    )


DIALECT = Dialect("domino", "HCL Domino administration, delivery failure reports", _KINDS, write)
