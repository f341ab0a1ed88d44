"""A delivery as a command line of curl, for whoever wants to try the endpoint by hand. No secret is in it."""

from dataclasses import replace

from requests import PreparedRequest

from cmcdesk.webhook.payload import MASK
from cmcdesk.webhook.target import Target

LONGEST_CONTENT = 65536  # octets that are written into the command; longer ones are a file beside it
LEFT_OUT = ("content-length", "connection", "host", "accept-encoding")  # curl's own


def hide_secrets(target: Target) -> Target:
    """The same target with masks in place of its secrets."""
    user, colon, _password = target.basic.partition(":")
    return replace(
        target,
        api_key=MASK if target.api_key else "",
        basic=f"{user}{colon}{MASK}" if target.basic else "",
        bearer=MASK if target.bearer else "",
    )


def write_curl(request: PreparedRequest, file: str) -> str:
    """The command for bash and zsh. file: the name of the file that holds content which cannot stand in a command."""
    content = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    words = ["curl", "-X", "POST", quote((request.url or "").encode())]
    for name, value in request.headers.items():
        if name.lower() not in LEFT_OUT:
            words += ["-H", quote(f"{name}: {value}".encode())]
    words += ["--data-binary", quote(content) if is_writable(content) else quote(f"@{file}".encode())]
    return " ".join(words)


def is_writable(content: bytes) -> bool:
    """Whether a command may hold it: a shell's words end at a NUL, and curl takes a leading @ for a file."""
    return len(content) <= LONGEST_CONTENT and b"\0" not in content and not content.startswith(b"@")


def quote(octets: bytes) -> str:
    """One word of a shell: as it is, in single quotes, or with escapes where there is more than printable ASCII."""
    text = octets.decode("latin-1")
    if text.isascii() and text.isprintable() and "'" not in text:
        return text if text and all(each.isalnum() or each in "-_./:@=%+" for each in text) else f"'{text}'"
    return "$'" + "".join(map(_escape, octets)) + "'"


def _escape(octet: int) -> str:
    named = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x27: "\\'", 0x5C: "\\\\"}
    if octet in named:
        return named[octet]
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}"
