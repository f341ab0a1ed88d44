"""The API client, on a real cmcdesk."""

import pytest

from simulator.acceptance.api import Answer, Api, ApiFailed, pick, put_in
from simulator.acceptance.world import World


def test_dotted_paths_reach_into_tables_and_lists() -> None:
    data = {"receiving": {"domains": ["a", "b"]}, "hooks": [{"on": True}]}
    assert (pick(data, "receiving.domains.1"), pick(data, "hooks.0.on")) == ("b", True)
    assert [pick(data, path) for path in ("x", "hooks.7", "receiving.domains.x", "hooks.0.on.more")] == [None] * 4
    put_in(data, "hooks.0.on", False)
    put_in(data, "receiving.domains.0", "z")
    put_in(data, "new.deep", 1)
    assert data == {"receiving": {"domains": ["z", "b"]}, "hooks": [{"on": False}], "new": {"deep": 1}}


def test_the_fields_of_an_error_are_sorted_and_single() -> None:
    assert Answer(422, {"errors": [{"field": "b"}, {"field": "a"}, {"field": "b"}]}).fields == ["a", "b"]
    assert Answer(204, {}).fields == []


def test_a_call_that_must_succeed_tells_what_it_got(world: World) -> None:
    with pytest.raises(ApiFailed, match="404"):
        world.api.do("GET", "mails/999999999")
    with pytest.raises(ApiFailed, match=r"no composition 'nowhere'; there are .*pro"):
        world.api.composition("nowhere")


def test_without_the_token_it_is_turned_away(world: World) -> None:
    stranger = Api(world.api.url, token="wrong")
    assert stranger.call("GET", "status").status == 401
    stranger.close()


def test_nobody_there_is_a_failure_not_a_crash() -> None:
    nobody = Api("http://127.0.0.1:9/?token=x")
    with pytest.raises(ApiFailed, match="GET status"):
        nobody.call("GET", "status")
    nobody.close()
