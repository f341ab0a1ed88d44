"""The webhook catcher as page and API use it: its addresses, what is done with its endpoints, its start; and the
notifications that still go to an address it had before its port was taken by another program.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy import Engine

from cmcdesk.catcher.answer import BadAnswer, read_answer
from cmcdesk.catcher.listener import HOST, Catcher
from cmcdesk.console.compositions.drafting import save_draft
from cmcdesk.console.compositions.view import View, list_views
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import load_desk_setting, save_desk_setting
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.store.desk import catcher as store
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import CatcherRow

CATCHER_PORT = 8028
SETTING = "catcher"  # {"port": the one it had, so that addresses stay what they are}
MADE_UP_NAME = "webhook"

OWN_NAMES = ("127.0.0.1", "localhost")


def make_catcher(engine: Engine, free_port: bool, told: Callable[[], None]) -> Catcher:
    """The catcher of a data folder, on the port it had before; at first on ours, or on any free one (free_port)."""
    port = load_desk_setting(engine, SETTING).get("port") or (0 if free_port else CATCHER_PORT)
    return Catcher(engine, port, told)


def start_catcher(app: Flask, engine: Engine, catcher: Catcher) -> None:
    """Start it, remember its port, and see to it that there is one endpoint."""
    app.extensions["catcher"] = catcher
    with transaction(engine) as session:
        if not store.list_endpoints(session):
            store.insert_endpoint(session, MADE_UP_NAME, time.time())
    if load_desk_setting(engine, SETTING).get("port") != catcher.port:
        save_desk_setting(engine, SETTING, {"port": catcher.port})
    catcher.start()


def write_url(row: CatcherRow) -> str:
    """Where an endpoint takes requests."""
    catcher: Catcher = current_app.extensions["catcher"]
    return f"http://{HOST}:{catcher.port}/{row.token}"


def find_first_url() -> str:
    """The address that is offered where one is needed: of the endpoint made first; "" where there is none."""
    with reading(current_services().engine) as session:
        rows = store.list_endpoints(session)
    return write_url(rows[0]) if rows else ""


def add_endpoint(name: str) -> CatcherRow:
    """A new one; an empty name is made up. Raises Refused."""
    name = " ".join(name.split())
    if len(name) > store.LONGEST_NAME:
        raise Refused([Told("name", name, _("Give at most %(count)s characters.", count=store.LONGEST_NAME))])
    try:
        with transaction(current_services().engine) as session:
            made_up = f"{MADE_UP_NAME} {len(store.list_endpoints(session)) + 1}"
            row = store.insert_endpoint(session, name or made_up, time.time())
    except store.TooManyEndpoints:
        told = _("There are %(count)s endpoints already. Remove one first.", count=store.MOST_ENDPOINTS)
        raise Refused([Told("name", name, told)]) from None
    current_hub().publish("caught")
    return row


def set_answer(number: int, answer: str) -> bool:
    """What it answers from now on; False: there is none of that number. Raises Refused."""
    try:
        read = read_answer(answer)
    except BadAnswer:
        told = _("Give a status from 200 to 599, with at most 120 seconds to wait before it, or to hang up.")
        raise Refused([Told("answer", answer, told)]) from None
    with transaction(current_services().engine) as session:
        row = store.get_endpoint(session, number)
        if row is not None:
            row.answer = str(read)
    current_hub().publish("caught")
    return row is not None


def remove_endpoint(number: int) -> bool:
    """With all that came; False: there is none of that number."""
    with transaction(current_services().engine) as session:
        found = store.delete_endpoint(session, number)
    current_hub().publish("caught")
    return found


def clear_endpoint(number: int) -> None:
    """Forget what came."""
    with transaction(current_services().engine) as session:
        store.clear_caught(session, number)
    current_hub().publish("caught")


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
        draft: Mapping[str, Any] = view.draft
        moved = list(_list_of(view))
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


def _rewrite(draft: Mapping[str, Any], moved: Moved) -> dict[str, Any]:
    if not moved.name:
        return {**draft, "event_webhook": {**draft["event_webhook"], "endpoint": moved.url}}
    filters = list(draft["inbound_webhook"])
    filters[moved.place] = {**filters[moved.place], "endpoint": moved.url}
    return {**draft, "inbound_webhook": filters}
