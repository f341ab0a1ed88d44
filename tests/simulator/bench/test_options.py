"""Reading the options of a bench; what cannot be is told with what is allowed."""

from typing import Any

import pytest

from simulator.bench.options import BUILT_IN, PARTS, Address, BadOption, Cell, name_size, read_options

GIVEN: dict[str, Any] = {
    "full": False,
    "parts": None,
    "sizes": None,
    "sessions": None,
    "new_connections": False,
    "anew": False,
    "rounds": 3,
    "seconds": 8.0,
    "intervals": "10,100,1000",
    "spaced_sessions": "1,50,100",
    "stored": None,
    "beside": ",".join(BUILT_IN),
    "peer": (),
    "start": (),
    "with_dispatch": False,
    "allow_remote": False,
}


def test_the_usual_bench_has_one_cell() -> None:
    assert read_options(GIVEN).cells() == [Cell(2_000, 100, is_kept=True)]


def test_all_parts_are_measured_unless_some_are_named() -> None:
    assert read_options(GIVEN).parts == PARTS
    assert read_options(GIVEN | {"parts": "growth, rate"}).parts == ("growth", "rate")
    assert read_options(GIVEN | {"full": True}).stored == (10_000, 100_000, 1_000_000)


def test_the_full_bench_has_all_cells_and_what_is_given_narrows_it() -> None:
    full = read_options(GIVEN | {"full": True}).cells()
    assert len(full) == 3 * 4 * 2
    assert {cell.size for cell in full} == {2_000, 100_000, 10_000_000}
    narrowed = read_options(GIVEN | {"full": True, "sizes": "2000", "sessions": " 1, 50 ,50"})
    assert [str(cell) for cell in narrowed.cells()] == [
        "2 KB, 1 session, kept connections",
        "2 KB, 50 sessions, kept connections",
        "2 KB, 1 session, a connection a mail",
        "2 KB, 50 sessions, a connection a mail",
    ]


def test_other_servers_are_named() -> None:
    options = read_options(
        GIVEN | {"beside": "none", "peer": ("maildev=[::1]:1025",), "start": ("mine=serve --port={port} a=b",)}
    )
    assert options.beside == ()
    assert options.peers == {"maildev": Address("::1", 1025)}
    assert options.commands == {"mine": "serve --port={port} a=b"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"parts": "rate,speed"},
            "--parts 'speed': there are rate, latency, spacing, startup, fsyncs, webhooks, bounces, outbound, growth",
        ),
        ({"sizes": "2k"}, "--sizes '2k': give whole numbers from 500 to 100000000, comma between"),
        ({"sessions": "1,101"}, "--sessions '101': give whole numbers from 1 to 100, comma between"),
        ({"intervals": "5"}, "--intervals '5': give whole numbers from 10 to 10000, comma between"),
        ({"stored": "99"}, "--stored '99': give whole numbers from 100 to 10000000, comma between"),
        ({"spaced_sessions": ""}, "--spaced-sessions '': give whole numbers from 1 to 100, comma between"),
        ({"beside": "postfix"}, "--beside 'postfix': there are smtp-sink, aiosmtpd, aiosmtpd-commit, cmcdesk-relay"),
        ({"peer": ("maildev",)}, "--peer 'maildev': give NAME=HOST:PORT"),
        ({"peer": ("maildev=1025",)}, "--peer '1025': give NAME=HOST:PORT, like maildev=127.0.0.1:1025"),
        ({"start": ("mine=serve",)}, "--start 'serve': the command needs {port}, the port that it is to listen on"),
        ({"start": ("mine=serve '{port}",)}, '--start "serve \'{port}": No closing quotation'),
        ({"start": ("../up=serve {port}",)}, "--start '../up=serve {port}': give NAME=COMMAND"),
        ({"peer": ("a=h:1", "a=h:2")}, "'a' names two receivers: give each a name of its own"),
        ({"peer": ("cmcdesk=h:1",)}, "'cmcdesk' names two receivers: give each a name of its own"),
        ({"start": ("aiosmtpd=x {port}",)}, "'aiosmtpd' names two receivers: give each a name of its own"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadOption) as raised:
        read_options(GIVEN | given)
    assert str(raised.value) == told


@pytest.mark.parametrize(("octets", "name"), [(500, "500 B"), (2_000, "2 KB"), (1_500_000, "1.5 MB")])
def test_sizes_have_names(octets: int, name: str) -> None:
    assert name_size(octets) == name
