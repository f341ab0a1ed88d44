"""How facts read what came, where the scenarios do not already show it."""

from simulator.acceptance.facts import FACTS, read_field
from simulator.acceptance.world import Played, World
from simulator.load.client import Outcome
from simulator.load.prepared import Prepared
from simulator.load.tally import Tally
from simulator.sink.inbox import Received

MAIL = Prepared("a@example.com", ["b@example.com"], b"x\r\n")


def post(body: bytes, kind: str = "application/json") -> Received:
    return Received(1, 0.0, "POST", "/a", "", (("Content-Type", kind), ("X-One", "1")), body, 200)


def test_fields_of_json_and_forms_and_headers() -> None:
    assert read_field(post(b'{"headers": [{"name": "To"}]}'), "headers.0.name") == "To"
    assert read_field(post(b"a=1&b=%E3%81%82", "application/x-www-form-urlencoded"), "b") == "あ"
    assert read_field(post(b"{}"), "header:x-one") == "1"
    assert read_field(post(b"{}"), "file:attachment1") is None
    assert read_field(post(b"no json"), "subject") is None


def test_replies_by_pattern_stage_and_text(world: World) -> None:
    tally = Tally()
    for code, text, stage in ((550, "5.7.1 no", "rcpt"), (552, "5.3.4 big", "dot"), (552, "5.3.4 big", "mail")):
        tally.note_refused(Outcome(MAIL, 0, stage, code, text, 0.0, 0))
    world.played["x"] = Played(tally)
    look = FACTS["replies"].look
    assert look(world, {"of": "x", "code": "5.."}) == 3
    assert look(world, {"of": "x", "code": 552}) == 2
    assert look(world, {"of": "x", "code": 552, "stage": "dot"}) == 1
    assert look(world, {"of": "x", "code": "55.", "enhanced_status": "5.7.1"}) == 1
    assert look(world, {"of": "x", "code": "5..", "text": "big"}) == 2


def test_nothing_measured_is_nothing_seen(world: World) -> None:
    world.played["x"] = Played(Tally())
    assert FACTS["spacing_ms"].look(world, {"of": "x"}) is None
