"""Bounce mails in files: what `cmcdesk bounce read` prints. Imports no ORM, so that it starts fast."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cmcdesk.mail.bounce.reader import MAX_OCTETS, BounceVerdict, Failure, read_bounce


def show_verdict(verdict: BounceVerdict) -> dict[str, Any]:
    """The object that is printed: strings or null, cmc_class an integer; rule names the row that decided."""
    return {
        "is_bounce": verdict.is_bounce,
        "final": verdict.final,
        "failures": [_show_failure(failure) for failure in verdict.failures],
        "rule": verdict.rule,
    }


def read_bounce_file(path: Path) -> dict[str, Any]:
    """The object for one file; one that cannot be read says so in "error" beside the same keys."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError("not a regular file")
        with path.open("rb") as file:
            octets = file.read(MAX_OCTETS)
    except OSError as error:
        return {"is_bounce": False, "final": False, "failures": [], "rule": "", "error": error.strerror or str(error)}
    return show_verdict(read_bounce(octets))


def read_bounce_folder(folder: Path) -> Iterator[dict[str, Any]]:
    """One object for each file below the folder, in the order of their names; links are followed, cycles are not."""
    for path in walk_files(folder, frozenset()):
        yield {"file": path.relative_to(folder).as_posix(), **read_bounce_file(path)}


def walk_files(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """All that is no folder below this one. above: device and inode of the folders on the way here."""
    try:
        here = folder.stat()
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        yield folder
        return
    for name in names:
        path = folder / name
        if not path.is_dir():
            yield path
        elif (path.stat().st_dev, path.stat().st_ino) not in above | {(here.st_dev, here.st_ino)}:
            yield from walk_files(path, above | {(here.st_dev, here.st_ino)})


def _show_failure(failure: Failure) -> dict[str, Any]:
    return {
        "recipient": failure.recipient,
        "status": failure.status,
        "reply": failure.reply,
        "cmc_class": failure.error_status,
        "diagnostic": failure.diagnostic or None,
        "evidence": failure.evidence or None,
        "rule": failure.rule,
    }
