"""Language, time zone and theme of the pages: as chosen in 表示設定, else the browser's; and how values are written."""

from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, current_app, g, request
from flask_babel import Babel, format_datetime, format_decimal, ngettext
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cmcdesk.console.frame.database import load_desk_setting, save_desk_setting
from cmcdesk.console.webhook.failures import find_unlisted_host, tell_failure
from cmcdesk.rules.texts import DEFAULT_TIME_ZONE, FOLDER, Text, list_languages, translate
from cmcdesk.store.sqlite_faults import is_locked

SETTING_KEY = "display"
DEFAULT_LANGUAGE = "ja"


class Display(BaseModel):
    """How the pages look; language None follows the browser."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    language: str | None = None
    time_zone: str = DEFAULT_TIME_ZONE
    theme: Literal["auto", "light", "dark"] = "auto"
    notify_flood: bool = True  # notices for the desktop: `desk/notices.py`
    notify_webhook: bool = True
    notify_run: bool = True

    @field_validator("language")
    @classmethod
    def check_language(cls, code: str | None) -> str | None:
        """Only languages that there is a catalogue of."""
        if code is not None and code not in list_languages():
            raise ValueError(f"unknown language: {code}")
        return code

    @field_validator("time_zone")
    @classmethod
    def check_time_zone(cls, name: str) -> str:
        """Only names that the zone data knows."""
        try:
            ZoneInfo(name)
        except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
            raise ValueError(f"unknown time zone: {name}") from error
        return name


def load_display() -> Display:
    """What 表示設定 holds, read once a request; the defaults where it cannot be read: an error page must show."""
    if "display" not in g:
        try:
            g.display = Display.model_validate(
                load_desk_setting(current_app.extensions["services"].engine, SETTING_KEY)
            )
        except DBAPIError as error:
            if is_locked(error.orig or error):
                raise  # waited for already: not once more for what the page is about
            g.display = Display()
        except (SQLAlchemyError, ValueError):
            g.display = Display()
    display: Display = g.display
    return display


def page_zone() -> ZoneInfo:
    """The time zone of 表示設定, to be set on a datetime. (Flask-Babel's own is pytz's, whose zones may only be
    localized: set as tzinfo they stand for the local mean time of the 19th century, in Tokyo 19 minutes off.)"""
    return ZoneInfo(load_display().time_zone)


def save_display(display: Display) -> None:
    """Keep 表示設定."""
    save_desk_setting(current_app.extensions["services"].engine, SETTING_KEY, display.model_dump())
    g.display = display


def choose_page_language() -> str:
    """The code of the language of this request: API callers say it in Accept-Language alone."""
    chosen = None if request.path.startswith("/api/") else load_display().language
    return chosen or request.accept_languages.best_match(list_languages(), default=DEFAULT_LANGUAGE) or DEFAULT_LANGUAGE


def pick_text(text: Text | str) -> str:
    """A text in this request's language: out of all languages, or of a table's English (`N_`)."""
    language = choose_page_language()
    return translate(language, text) if isinstance(text, str) else text[language]


def write_instant(seconds: float | None, pattern: str = "yyyy-MM-dd HH:mm:ss") -> str:
    """Unix seconds in the chosen time zone."""
    return "" if seconds is None else format_datetime(datetime.fromtimestamp(seconds, UTC), pattern)


def write_number(value: float, pattern: str | None = None) -> str:
    """A number with the language's separators."""
    text: str = format_decimal(value, pattern)
    return text


def write_octets(count: int) -> str:
    """A size for people: octets, then KB and MB of 1024."""
    if count < 1024:
        return f"{count} B"
    if count < 1024**2:
        return f"{format_decimal(count / 1024, '#,##0.0')} KB"
    return f"{format_decimal(count / 1024**2, '#,##0.0')} MB"


def write_duration(seconds: float) -> str:
    """A span of time for people, as a clock shows it: 0:07, 12:30, 1:05:00; days before it where there are some."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = f"{hours}:{minutes:02}:{rest:02}" if days or hours else f"{minutes}:{rest:02}"
    return ngettext("1 day", "%(num)s days", days) + f" {clock}" if days else clock


def write_failure(error: str | None) -> str:
    """Why a server gave no answer; error: as the log keeps it."""
    return pick_text(tell_failure(error))


def name_tongue(code: str) -> str:
    """What a language calls itself."""
    return str(Locale.parse(code).display_name)


def install_language(app: Flask) -> None:
    """Flask-Babel and the filters of the templates."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app, locale_selector=choose_page_language, timezone_selector=lambda: load_display().time_zone)
    app.jinja_env.filters.update(instant=write_instant, octets=write_octets, spoken=pick_text, number=write_number)
    app.jinja_env.filters["tongue"] = name_tongue
    app.jinja_env.filters.update(
        duration=write_duration, tongue=name_tongue, failure=write_failure, unlisted=find_unlisted_host
    )

    @app.context_processor
    def add_display() -> dict[str, Any]:
        language = choose_page_language()
        known = list_languages()
        other = known[(known.index(language) + 1) % len(known)]
        gap = "" if language == "ja" else " "  # between sentences
        return {"language": language, "other_language": other, "display": load_display(), "gap": gap}
