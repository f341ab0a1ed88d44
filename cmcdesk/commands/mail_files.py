"""Mails in files, for the commands that read them: all below a folder, and what is told of a file that is no mail."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cmcdesk.mail.mime.fields import SCANNED_OCTETS, is_mail
from cmcdesk.processes.terminal import in_locale

Described = Mapping[str, object]  # one JSON object of the output


def describe_folder(folder: Path, describe: Callable[[Path], Described], nothing: Described) -> Iterator[Described]:
    """One object for each file below the folder, in the order of their names: its path as "file", and what `describe`
    says of it; where it raises OSError, `nothing` and the "error"."""
    for path in walk_files(folder, frozenset()):
        name = {"file": path.relative_to(folder).as_posix()}
        try:
            yield {**name, **describe(path)}
        except OSError as error:
            yield {**name, **nothing, "error": error.strerror or str(error)}


def walk_files(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """All that is no folder below this one, or that cannot be looked into; links are followed, cycles are not. above:
    device and inode of the folders on the way here."""
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


def read_mail_file(path: Path, most: int = -1) -> bytes:
    """The octets of a file, so many at most. Raises OSError, for a pipe too: to open one would wait for ever."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as file:
        return file.read(most)


def tell_no_mail(octets: bytes) -> str:
    """Why these octets cannot be a mail; "" where they can."""
    return "" if is_mail(octets[:SCANNED_OCTETS]) else in_locale("this is no mail: it has no header field")
