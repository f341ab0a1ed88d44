"""MENU → API設定 → Webhook → 接続先: hosts of the own network that webhooks may go to, and a CA file."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Told
from cmcdesk.console.webhook.reach_api import MOST_HOSTS, find_ca_fault, keep_reach
from cmcdesk.rules.reach import LINK_LOCAL, Reach, check_host
from cmcdesk.store.desk.webhook_reach import load_reach

webhook_reach_page = Blueprint("webhook_reach_page", __name__)


@webhook_reach_page.get("/api-settings/webhook/hosts")
def show_reach() -> str:
    """The list and the CA file as they are saved; `add`: a host that is put below them, not saved yet."""
    saved = load_reach(db.session())
    offered = request.args.get("add", "").strip().lower()
    hosts = sorted(saved.hosts) + ([offered] if offered and offered not in saved.hosts else [])
    return _render("\n".join(hosts), saved.ca_file, offered=offered if offered not in saved.hosts else "")


@webhook_reach_page.post("/api-settings/webhook/hosts")
def save_reach() -> ResponseReturnValue:
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
            told = _("link-local, and webhooks never go there.") if str(wrong) == LINK_LOCAL else _tell_no_host()
            errors.append(Told("hosts", host, told))
    return errors


def _tell_no_host() -> str:
    return str(_("no name of a host and no address. Give it without http:// and without a port."))


def _check_file(path: str) -> list[Told]:
    fault = find_ca_fault(path)
    return [Told("ca_file", path, _("Cannot be used as a CA file: %(reason)s", reason=_tell(fault)))] if fault else []


def _tell(fault: OSError) -> str:
    if isinstance(fault, FileNotFoundError):
        return str(_("there is no such file"))
    if isinstance(fault, PermissionError):
        return str(_("it may not be read"))
    return str(_("it holds no certificate (PEM)"))


def _render(hosts: str, ca_file: str, errors: list[Told] | None = None, offered: str = "") -> str:
    return render_template(
        "webhook/reach.html", hosts=hosts, ca_file=ca_file, errors=errors or [], offered=offered, most=MOST_HOSTS
    )
