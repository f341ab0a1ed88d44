"""What the console's command "purge" asks for, as work for the writer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.purge import purge_all, purge_before, purge_mails, purge_refusals

UNKNOWN_PURGE = "say mails or before_id, as numbers of mails, refusals_before_id, or all"


def choose_purge(command: Mapping[str, Any]) -> Callable[[MailLogWriter], Iterator[int]] | None:
    """The slices that do it; None for a command that names nothing, or what is no number of a row (UNKNOWN_PURGE)."""
    if command.get("all") is True:
        return purge_all
    before, mails, refusals = (command.get(name) for name in ("before_id", "mails", "refusals_before_id"))
    if _is_id(before):
        return lambda log: purge_before(log, before)
    if _is_id(refusals):
        return lambda log: purge_refusals(log, refusals)
    if isinstance(mails, list) and all(_is_id(one) for one in mails):
        return lambda log: purge_mails(log, mails)
    return None


def _is_id(value: Any) -> TypeGuard[int]:
    """Whether SQLite can take it as a row's number."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
