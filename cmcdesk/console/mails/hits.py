"""How many rows a list has (件数), counted no further than a page may wait."""

from flask_babel import ngettext

from cmcdesk.console.frame.current import current_mail_log, current_mail_search
from cmcdesk.console.frame.language import write_number
from cmcdesk.store.search.searched_log import MailQuery

COUNTED = 1000  # a list says no more than that there are more


def count_mails(query: MailQuery) -> tuple[int, bool]:
    """How many mails match, and whether there may be more: a count has the bounds of a page of the search."""
    searching = current_mail_search()
    if searching is None:
        return 0, False
    found = searching.find(query, None, COUNTED)
    return len(found.rows), found.next is not None


def count_refusals(**only: str | float | None) -> tuple[int, bool]:
    """The same for refusals, narrowed as `MailLog.list_refusals` does; rows are counted, not the alike ones that a row
    stands for."""
    log = current_mail_log()
    rows = log.list_refusals(None, COUNTED + 1, **only) if log else []
    return min(len(rows), COUNTED), len(rows) > COUNTED


def write_hits(count: int, has_more: bool) -> str:
    """The count in words."""
    if has_more:
        return str(ngettext("At least one", "At least %(count)s", count, count=write_number(count)))
    return str(ngettext("%(count)s row", "%(count)s rows", count, count=write_number(count)))
