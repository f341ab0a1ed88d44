"""The simulator panel's form: what to send, as typed, and the command line that it makes; presets for each lesson."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.reading import View

KINDS = ("plain", "form", "bounce")
SHAPES = ("constant", "ramp", "burst", "wave")
CHARSETS = ("utf-8", "iso-2022-jp", "iso-2022-jp-ms", "shift_jis", "windows-31j", "euc-jp")
PRESETS = ("sessions", "interval", "size", "domain", "spam", "webhook", "bounce")
FOREIGN = "info@foreign.example.net"


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
        """What was typed; fields that were not sent keep their defaults."""
        return cls(**{name: form[name].strip() for name in cls.__dataclass_fields__ if name in form})

    @property
    def goal(self) -> tuple[int | None, float | None]:
        """(mails, seconds) that the progress bar runs to."""
        count = int(self.count) if self.count.isdecimal() else None
        return count, _read_float(self.seconds)


def find_faults(traffic: Traffic) -> dict[str, str]:
    """Field → what is wrong; the simulator checks the rest itself."""
    faults = {}
    for name, low, high in (("count", 1, 10_000_000), ("sessions", 1, 1000)):
        text = getattr(traffic, name)
        if text and not (text.isdecimal() and low <= int(text) <= high):
            faults[name] = str(_("Give a whole number from %(low)s to %(high)s.", low=low, high=high))
    for name in ("seconds", "rate", "peak", "period"):
        text = getattr(traffic, name)
        if text and (_read_float(text) is None):
            faults[name] = str(_("Give a number above 0."))
    if not traffic.count and not _read_float(traffic.seconds):
        faults["count"] = str(_("Say how many mails, or for how many seconds."))
    if not traffic.to or any("@" not in each for each in traffic.to.split()):
        faults["to"] = str(_("Give one or more addresses, with spaces between."))
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


def default_traffic(view: View) -> Traffic:
    """Ten mails to a domain that this composition takes."""
    return Traffic(to=find_address(view, "inbound"), count="10")


def preset_traffic(preset: str, view: View) -> Traffic:
    """The traffic of one lesson, made from the limits that are live."""
    limits = view.live["receiving"]
    base = default_traffic(view)
    too_big = str(limits["size_kb"] * 1024 + 65536)
    lessons: dict[str, dict[str, Any]] = {
        "sessions": {"count": "", "seconds": "10", "sessions": str(limits["max_sessions"] + 5)},
        "interval": {"count": "", "seconds": "15", "sessions": str(min(5, limits["max_sessions"]))},
        "size": {"count": "3", "size": too_big},
        "domain": {"count": "5", "to": FOREIGN},
        "spam": {"mail": "form", "count": "3", "spam": "same-address"},
        "webhook": {"mail": "form", "count": "10", "rate": "2"},
        "bounce": {"mail": "bounce", "count": "5", "to": find_address(view, "bounce")},
    }
    return replace(base, **lessons.get(preset, {}))


def name_presets() -> dict[str, str]:
    """Preset → its label."""
    return {
        "sessions": _("Over the session limit"),
        "interval": _("The receiving interval"),
        "size": _("Over the receiving size"),
        "domain": _("A foreign domain"),
        "spam": _("Spam judgment"),
        "webhook": _("Form mails to a webhook"),
        "bounce": _("Bounces"),
    }


def explain_presets() -> dict[str, str]:
    """Preset → what is sent, what will happen, and where it is seen."""
    return {
        "sessions": _(
            "Opens 5 sessions more than the maximum. Those over it are answered 421 and closed; see Refusals."
        ),
        "interval": _(
            "Sends as fast as it is let to. In each session one mail an interval is taken: the monitor shows the dots "
            "evenly spaced, and the rate below the ceiling."
        ),
        "size": _("Sends mails larger than the receiving size. They are refused with 552; see Refusals."),
        "domain": _("Sends to a domain that is not acceptable. The recipient is refused with 550; see Refusals."),
        "spam": _("Sends form mails whose From and To are the same. They are judged as spam and refused with 550."),
        "webhook": _(
            "Sends two form mails a second. Each notification whose conditions match calls its endpoint: see API "
            "settings, Webhook, Log."
        ),
        "bounce": _("Sends bounce mails. They are read and classed in the error log of the delivery report."),
    }


def find_address(view: View, route: str) -> str:
    """An address at the first live domain of a route, of the other where that has none."""
    receiving = view.live["receiving"]
    for each, local in ((route, "info"), ("inbound", "info"), ("bounce", "bounce")):
        if receiving[f"{each}_domains"]:
            return f"{'bounce' if each == 'bounce' else local}@{receiving[f'{each}_domains'][0]}"
    return ""


def _read_float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None
