"""The checks of `cmcdesk doctor`, in the order in which they are made, and repairs in theirs."""

from collections.abc import Iterator
from pathlib import Path

from cmcdesk.doctor.databases import check_desk_db, check_mail_db, check_search_db, check_set_aside
from cmcdesk.doctor.finding import Check, Finding
from cmcdesk.doctor.folder import check_folder, check_lock, check_mails, check_privacy, check_room

#: A new check is added here.
CHECKS: tuple[Check, ...] = (
    check_folder,
    check_privacy,
    check_room,
    check_lock,
    check_desk_db,
    check_mail_db,
    check_search_db,
    check_set_aside,
    check_mails,
)


def examine(folder: Path) -> Iterator[Finding]:
    """All that is found, as it is found. Changes nothing and makes no file."""
    for check in CHECKS:
        yield from check(folder)
