"""Where webhooks may go, over the API and as page MENU → API設定 → Webhook → 接続先: hosts of the own network by name,
and a CA file.
"""

import ssl

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Told
from cmcdesk.rules.reach import LINK_LOCAL, Reach, check_host
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.webhook_reach import load_reach, save_reach

MOST_HOSTS = 100

webhook_reach = ApiPart("api_webhook_reach", __name__, "webhook reach")


class ReachShape(Shape):
    """Hosts that are no public ones, each by the name or address that stands in endpoint URLs."""

    hosts: list[str] = Field(
        [], max_length=MOST_HOSTS, description="a container's name, a host of the LAN; http:// too"
    )
    ca_file: str = Field("", max_length=4096, description='path of a PEM file with CAs to trust; "": the usual ones')


@webhook_reach.get("/webhook-reach", responses={200: ReachShape})
def get_reach() -> ReachShape:
    """Which hosts beside public ones webhooks may go to, and whose certificates are trusted."""
    with reading(current_services().engine) as session:
        return shape_reach(load_reach(session))


@webhook_reach.put("/webhook-reach", responses={200: ReachShape, 422: Errors})
def put_reach(body: ReachShape) -> ReachShape:
    """Replace the list and the CA file; at once, for deliveries that wait too."""
    reach = Reach.of(
        [_check_host_of_call(index, text) for index, text in enumerate(body.hosts)], _check_file_of_call(body.ca_file)
    )
    keep_reach(reach)
    return shape_reach(reach)


def keep_reach(reach: Reach) -> None:
    """Save it, and let the worker know."""
    with transaction(current_services().engine) as session:
        save_reach(session, reach)
    current_services().wake_worker()


def shape_reach(reach: Reach) -> ReachShape:
    """As the API gives it."""
    return ReachShape(hosts=sorted(reach.hosts), ca_file=reach.ca_file)


def _check_host_of_call(index: int, text: str) -> str:
    try:
        return check_host(text)
    except ValueError as wrong:
        refuse(422, f"hosts[{index}]", text, _tell_host(wrong))


def _check_file_of_call(path: str) -> str:
    fault = find_ca_fault(path)
    if fault:
        refuse(422, "ca_file", path, _tell_file(fault))
    return path


def find_ca_fault(path: str) -> OSError | None:
    """Why this file cannot be used as a CA file; None: it can, or none is wanted ("")."""
    if path:
        try:
            ssl.create_default_context(cafile=path)
        except OSError as wrong:  # an SSLError is one
            return wrong
    return None


webhook_reach_page = Blueprint("webhook_reach_page", __name__)


@webhook_reach_page.get("/api-settings/webhook/hosts")
def show_reach() -> str:
    """The list and the CA file as they are saved; `add`: a host that is put below them, not saved yet."""
    saved = load_reach(db.session())
    offered = request.args.get("add", "").strip().lower()
    hosts = sorted(saved.hosts) + ([offered] if offered and offered not in saved.hosts else [])
    return _render("\n".join(hosts), saved.ca_file, offered=offered if offered not in saved.hosts else "")


@webhook_reach_page.post("/api-settings/webhook/hosts")
def save_from_page() -> ResponseReturnValue:
    """Save both, at once for deliveries that wait too; or stay, with what is wrong."""
    text, file = request.form.get("hosts", ""), request.form.get("ca_file", "").strip()
    hosts = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [*_check_hosts(hosts), *_check_file(file)]
    if errors:
        return _render(text, file, errors), 422
    keep_reach(Reach.of(map(check_host, hosts), file))
    current_hub().publish("deliveries")
    flash(_("Saved. It holds from the next attempt on."), "success")
    return redirect(url_for("webhook_reach_page.show_reach"), 303)


def _check_hosts(hosts: list[str]) -> list[Told]:
    if len(hosts) > MOST_HOSTS:
        return [Told("hosts", str(len(hosts)), _("No more than %(most)s hosts.", most=MOST_HOSTS))]
    errors = []
    for host in hosts:
        try:
            check_host(host)
        except ValueError as wrong:
            errors.append(Told("hosts", host, _tell_host(wrong)))
    return errors


def _tell_host(wrong: ValueError) -> str:
    if str(wrong) == LINK_LOCAL:
        return str(_("link-local, and webhooks never go there."))
    return str(_("no name of a host and no address. Give it without http:// and without a port."))


def _check_file(path: str) -> list[Told]:
    fault = find_ca_fault(path)
    return [Told("ca_file", path, _tell_file(fault))] if fault else []


def _tell_file(fault: OSError) -> str:
    reason = _("it holds no certificate (PEM)")
    if isinstance(fault, FileNotFoundError):
        reason = _("there is no such file")
    elif isinstance(fault, PermissionError):
        reason = _("it may not be read")
    return str(_("Cannot be used as a CA file: %(reason)s", reason=reason))


def _render(hosts: str, ca_file: str, errors: list[Told] | None = None, offered: str = "") -> str:
    return render_template(
        "webhook/reach.html", hosts=hosts, ca_file=ca_file, errors=errors or [], offered=offered, most=MOST_HOSTS
    )
