"""Lessons of the room 研修 as trainers write them: a TOML file each, read against a closed vocabulary of checks and
places, with every fault named by its line. Pure; what a check finds is the console's (`console/lessons/checking.py`).
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cmcdesk.rules.lesson_checks import CHECKS, Argument, StepCheck
from cmcdesk.rules.lessons import NEEDS
from cmcdesk.rules.settings.reasons import explain_toml
from cmcdesk.rules.texts import SOURCE_LANGUAGE, Text, list_languages, same, tell

PracticePlan = Literal["pro", "standard"]

PLANS = ("pro", "standard")
KEYS = {
    "lesson": ("order", "title", "goal", "minutes", "plan", "step", "mistake"),
    "step": ("do", "why", "places", "check", "traffic", "plan"),
    "traffic": ("preset", "mail", "kind", "to", "count", "seconds", "sessions", "rate", "size", "spam"),
}
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LINE = re.compile(r"line (\d+)")
LONGEST_TEXT = 2000
MOST_STEPS = 20
MOST_OCTETS = 64 * 1024


@dataclass(frozen=True)
class LessonStep:
    """do: what to do; why: the reason for it; places: controls to use, the first one's page is the step's; plan: whose
    composition it is about; traffic: fields of the simulator's form."""

    do: Text
    why: Text
    places: tuple[str, ...]
    check: StepCheck
    plan: PracticePlan
    traffic: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """One lesson. key: the file's name; is_own: a trainer's own; mistake: the try that goes wrong on purpose."""

    key: str
    order: int
    title: Text
    goal: Text
    minutes: int
    plan: PracticePlan
    steps: tuple[LessonStep, ...]
    mistake: LessonStep
    is_own: bool = False

    @property
    def all_steps(self) -> tuple[LessonStep, ...]:
        """The steps, the mistake last."""
        return (*self.steps, self.mistake)

    @property
    def plans(self) -> tuple[PracticePlan, ...]:
        """Of which plans it changes a composition."""
        return tuple(dict.fromkeys((self.plan, *(step.plan for step in self.all_steps))))


class LessonFault(Exception):
    """A file that is no lesson. line: 0 where none can be named; reason: in every language."""

    def __init__(self, line: int, reason: Text) -> None:
        super().__init__(f"line {line}: {reason[SOURCE_LANGUAGE]}")
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class LessonVocabulary:
    """What a lesson may name. settings: paths; places: names; screens: those of places that save."""

    settings: Collection[str]
    places: Collection[str]
    screens: Collection[str]


