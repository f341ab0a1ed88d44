"""Forms of the simulator panel that a person saved under a name."""

from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.desk_settings import load_desk_setting, save_desk_setting
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.console.simulator.traffic_form import Traffic

SETTING = "simulator_presets"  # {"saved": {name: fields}}
MOST = 50
LONGEST_NAME = 60


def list_saved() -> dict[str, Traffic]:
    """Name → form, by name."""
    return {name: Traffic.from_form(fields) for name, fields in sorted(_load().items())}


def save_traffic(name: str, traffic: Traffic) -> str:
    """Keep it, in place of one of the same name; the name as it is kept. Raises Refused."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused([Told("name", name, _("Give a name of at most %(count)s characters.", count=LONGEST_NAME))])
    saved = _load() | {name: traffic.as_data()}
    if len(saved) > MOST:
        raise Refused([Told("name", name, _("There are %(count)s saved already. Remove one first.", count=MOST))])
    save_desk_setting(current_services().engine, SETTING, {"saved": saved})
    return name


def remove_traffic(name: str) -> bool:
    """False: there is none of that name."""
    saved = _load()
    if saved.pop(name, None) is None:
        return False
    save_desk_setting(current_services().engine, SETTING, {"saved": saved})
    return True


def _load() -> dict[str, dict[str, Any]]:
    saved: dict[str, dict[str, Any]] = load_desk_setting(current_services().engine, SETTING).get("saved", {})
    return saved
