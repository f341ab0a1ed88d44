"""The simulated world of this console: made with it, started and stopped, and what the user entered into its DNS."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app

from cmcdesk.console.frame.current import Services
from cmcdesk.console.frame.database import load_desk_setting, save_desk_setting
from cmcdesk.console.frame.stream import Hub
from cmcdesk.console.world.simulated import SimulatedWorld, WorldRefused, WorldSilent
from cmcdesk.processes.world_note import WorldNote
from cmcdesk.store.desk.compositions import list_saved
from cmcdesk.store.desk.database import reading

KEY = "world"  # {"on": whether it was left running, "speed": N, "zones": {name: records}} of desk.db

log = logging.getLogger(__name__)


def install_world(app: Flask, services: Services, hub: Hub) -> SimulatedWorld:
    """Give `app` its world; `stop_streams` ends it."""

    known: dict[str, str | None] = {}  # a server that is down for a moment keeps its name, as in any DNS

    def find_receivers() -> dict[str, str]:
        known.update({each.name: each.receiving for each in services.placements() if each.receiving})
        places = dict(known)
        with reading(services.engine) as session:
            live = {each.row.name: each.applied for each in list_saved(session) if each.applied}
        return {
            f"{settings['subdomain']}.smtps.jp": str(places[name])
            for name, settings in live.items()
            if (places.get(name) or "").startswith("127.")
        }

    world = SimulatedWorld(services.folder, find_receivers, lambda: hub.publish("world"))
    app.extensions["world"] = world
    return world


def current_world() -> SimulatedWorld:
    """The world of the application that serves this request."""
    world: SimulatedWorld = current_app.extensions["world"]
    return world


def begin_world(app: Flask, given: WorldNote | None) -> None:
    """At the start of the console: use the one that was named, else start the own one again if it was left running."""
    world: SimulatedWorld = app.extensions["world"]
    services: Services = app.extensions["services"]
    kept = load_desk_setting(services.engine, KEY)
    if given is not None:
        world.use(given)
    elif kept.get("on"):
        threading.Thread(target=_start_again, args=(world, kept), name="world start", daemon=True).start()


def _start_again(world: SimulatedWorld, kept: Mapping[str, Any]) -> None:
    try:
        world.start(float(kept.get("speed", 1.0)), kept.get("zones", {}))
    except (WorldRefused, WorldSilent, OSError) as fault:
        log.warning("the simulated world did not start: %s", fault)


def start_own_world(speed: float) -> None:
    """Start it, with what was entered into its DNS before. Raises WorldRefused, WorldSilent."""
    engine = current_app.extensions["services"].engine
    kept = load_desk_setting(engine, KEY)
    current_world().start(speed, kept.get("zones", {}))
    if current_world().is_own:
        save_desk_setting(engine, KEY, kept | {"on": True, "speed": speed})


def stop_world() -> None:
    """Stop an own one, let go of another; it does not come back with the next start."""
    engine = current_app.extensions["services"].engine
    current_world().stop()
    save_desk_setting(engine, KEY, load_desk_setting(engine, KEY) | {"on": False})


def put_records(name: str, records: Mapping[str, Any]) -> None:
    """Give a name these records (none: it goes), and keep that for the next start of an own world. Raises WorldRefused,
    WorldSilent."""
    world = current_world()
    world.put_zone(name, records)
    if world.is_own:
        engine = current_app.extensions["services"].engine
        kept = load_desk_setting(engine, KEY)
        save_desk_setting(engine, KEY, kept | {"zones": kept.get("zones", {}) | {name: dict(records)}})
