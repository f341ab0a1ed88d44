"""Where the window was, kept from one start to the next; and a place for it on the screens that there are now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

KEY = "window"  # among the settings of the desk
LEAST_WIDTH, LEAST_HEIGHT = 720, 480
GRIP = 100  # pixels of the window's head that must be on a screen, so that it can be taken and moved


@dataclass(frozen=True)
class Area:
    """A screen, or what of it is used."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class WindowPlace:
    """Size and place while it is not maximized; no place: the middle of the screen."""

    width: int = 1280
    height: int = 840
    x: int | None = None
    y: int | None = None
    is_maximized: bool = False

    def fit(self, screens: Sequence[Area]) -> "WindowPlace":
        """The same where it can be seen: no larger than its screen, in the middle of the first if that is gone."""
        if not screens:
            return self
        screen = next((each for each in screens if self._is_on(each)), None)
        place = (self.x, self.y) if screen else (None, None)
        room = screen or screens[0]
        return replace(
            self,
            width=max(LEAST_WIDTH, min(self.width, room.width)),
            height=max(LEAST_HEIGHT, min(self.height, room.height)),
            x=place[0],
            y=place[1],
        )

    def as_saved(self) -> dict[str, Any]:
        """As a setting of the desk."""
        return asdict(self)

    def as_options(self, screens: Sequence[Area]) -> dict[str, Any]:
        """What pywebview is told: it counts from the corner of the first screen."""
        options: dict[str, Any] = {"width": self.width, "height": self.height, "maximized": self.is_maximized}
        if self.x is not None and self.y is not None and screens:
            options |= {"x": self.x - screens[0].x, "y": self.y - screens[0].y}
        return options

    def _is_on(self, screen: Area) -> bool:
        if self.x is None or self.y is None:
            return False
        seen = min(self.x + self.width, screen.x + screen.width) - max(self.x, screen.x)
        return seen >= GRIP and screen.y <= self.y < screen.y + screen.height - GRIP // 2


def read_place(saved: Mapping[str, object]) -> WindowPlace:
    """What was saved; as new where it makes no sense."""
    known: dict[str, Any] = {each.name: saved[each.name] for each in fields(WindowPlace) if each.name in saved}
    if any(
        type(value) not in ((bool,) if name == "is_maximized" else (int, type(None))) for name, value in known.items()
    ):
        return WindowPlace()
    return WindowPlace(**{name: value for name, value in known.items() if value is not None})
