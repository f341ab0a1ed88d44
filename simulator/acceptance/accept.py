"""The acceptance run: a cmcdesk of its own or one that runs already, a sink, and the scenarios one after the other."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.acceptance.api import Api
from simulator.acceptance.desk import FRESH, Desk
from simulator.acceptance.play import Result, play
from simulator.acceptance.scenario import Said, Scenario
from simulator.acceptance.world import Loops, World
from simulator.sink.sink import Sink


@dataclass(frozen=True)
class Pointed:
    """A cmcdesk that runs already: its API's URL with ``?token=``; ``target`` HOST:PORT if mail must go elsewhere."""

    api: str
    target: str | None = None


Tell = Callable[[int, Scenario, Said | None], None]


@contextmanager
def open_world(pointed: Pointed | None) -> Iterator[World]:
    """Start what is needed and end it again. Raises DeskFailed, ApiFailed."""
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        loops = Loops()
        stack.callback(loops.stop)
        if pointed is not None:
            api = Api(pointed.api)
            stack.callback(api.close)
            api.do("GET", "status")
            yield World(api, sink, loops, pointed.target)
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cmcsim-", ignore_cleanup_errors=True))
        desk = Desk(Path(folder))
        stack.callback(desk.stop)
        desk.start(FRESH)
        world = World(api_of(desk), sink, loops)
        stack.callback(lambda: world.api.close())

        def restart() -> Api:
            world.api.close()
            desk.kill()
            desk.start()
            return api_of(desk)

        world.restart = restart
        yield world


def api_of(desk: Desk) -> Api:
    """The API of a cmcdesk that was started."""
    return Api(desk.ready["url"], desk.ready["token"])


def accept(scenarios: Sequence[Scenario], pointed: Pointed | None, tell: Tell, falsified: bool = False) -> list[Result]:
    """Play the scenarios; ``tell`` is told (number, scenario, what happens now; None: it is over)."""
    results = []
    with open_world(pointed) as world:
        for number, scenario in enumerate(scenarios):

            def say(says: Said, number: int = number, scenario: Scenario = scenario) -> None:
                tell(number, scenario, says)

            results.append(play(world, scenario, say, falsified))
            tell(number + 1, scenario, None)
    return results
