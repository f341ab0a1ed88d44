"""The console: pages, API and live streams of one running cmcdesk, as one Flask application."""

import logging
import sqlite3
from pathlib import Path

from flask import current_app, g, request
from flask.typing import ResponseReturnValue
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound, UnprocessableEntity

from cmcdesk import __version__
from cmcdesk.console.acceptance.acceptance_page import install_acceptance
from cmcdesk.console.all_api import register_api
from cmcdesk.console.all_pages import register_pages
from cmcdesk.console.cmc.register import register_cmc_api
from cmcdesk.console.compositions.drafting import SettingsWatch, UnknownComposition
from cmcdesk.console.demo.demo_page import install_demo, stop_demo
from cmcdesk.console.desk.connected_ips import install_connected_ips
from cmcdesk.console.desk.notices import install_notices
from cmcdesk.console.frame.api_errors import answer_http_error, answer_invalid_request
from cmcdesk.console.frame.api_part import ApiApp
from cmcdesk.console.frame.api_shapes import StrictJson
from cmcdesk.console.frame.current import Services, install_mail_log
from cmcdesk.console.frame.database import connect_database
from cmcdesk.console.frame.guard import install_guard
from cmcdesk.console.frame.language import Display, install_language
from cmcdesk.console.frame.request import install_bounds
from cmcdesk.console.frame.stream import install_stream
from cmcdesk.console.frame.trouble import DatabaseTrouble, show_trouble
from cmcdesk.console.lessons.playing import install_lessons
from cmcdesk.console.lessons.shelf import install_shelf
from cmcdesk.console.simulator.runs_page import install_runs
from cmcdesk.console.world.world_use import install_world
from cmcdesk.store.database_fault import find_fault_of
from cmcdesk.store.maillog.schema import NewerMailLog

log = logging.getLogger(__name__)

LARGEST_REQUEST = 16 * 1024 * 1024  # an imported settings file is far below


def create_app(services: Services) -> ApiApp:
    """The console on `services`.

    The server that runs it must set SERVER_PORT to the port it listens on (waitress does), give it
    `stream.STREAM_LIMIT` + 8 threads or more, and call `stop_streams(app)` before it shuts down.
    """
    app = ApiApp(
        __name__,
        info=Info(title="cmcdesk", version=__version__, description="The API of this cmcdesk (not CMC's own)."),
        validation_error_callback=answer_invalid_request,
    )
    app.jinja_loader = find_templates()
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.json = StrictJson(app)
    app.json.sort_keys = False
    install_bounds(app)
    app.extensions["services"] = services
    connect_database(app, services.engine)
    install_mail_log(app)
    install_language(app)
    app.extensions["codes"] = install_guard(app, services.token, services.secret_key, services.hosts)
    install_connected_ips(app)
    hub = install_stream(app)
    watch = SettingsWatch(services.engine)
    world = install_world(app, services, hub)

    def follow() -> None:
        telemetry, is_saved = services.telemetry(), watch.has_changed()
        hub.publish_telemetry(telemetry)
        if is_saved:
            hub.publish("settings", "state")
        world.follow(telemetry, is_saved)

    services.subscribe(follow)
    install_runs(app, services, hub)
    install_acceptance(app, services, hub)
    install_shelf(app, services.folder)
    install_lessons(app)
    install_demo(app, services, hub)
    install_notices(app, services, hub)
    register_api(app)
    register_pages(app)
    register_cmc_api(app)
    _register_faults(app)
    return app


def _register_faults(app: OpenAPI) -> None:
    app.register_error_handler(HTTPException, answer_error)
    app.register_error_handler(OverflowError, lambda _error: answer_error(UnprocessableEntity()))  # SQLite's INTEGER
    app.register_error_handler(UnknownComposition, lambda _error: answer_error(NotFound()))
    for kind in (sqlite3.Error, DBAPIError, NewerMailLog):
        app.register_error_handler(kind, answer_fault)


def find_templates() -> BaseLoader:
    """Templates lie beside what fills them: "mails/list.html" is console/mails/templates/list.html; those of the frame
    have no folder in their names."""
    rooms = Path(__file__).parent
    subjects = {path.parent.name: FileSystemLoader(path) for path in rooms.glob("*/templates")}
    return ChoiceLoader([subjects.pop("frame"), PrefixLoader(subjects)])


def stop_streams(app: OpenAPI) -> None:
    """End all event streams and long polls, so that the web server's threads come free, the simulator's runs, its
    world, the acceptance run and the demo."""
    stop_demo(app)
    app.extensions["hub"].stop()
    app.extensions["simulator_runs"].stop_all()
    app.extensions["acceptance"].stop(is_waited_for=True)
    app.extensions["world"].close()


def answer_fault(error: Exception) -> ResponseReturnValue:
    """A database that cannot be used: what happened, and what mends it. The page asks no database for its looks."""
    g.setdefault("display", Display())
    fault = find_fault_of(error)
    if fault is None or fault.kind == "other":  # nobody's fault but ours: the trace tells
        log.error("a database refused what was asked of it", exc_info=error)
        return current_app.handle_http_exception(InternalServerError())  # CMC's paths have a shape of their own
    log.warning("answered 503: %s", error)
    return current_app.handle_http_exception(DatabaseTrouble(fault))


def answer_error(error: HTTPException) -> ResponseReturnValue:
    """Errors in the API's shape for API callers, as a page for people."""
    if error.response is not None:
        return error.response
    if request.path.startswith("/api/") or request.path == "/openapi.json":
        return answer_http_error(error)
    return show_trouble(error)
