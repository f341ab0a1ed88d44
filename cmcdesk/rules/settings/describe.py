"""Every setting once, as the forms, the checks and the diff need it: read off the models."""

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cmcdesk.rules.settings.about import About
from cmcdesk.rules.settings.composition import Composition
from cmcdesk.rules.texts import Text, tell

Kind = Literal["integer", "boolean", "text", "choice", "lines", "tables"]


@dataclass(frozen=True)
class Setting:
    """path: dotted, `[]` for the place of an index (`inbound_webhook[].condition[].header`). kind: `lines` is a list of
    strings, `tables` a list whose members are described by the paths below it. default: None where required or given
    by the plan (then plan_default says what it is)."""

    path: str
    kind: Kind
    about: About
    required: bool
    default: Any
    minimum: int | None
    maximum: int | None
    choices: tuple[str, ...]

    @property
    def label(self) -> Text:
        """Its name on the form."""
        return tell(self.about.label)

    @property
    def on_screen(self) -> Text:
        """Its name below the title of its screen."""
        return tell(self.about.on_screen or self.about.label)

    @property
    def help(self) -> Text:
        """What stands below it on the form."""
        return tell(self.about.help)

    @property
    def effect(self) -> Text:
        """What reflecting a change of it does."""
        return tell(self.about.effect)

    @property
    def plan_default(self) -> Text | None:
        """What it is by default, where the plan gives it."""
        return tell(self.about.plan_default) if self.about.plan_default else None

    @property
    def unit(self) -> Text | None:
        """Of a number."""
        return tell(self.about.unit) if self.about.unit else None


@cache
def describe() -> tuple[Setting, ...]:
    """Every setting, in the order of the settings file."""
    return tuple(_walk(Composition, ""))


def describe_path(path: str) -> Setting | None:
    """The setting at a path such as `inbound_webhook[0].condition[1].header`; None: there is none."""
    return _settings_by_path().get(re.sub(r"\[\d+\]", "[]", path))


def list_keys(path: str) -> list[str]:
    """The keys allowed in the table at that path ("" is the composition itself)."""
    prefix = re.sub(r"\[\d+\]", "[]", path) + "." if path else ""
    below = (setting.path.removeprefix(prefix) for setting in describe() if setting.path.startswith(prefix))
    return list(dict.fromkeys(re.split(r"[.\[]", rest)[0] for rest in below))


@cache
def _settings_by_path() -> dict[str, Setting]:
    return {setting.path: setting for setting in describe()}


def _walk(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        about = next((note for note in field.metadata if isinstance(note, About)), None)
        if about is not None:
            yield _describe_field(path, field, about)
        member = _list_member(field.annotation)
        if member is not None:
            yield from _walk(member, f"{path}[].")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _walk(field.annotation, f"{path}.")


def _list_member(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) is not list:
        return None
    member = get_args(annotation)[0]
    return member if isinstance(member, type) and issubclass(member, BaseModel) else None


def _describe_field(path: str, field: FieldInfo, about: About) -> Setting:
    required = field.is_required() and about.plan_default is None
    default = None if field.is_required() or about.plan_default else field.get_default(call_default_factory=True)
    return Setting(
        path=path,
        kind=_kind_of(field.annotation),
        about=about,
        required=required,
        default=default,
        minimum=_limit_of(field, Ge, "ge"),
        maximum=_limit_of(field, Le, "le"),
        choices=get_args(field.annotation) if get_origin(field.annotation) is Literal else (),
    )


def _limit_of(field: FieldInfo, kind: type, attribute: str) -> int | None:
    limits = (getattr(note, attribute) for note in field.metadata if isinstance(note, kind))
    return next((int(limit) for limit in limits), None)


def _kind_of(annotation: Any) -> Kind:
    if get_origin(annotation) is Literal:
        return "choice"
    if isinstance(annotation, types.GenericAlias) and get_origin(annotation) is list:
        return "lines" if _list_member(annotation) is None else "tables"
    kinds: dict[Any, Kind] = {int: "integer", bool: "boolean"}
    return kinds.get(annotation, "text")
