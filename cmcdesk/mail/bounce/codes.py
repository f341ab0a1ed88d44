"""Reply codes (RFC 5321 §4.2) and enhanced status codes (RFC 3463) in the words of mail systems."""

import re

# "550 5.1.1", "550-5.7.1", "550 #5.1.0", "(#5.1.1)", "[5.2.2]", "ERROR_CODE :550, ERROR_CODE :5.1.1" (Zoho)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,4})(?![\d.]*\d)")
_REPLY = re.compile(
    r"(?:^|(?<=[\s'\"<(\[;:=>|：（])|(?<=#)(?=\d\d\d [45]\.))([45](?:[0-5]\d|71))(?=[\s\-.;:,)\]'\"#]|$)"
    r"(?!\.\d|[ -]+(?:hours?|days?|minutes?|seconds?)\b)"
)
_GENERIC = ("0.", "5.0")  # RFC 3463: "other undefined status"; Exchange adds 5.5.0 whatever the peer said


def find_statuses(text: str) -> list[str]:
    """Enhanced status codes in order of their appearance; addresses such as 5.6.7.8 are none."""
    return [f"{m[1]}.{int(m[2])}.{int(m[3])}" for m in _STATUS.finditer(text)]


def _find_failed(text: str) -> list[str]:
    """The codes of failures: a talk with another server that is shown holds "250 2.1.0 Ok" too."""
    return [code for code in find_statuses(text) if not code.startswith("2")]


def is_generic(status: str | None) -> bool:
    """True for None and for codes that only say "failed": X.0.Y (Microsoft's 5.0.350 wraps another's answer), and
    X.5.0, which Exchange writes for any reply."""
    return status is None or status[2:].startswith(_GENERIC)


def find_replies(text: str) -> list[str]:
    """Three-digit codes that stand as a reply does: at a line's start, after "said:", in front of a status code."""
    return [match[1] for match in _REPLY.finditer(text)]


def choose_status(remote: str, stated: str | None, around: str) -> str | None:
    """The most telling status: the remote system's own words, then the Status field, then the text around it.

    A relay that gives up writes 4.4.7 or 5.0.0 into the field and the cause into the diagnostic. So of the diagnostic's
    telling codes the one wins that the field has too, else the last: the innermost of nested answers.
    remote: Diagnostic-Code; stated: the Status field; around: the notice's words.
    """
    spoken = _find_failed(remote)
    telling = [code for code in spoken if not is_generic(code)]
    if telling:
        return stated if stated in telling else telling[-1]
    if not is_generic(stated):
        return stated
    if spoken:
        return spoken[-1]
    nearby = _find_failed(around)
    heard = [code for code in nearby if not is_generic(code)]
    if heard:
        return heard[-1]
    return stated or (nearby[-1] if nearby else None)


def choose_reply(texts: tuple[str, ...], status: str | None) -> str | None:
    """The reply code: of the first text that has one, the code next to the chosen status, else the first one."""
    for text in texts:
        replies = find_replies(text)
        if not replies:
            continue
        if status:
            found = re.search(r"([45](?:[0-5]\d|71))[\s\-#(]{1,3}" + re.escape(status) + r"(?!\d)", text)
            if found:
                return found[1]
        matching = [code for code in replies if status is None or code[0] == status[0]]
        return (matching or replies)[0]
    return None


def read_status_field(value: str) -> str | None:
    """RFC 3464 §2.3.4; comments and clutter around the code are common ("5.0.0 (permanent failure)")."""
    found = find_statuses(value)
    return found[0] if found else None
