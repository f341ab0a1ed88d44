"""What a code alone means (RFC 3463, RFC 5248's register, RFC 5321), for texts whose words no row knows."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

_SUBJECT = {
    "1.0": 2, "1.1": 2, "1.2": 1, "1.3": 9, "1.4": 9, "1.5": 2, "1.6": 2, "1.7": 4, "1.8": 4, "1.9": 4, "1.10": 2,
    "2.0": 2, "2.1": 2, "2.2": 5, "2.3": 8, "2.4": 7, "2.121": 4, "2.122": 4,
    "3.0": 7, "3.1": 5, "3.2": 7, "3.3": 7, "3.4": 8, "3.5": 7, "3.6": 7,
    "4.0": 3, "4.1": 3, "4.2": 3, "4.3": 3, "4.4": 1, "4.5": 3, "4.6": 7, "4.7": 3, "4.8": 7, "4.14": 7, "4.310": 1,
    "4.312": 3, "4.316": 3,
    "5.1": 7, "5.2": 7, "5.3": 4, "5.4": 7, "5.5": 7, "5.6": 7,
    "6.0": 4, "6.1": 4, "6.2": 4, "6.3": 4, "6.5": 4, "6.6": 4, "6.7": 4, "6.8": 4, "6.9": 4, "6.10": 4,
    "7.54": 7, "7.57": 7, "7.64": 7, "7.13": 2, "7.17": 2, "7.18": 2, "7.8": 7, "7.9": 7, "7.12": 7, "7.30": 7,
    "7.321": 7, "7.322": 7, "7.323": 7, "7.324": 7, "7.325": 7, "7.4": 7, "7.5": 7, "7.10": 7, "7.11": 7,
}  # fmt: skip
_NAMES = {
    1: "domain not found", 2: "no such user", 3: "no connection or temporary failure", 4: "refused",
    5: "mailbox or disk full", 7: "fault of the receiving server", 8: "mail too large", 9: "bad address",
}  # fmt: skip
_REPLIES = {
    "420": 3, "421": 3, "422": 5, "431": 5, "441": 3, "442": 3, "446": 7, "447": 3, "450": 3, "451": 3, "452": 5,
    "454": 7, "471": 4,
    "500": 7, "501": 7, "502": 7, "503": 7, "504": 7, "510": 2, "511": 2, "512": 1, "513": 9, "515": 2, "517": 4,
    "521": 7, "523": 8, "525": 2, "530": 7, "535": 7, "538": 7, "541": 4, "551": 2, "552": 5, "553": 9, "555": 7,
    "556": 1, "571": 4,
}  # fmt: skip


def is_temporary(status: str | None, reply: str | None) -> bool:
    """True if the answers were such that the sender tried on until its time was over (RFC 5321 §4.2.1)."""
    return (reply or status or "").startswith("4")


def cause_of_status(status: str | None) -> Cause | None:
    """What an enhanced status code means; None for codes that only say "failed". 5.7.X is a refusal whatever X is."""
    if status is None:
        return None
    subject = status[2:]
    number = _SUBJECT.get(subject) or (4 if subject.startswith("7.") else None)
    if number is None:
        return None
    return Cause(number, f"status {status}: {_NAMES[number]}", ())


def cause_of_reply(reply: str | None) -> Cause | None:
    """What a reply code means; None for 550 and 554, with which a server may mean anything."""
    number = _REPLIES.get(reply or "")
    return Cause(number, f"reply {reply}: {_NAMES[number]}", ()) if number else None
