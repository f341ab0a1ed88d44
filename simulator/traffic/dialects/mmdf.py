"""MMDF and its heirs (SCO): mmdftailor(5), "Returning mail": a plain text of before MIME.

Subject "Failed mail (msg.aa…)", the address and reason in brackets after a colon, "Your message follows:" and the mail
set in by ">" with its blank lines; a warning is "Waiting mail".
"""

from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import join
from simulator.traffic.seeds import DIGITS, draw_token, format_date

_HOST = "sco.example.com"

_KINDS = (
    Kind("mmdf/unknown-user", "en", (Fault("unknown-user", None, None, 'Unknown user name in "{recipient}"'),)),
    Kind("mmdf/unknown-host", "en", (Fault("unknown-host", None, None, 'Unknown host/domain name in "{recipient}"'),)),
    Kind("mmdf/waiting", "en", (Fault("retry-timeout", None, None, "no answer from the host"),), final=False),
)


def write(case: Case) -> bytes:
    """Return a notice as MMDF's deliver program writes it."""
    identity = f"msg.aa{draw_token(case.rng, 5, DIGITS)}"
    opening = "    Your message could not be delivered to\n"
    if not case.kind.final:
        opening = "    After 2 days (48 hours), your message has not yet been\n    fully delivered.  Attempts to deliver the message will\n    continue for 3 more days.  No further action is required by you.\n\n    Delivery attempts are still pending for\n"
    return join(
        f"Date: {format_date(case.moment)}\nFrom: {_HOST} Memo Service (MMDF) <mmdf@{_HOST}>\n"
        f"Sender: mmdf@{_HOST}\nSubject: {'Failed' if case.kind.final else 'Waiting'} mail  ({identity})\n"
        f"To: {case.return_address}\n\n{opening}",
        *(_tell(one) for one in case.failures),
        "\n    Your message begins as follows:\n\n",
        b"".join(b"> " + line + b"\n" for line in case.original.octets.split(b"\r\n")[:-1]),
    )


def _tell(failure: Failure) -> str:
    return f"    '{failure.recipient}' (host: {failure.domain}) (queue: smtp)\n    for the following reason:  '{failure.text}'\n"


DIALECT = Dialect("mmdf", "MMDF II, mmdftailor(5) and deliver(8)", _KINDS, write, is_report=False)
