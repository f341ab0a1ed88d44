"""The simulated world over the API: whether there is one, and its start and end."""

from typing import Literal

from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape
from cmcdesk.console.world.dns_page import tell_world_fault
from cmcdesk.console.world.simulated import WorldRefused, WorldSilent
from cmcdesk.console.world.world_use import current_world, start_own_world, stop_world

world = ApiPart("api_world", __name__, "world")


class WorldShape(Shape):
    """The simulated world in use. It is asked and changed at `control` (docs/world.md)."""

    state: Literal["none", "starting", "running", "silent"]
    own: bool = Field(description="Whether this console started it")
    resolver: str | None = Field(description='"host:port" of its name server')
    control: str | None
    forwards: dict[str, int] = Field(description="Address to the port of it that stands for its port 25")
    speed: float = Field(description="Seconds of its clock in one of this computer's")
    fault: str = Field(description='What it said against where this console receives; "" for nothing')


class WorldStart(Shape):
    """How to start it."""

    speed: float = Field(1.0, gt=0, le=100_000)


@world.get("/world", responses={200: WorldShape})
def get_world() -> WorldShape:
    """The simulated world in use, if there is one."""
    return shape_world()


def shape_world() -> WorldShape:
    """It, as JSON."""
    used = current_world()
    note = used.note
    return WorldShape(
        state=used.state,
        own=used.is_own,
        resolver=note.resolver if note else None,
        control=note.control if note else None,
        forwards=dict(note.forwards) if note else {},
        speed=note.speed if note else 1.0,
        fault=used.fault,
    )


@world.post("/world/start", responses={200: WorldShape, 409: Errors})
def start_world(body: WorldStart) -> WorldShape:
    """Start it; one that is in use stays."""
    try:
        start_own_world(body.speed)
    except (WorldRefused, WorldSilent, OSError) as fault:
        refuse(409, "world", "", tell_world_fault(fault))
    return shape_world()


@world.post("/world/stop", responses={200: WorldShape})
def end_world() -> WorldShape:
    """Stop it, or let go of one that this console did not start."""
    stop_world()
    return shape_world()
