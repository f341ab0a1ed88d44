"""The simulator panel's form: what to send, as typed, what is wrong about it, and the command line that it makes; forms
that a person saved under a name.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import load_desk_setting, save_desk_setting
from cmcdesk.console.frame.trouble import Refused, Told

KINDS = ("plain", "form", "bounce")
SHAPES = ("constant", "ramp", "burst", "wave")
CHARSETS = ("utf-8", "iso-2022-jp", "iso-2022-jp-ms", "shift_jis", "windows-31j", "euc-jp")
SPAM_RULES = ("", "own-domain", "same-address")
NUMBERS = ("count", "seconds", "sessions", "rate", "peak", "period", "size", "seed")

LARGEST_SIZE = 200 * 1024 * 1024
#: Octets that no mail of the kind is smaller than; many are larger, which only the simulator knows.
LEAST_SIZES = {"plain": 100, "form": 600, "bounce": 600}
LEAST_BURST_PERIOD = 1.0  # the simulator's bursts last a second
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
SIZE = re.compile(r"(\d{1,9})\s*([km]?)b?", re.ASCII | re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>@,;\x00-\x1f\x7f]+@[^\s<>@,;\x00-\x1f\x7f]+")

SETTING = "simulator_presets"  # {"saved": {name: fields}}
MOST = 50
LONGEST_NAME = 60


@dataclass(frozen=True)
class Traffic:
    """Fields of the form, as text; "" leaves the simulator's own default."""

    mail: str = "plain"
    to: str = ""
    count: str = ""
    seconds: str = ""
    sessions: str = "1"
    rate: str = ""
    shape: str = "constant"
    peak: str = ""
    period: str = ""
    size: str = ""
    seed: str = "1"
    kind: str = "postfix/unknown-user"
    charset: str = "utf-8"
    spam: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Traffic":
        """What was typed; fields that were not sent keep their defaults. Numbers may be full-width or 1,000."""
        typed = {name: form[name].strip() for name in cls.__dataclass_fields__ if name in form}
        return cls(**{name: write_plain(text) if name in NUMBERS else text for name, text in typed.items()})

    @property
    def goal(self) -> tuple[int | None, float | None]:
        """(mails, seconds) that the progress bar runs to."""
        count = int(self.count) if self.count.isdecimal() else None
        return count, read_above_zero(self.seconds)

    def as_data(self) -> dict[str, str]:
        """Field → text; `Traffic.from_form` reads it again."""
        return asdict(self)


def write_plain(text: str) -> str:
    """A number as typed, with plain digits and without marks between the thousands."""
    return THOUSANDS.sub("", unicodedata.normalize("NFKC", text).strip())


def find_faults(traffic: Traffic) -> dict[str, str]:
    """Field → what is wrong, so that the simulator never has to say it."""
    faults = _find_number_faults(traffic) | _find_choice_faults(traffic)
    if not traffic.count and not read_above_zero(traffic.seconds):
        faults.setdefault("count", str(_("Say how many mails, or for how many seconds.")))
    if not traffic.to or not all(ADDRESS.fullmatch(each) for each in traffic.to.split()):
        faults["to"] = str(_("Give one or more addresses, with spaces between."))
    if traffic.size and not is_size(traffic.size):
        faults["size"] = str(_("Give bytes like 2048, 100k or 10M, or a range like 1k-100k; at most 200M."))
    elif traffic.size and read_least_octets(traffic.size) < LEAST_SIZES.get(traffic.mail, 1):
        least = LEAST_SIZES[traffic.mail]
        faults["size"] = str(_("A mail of this kind has at least %(least)s bytes.", least=least))
    if traffic.shape != "constant":
        faults = _find_shape_faults(traffic) | faults
    return faults


def _find_number_faults(traffic: Traffic) -> dict[str, str]:
    faults = {}
    for name, low, high in (("count", 1, 10_000_000), ("sessions", 1, 1000), ("seed", 0, 999_999_999)):
        text = getattr(traffic, name)
        is_whole = text.isdecimal() and len(text) < 12
        if (text or name != "count") and not (is_whole and low <= int(text) <= high):
            faults[name] = str(_("Give a whole number from %(low)s to %(high)s.", low=low, high=high))
    for name in ("seconds", "rate", "peak", "period"):
        text = getattr(traffic, name)
        if text and (read_above_zero(text) is None):
            faults[name] = str(_("Give a number above 0."))
    return faults


def _find_choice_faults(traffic: Traffic) -> dict[str, str]:
    """A choice that is none was not made on the page."""
    allowed = (("mail", KINDS), ("shape", SHAPES), ("charset", CHARSETS), ("spam", SPAM_RULES))
    told = str(_("Choose one of the list."))
    return {name: told for name, choices in allowed if getattr(traffic, name) not in choices}


def _find_shape_faults(traffic: Traffic) -> dict[str, str]:
    faults = {}
    for name in ("rate", "peak"):
        if not getattr(traffic, name):
            faults[name] = str(_("This shape needs it."))
    period = read_above_zero(traffic.period)
    if traffic.shape == "burst" and period is not None and period < LEAST_BURST_PERIOD:
        faults["period"] = str(_("A burst lasts 1 second: give 1 or more."))
    return faults


def write_arguments(traffic: Traffic, target: str) -> list[str]:
    """The simulator's command line for that traffic. target: "host:port"."""
    arguments = ["form"] if traffic.mail == "form" else ["bounce"] if traffic.mail == "bounce" else ["load"]
    arguments += ["--target", target]
    for address in traffic.to.split():
        arguments.append(f"--to={address}")  # with "=": an address may begin with "-"
    names = ["count", "seconds", "sessions", "rate", "shape", "size", "seed"]
    if traffic.shape != "constant":
        names += ["peak", "period"]
    names += {"bounce": ["kind"], "form": ["charset", "spam"]}.get(traffic.mail, [])
    arguments += [f"--{name}={getattr(traffic, name)}" for name in names if getattr(traffic, name)]
    return arguments


def is_size(text: str) -> bool:
    """Whether the simulator takes it: octets like 2048, 100k (1024 each), 10M, or a range, up to LARGEST_SIZE."""
    octets = _read_octets(text)
    return len(octets) == text.count("-") + 1 <= 2 and 1 <= octets[0] <= octets[-1] <= LARGEST_SIZE


def read_least_octets(text: str) -> int:
    """The smaller end of a size that `is_size` takes."""
    return _read_octets(text)[0]


def _read_octets(text: str) -> list[int]:
    ends = [SIZE.fullmatch(part.strip()) for part in text.split("-")]
    return [int(end[1]) * {"": 1, "k": 1024, "m": 1024**2}[end[2].lower()] for end in ends if end]


def read_above_zero(text: str) -> float | None:
    """A number above 0, None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None


def list_saved_traffic() -> dict[str, Traffic]:
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
