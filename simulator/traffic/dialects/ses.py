"""Amazon SES: Developer Guide, "Email sending: notifications" (bounce object, suppression list) and its example DSN.

Short: the report's human part is one sentence and the address; Reporting-MTA's type is "dsn" where RFC 3464 has "dns";
Action comes before Final-Recipient and Status after Diagnostic-Code.
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, HEX, declare_8bit, draw_token, format_date, join

_REGION = "ap-northeast-1"

_KINDS = (
    Kind(
        "ses/unknown-user",
        "en",
        (Fault("unknown-user", "5.1.1", "550", "smtp; 550 5.1.1 <{recipient}>... User unknown"),),
    ),
    Kind(
        "ses/retry-timeout",
        "en",
        (
            Fault(
                "retry-timeout",
                "4.4.7",
                "554",
                "smtp; 554 4.4.7 Message expired: unable to deliver in 840 minutes."
                "<451 4.4.1 Unable to connect to {domain}: timed out>",
            ),
        ),
    ),
    Kind(
        "ses/policy",
        "en",
        (
            Fault(
                "policy",
                "5.7.1",
                "550",
                "smtp; 550 5.7.1 Message rejected due to local policy. Please contact postmaster@{domain}",
            ),
        ),
    ),
    Kind("ses/over-quota", "en", (Fault("over-quota", "5.2.2", "552", "smtp; 552 5.2.2 {recipient} over quota"),)),
    Kind(
        "ses/suppressed",
        "en",
        (
            Fault(
                "suppressed",
                "5.1.1",
                None,
                "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an "
                "invalid address. For more information about how to remove an address from the suppression "
                "list, see the "
                "Amazon SES Developer Guide: "
                "http://docs.aws.amazon.com/ses/latest/DeveloperGuide/remove-from-suppressionlist.html",
            ),
        ),
    ),
)


def write(case: Case) -> bytes:
    """Return the bounce that SES forwards to the Return-Path."""
    part, serial = draw_token(case.rng, 6, DIGITS), draw_token(case.rng, 9, DIGITS)
    boundary = f"----=_Part_{part}_{serial}.{int(case.moment.timestamp())}000"
    message_id = f"0106{draw_token(case.rng, 12, HEX)}-{draw_token(case.rng, 8, HEX)}-000000"
    host = f"e{case.rng.randrange(200, 260)}-{case.rng.randrange(2, 9)}.smtp-out.{_REGION}.amazonses.com"
    failed = "\n".join(one.recipient for one in case.failures)
    return join(
        f"Date: {format_date(case.moment)}\nFrom: MAILER-DAEMON@{_REGION}.amazonses.com\nTo: {case.return_address}\n"
        f"Message-ID: <{message_id}@{_REGION}.amazonses.com>\nSubject: Delivery Status Notification (Failure)\n"
        f'MIME-Version: 1.0\nContent-Type: multipart/report; \n\tboundary="{boundary}"; \n'
        "\treport-type=delivery-status\n\n"
        f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n"
        "Content-Description: Notification\n\n"
        f"An error occurred while trying to deliver the mail to the following recipients:\n{failed}\n"
        f"--{boundary}\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: 7bit\n"
        f"Content-Description: Delivery Status Notification\n\nReporting-MTA: dsn; {host}\n",
        *(_write_status(one) for one in case.failures),
        f"\n--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}"
        "Content-Description: Undelivered Message\n\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _write_status(failure: Failure) -> str:
    return (
        f"\nAction: failed\nFinal-Recipient: rfc822; {failure.recipient}\n"
        f"Diagnostic-Code: {failure.text}\nStatus: {failure.fault.status}\n"
    )


DIALECT = Dialect("ses", "Amazon SES Developer Guide, bounce notifications", _KINDS, write)
