"""Reading what stands in an address: never an error for what a person may have typed there."""

from urllib.parse import urlsplit

LARGEST_ID = 2**63 - 1  # SQLite's INTEGER


def read_number(text: str | None) -> int | None:
    """A positive id, or None for anything else."""
    is_number = text and text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    number = int(text) if text and is_number else 0
    return number if 0 < number <= LARGEST_ID else None


def choose_part(text: str | None, allowed: tuple[str, ...]) -> str | None:
    """`text` if it is one of `allowed`."""
    return text if text in allowed else None


def read_own_path(text: str | None, otherwise: str) -> str:
    """A path of this console to go on to; `otherwise` for anything that leads elsewhere."""
    if not text:
        return otherwise
    parts = urlsplit(text)
    is_own = not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_own else otherwise
