"""The domains of a data folder: the manual's steps for each, as the page of the domain doctor has them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from cmcdesk.console.world.digging import find_real_resolver
from cmcdesk.console.world.domain_facts import (
    CheckedDomain,
    DomainSource,
    Looks,
    ask_real,
    ask_world,
    check_domains,
)
from cmcdesk.processes.instance import is_held, read_note
from cmcdesk.processes.paths import desk_db
from cmcdesk.processes.world_note import read_world_note
from cmcdesk.store.desk.compositions import list_saved
from cmcdesk.store.desk.webhook_reach import load_reach

ASK_SECONDS = 5.0  # that the running console may take to say where it receives


class NoNameServer(Exception):
    """The real DNS was asked for, and this computer names no name server."""


def check_folder_domains(folder: Path, is_real: bool) -> list[CheckedDomain]:
    """The checklists of all domains, against the simulated world in use, or against the real DNS (read only). Raises
    NoNameServer; sqlalchemy's DatabaseError where desk.db is not there or cannot be read."""
    resolver = find_real_resolver() if is_real else None
    if is_real and resolver is None:
        raise NoNameServer
    ask = ask_real(resolver) if resolver else ask_world(read_world_note(folder))
    places = find_places(folder)
    with _reading(folder) as session:
        reach = load_reach(session)
        sources = [
            DomainSource(each.row.name, each.row.draft, each.applied, places.get(each.row.name))
            for each in list_saved(session)
        ]
    return check_domains(sources, Looks(ask, reach, far=is_real))


def find_places(folder: Path) -> dict[str, str]:
    """Composition → "host:port" where it receives now, as the running console says; {} where none runs."""
    note = read_note(folder / "instance.json") if is_held(folder) else {}
    if not note:
        return {}
    address = f"{str(note['url']).partition('?')[0]}api/v1/compositions"
    with requests.Session() as session:
        session.trust_env = False  # no proxy between two programs of one computer
        try:
            answer = session.get(address, headers={"Authorization": f"Bearer {note['token']}"}, timeout=ASK_SECONDS)
            listed = answer.json()["compositions"]
        except (requests.RequestException, ValueError, KeyError):
            return {}
    return {each["name"]: each["receiving"] for each in listed if each["receiving"]}


@contextmanager
def _reading(folder: Path) -> Iterator[Session]:
    place = f"{desk_db(folder).absolute().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True))
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()
