"""The lessons that there are: those that come with the program, and a trainer's own in `lessons/` of the data folder,
which are read again when they change. A file that is no lesson is named, and keeps nothing else from being there.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, current_app

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.lessons.places import PLACES, list_screens
from cmcdesk.rules.settings import describe
from cmcdesk.rules.texts import Text, same, tell
from cmcdesk.rules.training import MOST_OCTETS, Lesson, LessonFault, LessonVocabulary, read_lesson

SHIPPED = Path(__file__).parent / "shipped"
OWN_FOLDER = "lessons"
MOST_OWN = 200  # files: a page must not read a whole disk

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class BrokenLesson:
    """A file that is no lesson. line: 0 where none can be named."""

    file: str
    line: int
    reason: Text


@dataclass(frozen=True)
class Shelf:
    """lessons: in their order; broken: files that are none."""

    lessons: tuple[Lesson, ...]
    broken: tuple[BrokenLesson, ...] = ()

    def find(self, key: str) -> Lesson | None:
        """By its key."""
        return next((lesson for lesson in self.lessons if lesson.key == key), None)

    def find_next(self, key: str) -> Lesson | None:
        """The one after it."""
        keys = [lesson.key for lesson in self.lessons]
        at = keys.index(key) + 1 if key in keys else len(keys)
        return self.lessons[at] if at < len(self.lessons) else None


class ShelfKeeper:
    """Reads a folder of own lessons again where a file of it changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._shelf = Shelf(())

    def look(self) -> Shelf:
        """What there is now."""
        with self._lock:
            stamp = self._take_stamp()
            if stamp != self._stamp:
                self._shelf, self._stamp = read_shelf(self._folder, [Path(name) for name, *_ in stamp]), stamp
            return self._shelf

    def _take_stamp(self) -> Stamp:
        found = []
        try:
            paths = sorted(path for path in self._folder.iterdir() if path.suffix == ".toml")
        except OSError:  # there is none, or it cannot be looked into: there are no own lessons
            return ()
        for path in paths[:MOST_OWN]:
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((str(path), status.st_mtime_ns, status.st_size))
        return tuple(found)


def read_shelf(folder: Path, own: list[Path]) -> Shelf:
    """The shipped lessons with these own ones; an own one with the name of a shipped one stands in its place."""
    lessons = {lesson.key: lesson for lesson in list_shipped()}
    broken = []
    for path in own:
        try:
            with path.open("rb") as file:
                lesson = read_lesson(path.stem, file.read(MOST_OCTETS + 1), list_words(), is_own=True)
        except LessonFault as fault:
            broken.append(BrokenLesson(f"{folder.name}/{path.name}", fault.line, fault.reason))
        except OSError as error:
            reason = tell("It cannot be read: %(reason)s", reason=same(error.strerror or str(error)))
            broken.append(BrokenLesson(f"{folder.name}/{path.name}", 0, reason))
        else:
            lessons[lesson.key] = lesson
    ordered = sorted(lessons.values(), key=lambda lesson: (lesson.order, lesson.key))
    return Shelf(tuple(ordered), tuple(broken))


@cache
def list_shipped() -> tuple[Lesson, ...]:
    """Those of the program; read once."""
    return tuple(_read_shipped())


def _read_shipped() -> Iterator[Lesson]:
    for path in sorted(SHIPPED.glob("*.toml")):
        yield read_lesson(path.stem, path.read_bytes(), list_words())


@cache
def list_words() -> LessonVocabulary:
    """What a lesson may name here."""
    settings = [setting.path for setting in describe() if "[]" not in setting.path]
    return LessonVocabulary(settings, list(PLACES), list_screens())


def install_shelf(app: Flask, folder: Path) -> None:
    """Give `app` its shelf; nothing is read before somebody looks."""
    app.extensions["lessons"] = ShelfKeeper(folder / OWN_FOLDER)


def look_at_shelf() -> Shelf:
    """What there is now, for the application that serves this request."""
    keeper: ShelfKeeper = current_app.extensions["lessons"]
    return keeper.look()


def name_own_folder() -> str:
    """Where a trainer's own lessons go."""
    return str(current_services().folder / OWN_FOLDER)
