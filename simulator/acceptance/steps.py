"""What a scenario can do. Each step is a function of the world; ``STEPS`` names them and the options they take."""

from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

from simulator.acceptance.api import put_in
from simulator.acceptance.outside import RECORDS, enter_records, lift, run_batch, send_by_mx
from simulator.acceptance.world import STEP_WITHIN, Played, StepFailed, World
from simulator.load.hold import Hold
from simulator.load.runner import LoadFailed
from simulator.load.traffic_plan import TRAFFIC_OPTIONS, make_load, make_traffic


@dataclass(frozen=True)
class Said:
    """A sentence in both languages of the report."""

    ja: str
    en: str


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    do: str
    name: str
    options: Mapping[str, Any]
    says: Said


@dataclass(frozen=True)
class StepAction:
    """How to do a step, and the options it takes."""

    act: Callable[[World, Step], None]
    options: frozenset[str]


def send(world: World, step: Step) -> None:
    """Send mails: ``form``, ``bounce`` or ``load``, and ``relay`` to the relay server. With ``background`` the next
    step begins while they go out; ``gives_up``: a server that does not answer in time is no fault of the step."""
    options = {key: value for key, value in step.options.items() if key in TRAFFIC_OPTIONS}
    if step.do in ("form", "bounce"):
        options["mail"] = step.do
    server = "relay" if step.do == "relay" else "receiving"
    host, port = world.address_of(step.options.get("composition", world.first_composition), server)
    load, pool = make_load(make_traffic(options), host, port)
    world.evidence.watch(step.name, load)
    future = world.loops.submit(load.run())
    world.played[step.name] = Played(load.tally, load, pool, future)
    if not step.options.get("background"):
        with suppress(LoadFailed) if step.options.get("gives_up") else nullcontext():
            wait_for_end(world, step.name)


def wait_for_end(world: World, name: str) -> None:
    """Wait until the load of that name is over; raises what it raised."""
    played = world.find(name)
    if played.future is not None:
        try:
            played.future.result(STEP_WITHIN)
        except TookTooLong:
            raise StepFailed(f"{name} was not over within {STEP_WITHIN:g} s") from None


def finish(world: World, step: Step) -> None:
    """Wait for a background load to end; ``stop`` ends it early."""
    played = world.find(step.options["of"])
    if step.options.get("stop") and played.load:
        played.load.stop()
    wait_for_end(world, step.options["of"])


def wait(world: World, step: Step) -> None:
    """Wait until a background load has so many mails ``accepted``, or the sink so many ``posts`` (on ``path``)."""
    if "accepted" in step.options:
        tally, wanted = world.find(step.options["of"]).tally, step.options["accepted"]
        world.wait_until(lambda: tally.accepted >= wanted, f"{wanted} mails accepted")
    if "posts" in step.options:
        posts, path, after = step.options["posts"], step.options.get("path", ""), world.baseline.posts
        world.wait_until(lambda: len(world.sink.inbox.list(path, after, posts)) >= posts, f"{posts} posts")


def hold(world: World, step: Step) -> None:
    """Open ``sessions`` and keep them open."""
    name = step.options.get("of", step.name)
    played = world.played.get(name)
    if played is None or played.hold is None:
        held = Hold(*world.address_of(step.options.get("composition", world.first_composition)))
        world.evidence.watch(name, held)
        played = world.played[name] = Played(held.tally, hold=held)
    assert played.hold is not None
    world.loops.submit(played.hold.open(step.options["sessions"])).result(STEP_WITHIN)


def release(world: World, step: Step) -> None:
    """QUIT ``sessions`` (all if not given) of those held."""
    held = world.find(step.options["of"]).hold
    if held is None:
        raise StepFailed(f"{step.options['of']} holds no sessions")
    world.loops.submit(held.release(step.options.get("sessions"))).result(STEP_WITHIN)


def save(world: World, step: Step) -> None:
    """Save a draft with ``change`` (dotted path → value) made to it; the answer is kept, refused or not."""
    name = step.options.get("composition", world.first_composition)
    draft = world.api.do("GET", f"compositions/{name}/draft")
    for path, value in step.options["change"].items():
        put_in(draft["settings"], path, value)
    settings = world.fill_in(draft["settings"])
    body = {"settings": settings, "version": step.options.get("version", draft["version"])}
    world.answers[step.name] = world.api.call("PUT", f"compositions/{name}/draft", body)


def apply(world: World, step: Step) -> None:
    """設定反映; the answer is kept, refused or not."""
    name = step.options.get("composition", world.first_composition)
    world.answers[step.name] = world.api.call("POST", f"compositions/{name}/apply")


def roll_back(world: World, step: Step) -> None:
    """Make the revision ``back`` before the applied one the draft; it is not applied by that."""
    name = step.options.get("composition", world.first_composition)
    number = int(world.api.composition(name)["applied_revision"]) - int(step.options.get("back", 1))
    world.answers[step.name] = world.api.call("POST", f"compositions/{name}/rollback", {"number": number})


def tell_sink(world: World, step: Step) -> None:
    """Tell the sink how to answer on ``path``."""
    world.sink.behaviours.put(step.options["path"], step.options["script"])


def enter_dns(world: World, step: Step) -> None:
    """Enter records of ``domain`` into the world's DNS; without any, the name goes."""
    enter_records(world, step.options)


def arrive(world: World, step: Step) -> None:
    """A form mail that comes by MX from a server elsewhere."""
    if send_by_mx(world, step.name, step.options).future is not None:
        wait_for_end(world, step.name)


def restart(world: World, step: Step) -> None:
    """SIGKILL every process of cmcdesk and start it again on the same data."""
    del step
    if world.restart is None:
        raise StepFailed("this cmcdesk was not started by the run")
    world.api = world.restart()


_ON_COMPOSITION = frozenset({"composition"})
_SENDING = (TRAFFIC_OPTIONS - {"mail"}) | {"composition", "background", "gives_up"}
STEPS: Mapping[str, StepAction] = {
    "form": StepAction(send, _SENDING),
    "bounce": StepAction(send, _SENDING),
    "load": StepAction(send, _SENDING | {"mail"}),
    "relay": StepAction(send, _SENDING | {"mail"}),
    "arrive": StepAction(arrive, TRAFFIC_OPTIONS - {"mail"}),
    "dns": StepAction(enter_dns, frozenset({"domain", *RECORDS})),
    "finish": StepAction(finish, frozenset({"of", "stop"})),
    "wait": StepAction(wait, frozenset({"of", "accepted", "posts", "path"})),
    "hold": StepAction(hold, _ON_COMPOSITION | {"sessions", "of"}),
    "release": StepAction(release, frozenset({"of", "sessions"})),
    "save": StepAction(save, _ON_COMPOSITION | {"change", "version"}),
    "apply": StepAction(apply, _ON_COMPOSITION),
    "rollback": StepAction(roll_back, _ON_COMPOSITION | {"back"}),
    "sink": StepAction(tell_sink, frozenset({"path", "script"})),
    "suppress": StepAction(
        lambda world, step: run_batch(world, step.options), _ON_COMPOSITION | {"failed", "conditions"}
    ),
    "lift": StepAction(lambda world, step: lift(world, step.options), _ON_COMPOSITION | {"email", "how"}),
    "restart": StepAction(restart, frozenset()),
}


def do_step(world: World, step: Step) -> None:
    """Do one step. Raises StepFailed or what the step raises."""
    STEPS[step.do].act(world, step)


def name_value(value: Any) -> str:
    """A step's option as the report shows it."""
    return ", ".join(f"{key} = {one}" for key, one in value.items()) if isinstance(value, Mapping) else str(value)
