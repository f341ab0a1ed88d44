"""A flood of connections to a mail server that may open few descriptors, on both loops."""

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.mailserver.descriptors import MOST, Descriptors, raise_limit
from tests.mailserver.conftest import StartMailServer, pro_settings
from tests.mailserver.test_server import send
from tests.mailserver.test_session import Client

SOFT, HARD = 64, 256
LOWERED = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({SOFT}, {HARD}))
os.execv(sys.argv[1], sys.argv[1:])
"""
FLOOD = 500


class Transport:
    """What a refused connection is to Descriptors."""

    def __init__(self) -> None:
        self.is_cut = False

    def abort(self) -> None:
        self.is_cut = True


def test_of_too_many_that_linger_the_oldest_is_cut() -> None:
    descriptors = Descriptors(64, lambda: 0)
    lingering = [Transport() for _ in range(descriptors.most_lingering + 2)]
    for one in lingering:
        descriptors.linger(one)
    assert [one.is_cut for one in lingering[:3]] == [True, True, False]
    descriptors.leave(lingering[5])
    descriptors.linger(Transport())
    assert not lingering[2].is_cut


@pytest.mark.parametrize("limit", [64, 160, 1024, 20_000])
def test_all_shares_together_leave_some_free(limit: int) -> None:
    sessions = 0
    descriptors = Descriptors(limit, lambda: sessions)
    while descriptors.has_room() and sessions < 5000:
        sessions += 1
    assert sessions + descriptors.backlog + descriptors.most_late + 2 * descriptors.most_lingering < limit
    assert sessions >= limit // 8 or limit == 64


def test_the_limit_is_raised_at_most_to_what_is_of_use() -> None:
    assert 0 < raise_limit() <= MOST


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("loop", ["the fastest", "asyncio"])
def test_a_flood_is_refused_in_words_and_mail_goes_on(
    loop: str, start_mail_server: StartMailServer, tmp_path: Path
) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/uvloop.py").write_text("raise ImportError" if loop == "asyncio" else "")
    found: dict[str, Any] = {"env": {**os.environ, "PYTHONPATH": str(tmp_path / "hidden")}} if loop == "asyncio" else {}
    with (tmp_path / "stderr").open("wb") as errors:
        server = start_mail_server(before=LOWERED, stderr=errors, **found)
        address = server.apply(pro_settings(max_sessions=100))
        with ExitStack() as flood:
            told = [flood.enter_context(closing(Client(address))).hear()[:3] for _ in range(FLOOD)]
        assert set(told) == {b"220", b"421"}
        assert told.count(b"220") > SOFT  # the soft limit was raised
        server.wait_for_telemetry(lambda telemetry: telemetry["compositions"]["pro"]["sessions"] == 0)
        send(address)
        assert server.stop() == 0
    assert (tmp_path / "stderr").read_text() == ""
