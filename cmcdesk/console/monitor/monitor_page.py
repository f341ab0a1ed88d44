"""モニター: the receiving limits biting, live. The page is drawn in the browser from the telemetry stream."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from cmcdesk.console.compositions.view import View, list_deaf, list_views
from cmcdesk.console.mails.set_aside_views import current_set_aside
from cmcdesk.mail.smtp.envelope import Server
from cmcdesk.mailserver.patience import ERROR_LIMIT, Patience
from cmcdesk.rules.settings.relay import Relay

monitor = Blueprint("monitor", __name__)


@monitor.get("/monitor")
def show_monitor() -> str:
    """The monitor of one server of a composition: the one asked for, else the first one's receiving server."""
    views = list_views()
    shown, server = _choose(views), _choose_server()
    return render_template(
        "monitor/monitor.html",
        compositions=views,
        shown=shown,
        server=server,
        deaf=list_deaf([shown]),
        limits=read_limits(shown, server),
        gate_notes=describe_gates(shown, server),
        hidden_gates=list_hidden(shown, server),
        texts=name_parts(),
        set_aside=current_set_aside(),
    )


@monitor.get("/monitor/not-receiving")
def show_not_receiving() -> str:
    """Which compositions ought to receive and do not, and what mends it; `?composition=` one of them alone."""
    wanted = request.args.get("composition")
    deaf = [view for view in list_deaf(list_views()) if wanted in (None, view.name)]
    return render_template("monitor/not_receiving.html", deaf=deaf)


@monitor.get("/monitor/limits")
def get_limits() -> dict[str, int]:
    """The limits that are live now, for a page that saw them change."""
    return read_limits(_choose(list_views()), _choose_server())


def read_limits(view: View, server: Server) -> dict[str, int]:
    """Sessions and interval (ms) as applied; as drafted where nothing was applied yet."""
    settings = _settings_of(view, server)
    return {"max_sessions": settings["max_sessions"], "interval_ms": settings["interval_ms"]}


def _settings_of(view: View, server: Server) -> Mapping[str, Any]:
    """What an earlier version applied has no relay: it has the defaults."""
    return view.live["receiving"] if server == "receiving" else Relay(**view.live.get("relay", {})).model_dump()


def list_hidden(view: View, server: Server) -> tuple[str, ...]:
    """Gates that the server has not, or that are drawn only where TLS or AUTH is switched on; what is refused there
    else is among the refusals."""
    if server == "relay":
        return ("domain", "spam")
    security = view.live.get("security", {})
    has_tls = security.get("starttls", "off") != "off" or security.get("implicit_tls", False)
    return ("relay", *(() if has_tls else ("tls",)), *(() if security.get("auth", "off") != "off" else ("auth",)))


def describe_gates(view: View, server: Server) -> dict[str, str]:
    """What gates ask, with the live limit; "interval" is none: it turns nothing away."""
    receiving, settings = view.live["receiving"], _settings_of(view, server)
    domains = len(receiving["bounce_domains"]) + len(receiving["inbound_domains"])
    return {
        "sessions": _("at most %(count)s at a time", count=settings["max_sessions"]),
        "slow": _("%(count)s s a mail (ours)", count=round(Patience().mail)),
        "errors": _("%(count)s between mails (ours)", count=ERROR_LIMIT),
        "relay": ngettext("One acceptable address", "%(num)s acceptable addresses", len(settings.get("networks", ()))),
        "domain": ngettext("One acceptable domain", "%(num)s acceptable domains", domains),
        "size": _("at most %(count)s KByte", count=settings["size_kb"]),
        "spam": _("inbound mail only (ours)"),
        "interval": _("%(count)s ms between replies", count=settings["interval_ms"]),
    }


def name_parts() -> dict[str, Any]:
    """Texts that the drawing needs."""
    return {
        "achieved": _("accepted a second"),
        "ceiling": _("ceiling"),
        "refusedRate": _("refused a second"),
        "time": _("Time"),
        "waiting": _("waiting"),
        "age": _("age of the oldest (s)"),
        "session": _("Session"),
        "ms": _("ms"),
        "refused": _("refused"),
        "spacing": _("mean spacing {mean} ms, least {least} ms, {count} replies"),
        "states": {
            "operating": _("Mail server: operating"),
            "starting": _("Mail server: starting"),
            "restarting": _("Mail server: restarting"),
            "stopped": _("Mail server: stopped"),
        },
    }


def _choose_server() -> Server:
    return "relay" if request.args.get("server") == "relay" else "receiving"


def _choose(views: list[View]) -> View:
    wanted = request.args.get("composition")
    if not views:
        abort(404)
    return next((view for view in views if view.name == wanted), views[0])