def read_lesson(key: str, octets: bytes, words: LessonVocabulary, is_own: bool = False) -> Lesson:
    """The lesson in a file. Raises LessonFault, and nothing else whatever the file holds."""
    if not NAME.fullmatch(key):
        raise LessonFault(0, tell("The file's name may hold a-z, 0-9 and -, at most 60: “%(name)s”.", name=key))
    if len(octets) > MOST_OCTETS:
        raise LessonFault(0, tell("The file is larger than %(most)s KByte.", most=MOST_OCTETS // 1024))
    try:
        text = octets.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        raise LessonFault(line, tell("The file is not written in UTF-8.")) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = LINE.search(str(error))
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error).partition(" (at ")[0]
        told = tell("This is no TOML: %(reason)s", reason=explain_toml(said))
        raise LessonFault(int(found[1]) if found else 0, told) from None
    return _Reader(text, words).read(key, data, is_own)


class _Reader:
    """Reads one file, part by part."""

    def __init__(self, text: str, words: LessonVocabulary) -> None:
        self._lines = text.split("\n")
        self._words = words
        self._part = ""  # "step 2", "mistake", "" for the head
        self._fallback: PracticePlan = "pro"

    def read(self, key: str, data: Mapping[str, Any], is_own: bool) -> Lesson:
        self._look_over(data, "lesson", ("title", "goal", "step", "mistake"))
        self._fallback = self._choose(data, "plan", PLANS, "pro")
        steps, mistake = data["step"], data["mistake"]
        if not (isinstance(steps, list) and 0 < len(steps) <= MOST_STEPS and all(isinstance(s, dict) for s in steps)):
            raise self._fault("step", tell("Give 1 to %(most)s steps, each below [[step]].", most=MOST_STEPS))
        if not isinstance(mistake, dict):
            raise self._fault("mistake", tell("Write the try that goes wrong on purpose below [mistake]."))
        head = {name: self._text(data, name) for name in ("title", "goal")}
        order, minutes = self._whole(data, "order", 1000), self._whole(data, "minutes", 5)
        read = tuple(self._step(f"step {number}", each) for number, each in enumerate(steps, 1))
        last = self._step("mistake", mistake)
        return Lesson(key, order, head["title"], head["goal"], minutes, self._fallback, read, last, is_own)

    def _step(self, part: str, data: Mapping[str, Any]) -> LessonStep:
        self._part = part
        self._look_over(data, "step", ("do", "why", "places", "check"))
        places = data["places"]
        if not isinstance(places, list) or not places:
            raise self._fault("places", tell('Give a list of places, such as ["receiving.interval_ms"].'))
        for place in places:
            self._one_of("places", place, self._words.places)
        return LessonStep(
            self._text(data, "do"),
            self._text(data, "why"),
            tuple(places),
            self._check(data["check"]),
            self._choose(data, "plan", PLANS, self._fallback),
            self._traffic(data.get("traffic", {})),
        )

    def _check(self, data: Any) -> StepCheck:
        if not isinstance(data, dict):
            raise self._fault("check", tell('Write it as { what = "…" }.'))
        what = data.get("what")
        self._one_of("check", what, CHECKS)
        form = CHECKS[str(what)]
        given = {key: value for key, value in data.items() if key != "what"}
        known = {**form.needs, **form.may}
        for key, value in given.items():
            if key not in known:
                raise self._unknown("check", f"{what}: {key}", known)
            self._argument(key, value, known[key], form.choices.get(key))
        for key in form.needs:
            if key not in given:
                raise self._fault("check", tell("“%(what)s” needs the key “%(key)s”.", what=what, key=key))
        return StepCheck(str(what), given)

    def _argument(self, key: str, value: Any, kind: Argument, choices: Collection[str] | None) -> None:
        named = {"setting": self._words.settings, "place": self._words.places, "screen": self._words.screens}
        allowed = choices or named.get(kind)
        if allowed is not None:
            self._one_of("check", value, allowed)
        elif kind == "yes" and not isinstance(value, bool):
            raise self._fault("check", tell("%(key)s is true or false, not %(given)s.", key=key, given=repr(value)))
        elif kind == "whole" and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self._fault("check", tell("%(key)s is a whole number, not %(given)s.", key=key, given=repr(value)))
        elif kind in ("text", "value") and not isinstance(value, str | bool | int if kind == "value" else str):
            raise self._fault("check", tell("%(key)s is a text, not %(given)s.", key=key, given=repr(value)))

    def _traffic(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            raise self._fault("traffic", tell('Write it as { preset = "…" }.'))
        for key, value in data.items():
            if key not in KEYS["traffic"]:
                raise self._unknown("traffic", key, KEYS["traffic"])
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise self._fault("traffic", tell("%(key)s is a text, not %(given)s.", key=key, given=repr(value)))
        if "preset" in data:
            self._one_of("traffic", data["preset"], NEEDS)
        return {key: str(value) for key, value in data.items()}

    def _look_over(self, data: Mapping[str, Any], table: str, needed: tuple[str, ...]) -> None:
        for key in data:
            if key not in KEYS[table]:
                raise self._unknown(key, key, KEYS[table])
        for key in needed:
            if key not in data:
                raise self._fault("", tell("The key “%(key)s” is missing.", key=key))

    def _text(self, data: Mapping[str, Any], key: str) -> Text:
        given = data[key]
        words = given if isinstance(given, dict) else {"": given}
        good = [one for one in words.values() if isinstance(one, str) and 0 < len(one.strip()) <= LONGEST_TEXT]
        if not words or len(good) < len(words):
            raise self._fault(
                key, tell("Give a text of 1 to %(most)s characters, or one a language.", most=LONGEST_TEXT)
            )
        if isinstance(given, str):
            return tell(fold_text(given))
        told = {language: fold_text(one) for language, one in given.items()}
        spare = told.get(SOURCE_LANGUAGE, next(iter(told.values())))
        return {language: told.get(language, spare) for language in list_languages()}

    def _whole(self, data: Mapping[str, Any], key: str, otherwise: int) -> int:
        value = data.get(key, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 9999:
            raise self._fault(key, tell("Give a whole number from 0 to 9999, not %(given)s.", given=repr(value)))
        return value

    def _choose(self, data: Mapping[str, Any], key: str, allowed: Collection[str], otherwise: str) -> Any:
        value = data.get(key, otherwise)
        self._one_of(key, value, allowed)
        return value

    def _one_of(self, key: str, value: Any, allowed: Collection[str]) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise self._unknown(key, value, allowed)

    def _unknown(self, key: str, given: Any, allowed: Collection[str]) -> LessonFault:
        told = tell("There is no “%(given)s” here; there is: %(allowed)s.", given=given, allowed=", ".join(allowed))
        return self._fault(key, told)

    def _fault(self, key: str, reason: Text) -> LessonFault:
        part = (
            tell("step %(number)s", number=self._part.removeprefix("step ")) if " " in self._part else same(self._part)
        )
        return LessonFault(find_line(self._lines, self._part, key), {
            language: ": ".join(filter(None, (part[language], key, words))) for language, words in reason.items()
        })  # fmt: skip


def fold_text(written: str) -> str:
    """A text that was wrapped in the file, in one line: so it stands in the catalogue."""
    return " ".join(written.split())


def find_line(lines: list[str], part: str, key: str) -> int:
    """Where a key of a part stands ("step 2", "mistake", "" for the head), else where the part begins; from 1."""
    here, number, begins = "", 0, 1
    for at, line in enumerate(lines, 1):
        if line.startswith("["):
            number += line.startswith("[[step]]")
            here = f"step {number}" if line.startswith("[[step]]") else line.strip("[] \t")
            begins = at if here in (part, part if part else key) else begins
        elif here == part and key and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return at
    return begins


def list_texts(octets: bytes) -> Iterator[str]:
    """The texts of a lesson's file that a catalogue has to have: those that stand there in one language."""
    data = tomllib.loads(octets.decode("utf-8"))
    parts = [data, *data["step"], data["mistake"]]
    for part in parts:
        yield from (fold_text(part[key]) for key in ("title", "goal", "do", "why") if isinstance(part.get(key), str))
