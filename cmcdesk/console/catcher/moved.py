"""Notifications that still go to an address that the catcher had before its port was taken by another program."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cmcdesk.console.catcher.catching import write_url
from cmcdesk.console.compositions.drafting import save_draft
from cmcdesk.console.compositions.view import View, list_views
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.store.desk import catcher as store
from cmcdesk.store.desk.database import reading

OWN_NAMES = ("127.0.0.1", "localhost")


class Moved(NamedTuple):
    """One notification. name: of the filter, "" of the event webhook; place: from 0; endpoint, url: old and new."""

    composition: str
    name: str
    place: int
    endpoint: str
    url: str


def find_moved(endpoint: str) -> str | None:
    """Where an endpoint of the catcher is now, if this address is one that it had; None for every other address."""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return None
    token, _slash, rest = parts.path.lstrip("/").partition("/")
    if parts.scheme != "http" or parts.hostname not in OWN_NAMES or not token:
        return None
    with reading(current_services().engine) as session:
        row = next((each for each in store.list_endpoints(session) if each.token == token), None)
    if row is None or urlsplit(write_url(row)).netloc.rpartition(":")[2] == parts.netloc.rpartition(":")[2]:
        return None
    return write_url(row) + (f"/{rest}" if rest else "") + (f"?{parts.query}" if parts.query else "")


def list_moved() -> list[Moved]:
    """Those of all compositions, as saved."""
    return [each for view in list_views() for each in _list_of(view)]


def rewrite_moved() -> int:
    """Save the new address in each of them, to be reflected; how many there were. Raises DraftChanged."""
    count = 0
    for view in list_views():
        draft, moved = view.draft, list(_list_of(view))
        for each in moved:
            draft = _rewrite(draft, each)
        if moved:
            save_draft(view.name, draft, view.draft_version)
        count += len(moved)
    if count:
        current_hub().publish("settings", "state")
    return count


def _list_of(view: View) -> Iterator[Moved]:
    for index, one in enumerate(view.draft["inbound_webhook"]):
        if url := find_moved(one["endpoint"]):
            yield Moved(view.name, one["name"], index, one["endpoint"], url)
    endpoint = view.draft.get("event_webhook", {}).get("endpoint", "")
    if url := find_moved(endpoint):
        yield Moved(view.name, "", 0, endpoint, url)


def _rewrite(draft: dict[str, Any], moved: Moved) -> dict[str, Any]:
    if not moved.name:
        return draft | {"event_webhook": draft["event_webhook"] | {"endpoint": moved.url}}
    filters = list(draft["inbound_webhook"])
    filters[moved.place] = filters[moved.place] | {"endpoint": moved.url}
    return draft | {"inbound_webhook": filters}
