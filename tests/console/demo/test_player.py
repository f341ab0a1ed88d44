"""The whole story played to its end, fast, on a cmcdesk as the demo has it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from cmcdesk.commands.demo import make_composition
from cmcdesk.console.demo.demo_page import begin_demo
from cmcdesk.console.demo.player import Player
from cmcdesk.console.demo.scenes import SCENES
from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from cmcdesk.store.maillog.log import MailLog

from ...conftest import WaitFor

FAST = 40.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with the demo under way."""
    options = DeskOptions(
        tmp_path_factory.mktemp("demo"),
        port=0,
        placing=Placing(0, 0),
        settings=(make_composition(),),
        first_page="demo",
    )
    with Desk(options) as desk:
        desk.start()
        begin_demo(desk.app, FAST)
        yield desk


def test_the_story_is_played_to_its_end_and_all_of_it_happens(stage: Desk, wait_for: WaitFor) -> None:
    player: Player = stage.app.extensions["demo_player"]
    faults: dict[str, str] = {}

    def is_over() -> bool:
        if player.fault:
            faults[player.scene.name] = player.fault
        return player.state == "over"

    wait_for(is_over, 150)
    assert faults == {}
    assert player.played == [scene.name for scene in SCENES]
    assert player.numbers["bounces"] >= 10 and player.numbers["caught"] >= 4
    with MailLog(stage._options.folder / "mail.db") as log:
        gates = Counter(row.gate for row in log.list_refusals(limit=5000))
        assert {"sessions", "size", "spam", "domain"} <= set(gates)
        assert log.list_mails(limit=1, route="relay")
    runs = stage.app.extensions["simulator_runs"]
    wait_for(lambda: not any(run.is_running for run in runs.list_runs()))


def test_it_is_played_again_paused_moved_on_and_ended(stage: Desk, wait_for: WaitFor) -> None:
    player: Player = stage.app.extensions["demo_player"]
    wait_for(lambda: player.state == "over", 150)
    player.pace = 0.5  # as slow as a talk: what follows is by hand
    player.start()
    wait_for(lambda: player.played == ["begin"])
    player.pause()
    assert player.state == "paused"
    player.skip()
    wait_for(lambda: player.played[-1:] == ["form"] and player.page == "/monitor")
    runs = stage.app.extensions["simulator_runs"]
    wait_for(lambda: runs.list_runs()[0].progress.get("mails", 0) > 0)
    player.pause()
    wait_for(lambda: runs.list_runs()[0].is_paused)
    player.pause()
    wait_for(lambda: not runs.list_runs()[0].is_paused)
    player.stop()
    assert player.state == "over"
    wait_for(lambda: not any(run.is_running for run in runs.list_runs()))
