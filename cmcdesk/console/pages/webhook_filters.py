"""MENU → API設定 → Webhook → Inbound: the notifications (受信通知) of one composition, and their form."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from cmcdesk.console.catching import find_first_url
from cmcdesk.console.drafting import DraftChanged, save_draft
from cmcdesk.console.pages.compositions import get_view
from cmcdesk.console.pages.forms import Form, fill_form, list_setting_fields, refill_form
from cmcdesk.console.pages.paging import read_number
from cmcdesk.console.reading import View, list_names, list_views
from cmcdesk.console.stream import current_hub
from cmcdesk.console.trouble import Refused, Told
from cmcdesk.rules.settings import read_form

webhook = Blueprint("webhook", __name__)


@webhook.get("/api-settings/webhook/inbound")
def show_filters() -> str:
    """The Inbound tab: the filters of one composition."""
    return render_template("webhook/filters.html", view=choose_view(), names=list_names())


@webhook.get("/api-settings/webhook/inbound/<name>/<int:index>")
def show_filter(name: str, index: int) -> str:
    """The form of one filter."""
    view = get_view(name)
    if index >= len(view.draft["inbound_webhook"]):
        abort(404)
    return _render(view, index, fill_form(view.draft))


@webhook.get("/api-settings/webhook/inbound/<name>/new")
def show_new_filter(name: str) -> str:
    """The form of a filter to be."""
    view = get_view(name)
    index = len(view.draft["inbound_webhook"])
    defaults = {"enabled": "true", "format": "multipart", "condition[0].header": "To", "endpoint": find_first_url()}
    fields = {f"inbound_webhook[{index}].{key}": value for key, value in defaults.items()}
    return _render(view, index, refill_form(MultiDict(fields), view.draft, []))


@webhook.post("/api-settings/webhook/inbound/<name>/<int:index>")
def save_filter(name: str, index: int) -> ResponseReturnValue:
    """Save one filter into the draft; an index one past the last adds it."""
    view = get_view(name)
    filters = list(view.draft["inbound_webhook"])
    if index > len(filters):
        abort(404)
    filters[index : index + 1] = [read_filter(request.form)]
    try:
        save_draft(name, view.draft | {"inbound_webhook": filters}, read_number(request.form.get("version")))
    except Refused as refused:
        return _stay(view, index, filters, refused.errors), 422
    except DraftChanged:
        message = _("These settings were saved in another window meanwhile. Save again to put this filter in.")
        return _stay(get_view(name), index, filters, [Told("", "", message)]), 409
    return _leave(name, _("Saved. It takes effect when the settings are reflected."))


@webhook.post("/api-settings/webhook/inbound/<name>/<int:index>/delete")
def delete_filter(name: str, index: int) -> ResponseReturnValue:
    """Take one filter out of the draft."""
    view = get_view(name)
    filters = view.draft["inbound_webhook"]
    if index >= len(filters) or filters[index]["name"] != request.form.get("filter"):
        return _leave(name, _("That filter was changed in another window. Nothing was removed."), "warning")
    kept = filters[:index] + filters[index + 1 :]
    save_draft(name, view.draft | {"inbound_webhook": kept}, view.draft_version)
    return _leave(name, _("Removed. It takes effect when the settings are reflected."))


def read_filter(form: MultiDict[str, str]) -> dict[str, Any]:
    """The one filter that a form holds, without its empty condition rows."""
    read = read_form(list_setting_fields(form)).get("inbound_webhook", [{}])[0]
    conditions = read.get("condition", [])
    filled = [each for each in conditions if each.get("header") or each.get("pattern")]
    return {**read, "condition": filled}


def choose_view() -> View:
    """The composition that the page is about: the one asked for, else the first."""
    views = list_views()
    wanted = request.args.get("composition")
    return next((view for view in views if view.name == wanted), None) or (views[0] if views else abort(404))


def _stay(view: View, index: int, filters: list[Any], errors: list[Told]) -> str:
    """The form as it was typed, its condition rows without gaps, as the errors count them."""
    form = fill_form(view.draft | {"inbound_webhook": filters})
    return _render(view, index, Form(form.values, errors, form.locked))


def _render(view: View, index: int, form: Form) -> str:
    prefix = f"inbound_webhook[{index}]"
    count = sum(f"{prefix}.condition[{number}].header" in form.values for number in range(200))
    return render_template(
        "webhook/filter.html",
        view=view,
        index=index,
        prefix=prefix,
        form=form,
        conditions=range(max(1, count)),
        catcher_url=find_first_url(),
        is_new=index >= len(view.draft["inbound_webhook"]),
    )


def _leave(name: str, message: str, kind: str = "success") -> ResponseReturnValue:
    current_hub().publish("settings", "state")
    flash(message, kind)
    return redirect(url_for("webhook.show_filters", composition=name), 303)
