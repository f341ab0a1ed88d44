"""A desk.db, and a mail server to apply to: one that notes what it is sent, and the real one in its process."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cmcdesk.rules.settings import check_composition, initial_compositions
from cmcdesk.store.desk.compositions import get_composition, seed_compositions, write_draft
from cmcdesk.store.desk.database import open_desk, reading, transaction

Entries = list[dict[str, Any]]


class Recorder:
    """Takes every set and notes it; `answer` is what it says, or what it raises."""

    def __init__(self) -> None:
        self.sets: list[Entries] = []
        self.answer: dict[str, Any] | Exception = {"ok": True}
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, entries: Entries) -> dict[str, Any]:
        self.sets.append(entries)
        self.meanwhile()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def told(self) -> list[tuple[str, int, str]]:
        """The last set: (name, revision, host)."""
        return [(entry["settings"]["name"], entry["revision"], entry["host"]) for entry in self.sets[-1]]


class Desk:
    """desk.db with the first compositions, and what tests do to it again and again."""

    def __init__(self, folder: Path) -> None:
        self.engine: Engine = open_desk(folder)
        with transaction(self.engine) as session:
            seed_compositions(session, initial_compositions(), 1.0)

    def change(self, name: str, **receiving: Any) -> None:
        """Save a draft with other values of the receiving server."""
        with transaction(self.engine) as session:
            draft = get_composition(session, name).draft
            write_draft(session, check_composition({**draft, "receiving": draft["receiving"] | receiving}), 2.0)

    def applied_number(self, name: str) -> int | None:
        with reading(self.engine) as session:
            return get_composition(session, name).applied_number

    def dump(self) -> list[tuple[Any, ...]]:
        """Compositions as stored, to see that nothing changed."""
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT name, position, draft, draft_version, applied_number, removed_at FROM composition ORDER BY id"
            )
            return [tuple(row) for row in rows]


class RealMailServer:
    """`python -m cmcdesk.mailserver` on its pipes."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "cmcdesk.mailserver", "--data-dir", str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._read("ready") == {"ready": True}
        self.answers: list[dict[str, Any]] = []

    def __call__(self, entries: Entries) -> dict[str, Any]:
        assert self.process.stdin
        command = {"id": len(self.answers), "do": "apply", "compositions": entries}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        self.answers.append(self._read("id"))
        return self.answers[-1]

    def address_of(self, name: str) -> tuple[str, int]:
        """Where it said that the composition receives."""
        receiving = next(one["receiving"] for one in self.answers[-1]["compositions"] if one["name"] == name)
        host, _, port = receiving.rpartition(":")
        return host, int(port)

    def stop(self) -> None:
        self.process.communicate(timeout=15)  # closes stdin: it drains and ends

    def _read(self, key: str) -> dict[str, Any]:
        assert self.process.stdout
        for line in self.process.stdout:
            answer: dict[str, Any] = json.loads(line)
            if key in answer:
                return answer
        raise AssertionError("the mail server ended")


def place_anywhere(names: Sequence[str]) -> dict[str, tuple[str, int, int]]:
    """The addresses of the list, any free port."""
    return {name: (f"127.0.0.{at}", 0, 0) for at, name in enumerate(names, start=1)}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def place() -> Callable[[Sequence[str]], dict[str, tuple[str, int]]]:
    return place_anywhere


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[RealMailServer]:
    server = RealMailServer(tmp_path)
    yield server
    server.stop()
