"""MENU → API設定 → Webhook → Inbound: the notifications (受信通知) of one composition, and their form; → イベント:
where the events of one composition go. Both save like サーバ設定.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from cmcdesk.console.catcher.catching import find_first_url
from cmcdesk.console.compositions.compositions_page import get_view, tell_changes
from cmcdesk.console.compositions.drafting import DraftChanged, list_differences, save_draft
from cmcdesk.console.compositions.view import View, list_names, list_views
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.request import read_number, read_own_path
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.frame.trouble import Told as Trouble
from cmcdesk.console.settings.forms import Form, fill_form, flatten_data, list_setting_fields, mark_seen, refill_form
from cmcdesk.console.settings.settings_page import Screen, find_errors, save_screen, show_screen
from cmcdesk.rules.runaway import warn_pattern
from cmcdesk.rules.settings import describe, read_form

webhook = Blueprint("webhook", __name__)

EVENT = Screen(
    "webhook_event.show_event",
    "webhook/event_fields.html",
    tuple(setting.path for setting in describe() if setting.path.startswith("event_webhook.")),
    frame="webhook/event.html",
)


@webhook.get("/api-settings/webhook/inbound")
def show_filters() -> str:
    """The Inbound tab: the filters of one composition; with HX-Request only their list."""
    template = "webhook/filter_rows.html" if request.headers.get("HX-Request") else "webhook/filters.html"
    return render_template(template, view=choose_webhook_view(), names=list_names())


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
    """Save one filter into the draft, then go on to where the person was going; an index one past the last adds it."""
    view = get_view(name)
    stored, mine = view.draft["inbound_webhook"], read_filter(request.form)
    if index > len(stored):
        abort(404)
    if "restores" in request.form:
        return restore_filter(view, index, mine)
    place = find_place(stored, index, request.form.get("seen"))
    filters = put_filter(stored, index if place is None else place, mine)
    version = read_number(request.form.get("version")) if place is None else view.draft_version
    try:
        save_draft(name, view.draft | {"inbound_webhook": filters}, version)
    except Refused as refused:
        return _stay(view, index, filters, errors=refused.errors), 422
    except DraftChanged:
        return _stay_for_conflict(name, index, mine), 409
    current_hub().publish("settings", "state")
    for warning in filter(None, (warn_pattern(each["pattern"]) for each in mine["condition"])):
        flash(pick_text(warning), "warning")
    return go_on(name, index if place is None else place)


def find_place(stored: Sequence[Mapping[str, Any]], index: int, seen: str | None) -> int | None:
    """Where the filter that a form was opened with stands now (others may have come or gone before it), the end for a
    new one; None: it was changed or removed meanwhile, or the form does not say."""
    marks = [mark_seen(each) for each in stored]
    if index < len(stored) and marks[index] == seen:
        return index
    if seen in marks:
        return marks.index(seen)
    return len(stored) if seen == mark_seen(None) else None


def put_filter(stored: Sequence[Mapping[str, Any]], index: int, one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The filters with one in the place of another, or at the end."""
    return [*stored[:index], one, *stored[index + 1 :]]


def restore_filter(view: View, index: int, mine: Mapping[str, Any]) -> ResponseReturnValue:
    """Input that was kept unsaved in the browser, back in the form with what is wrong about it; nothing is saved."""
    stored = view.draft["inbound_webhook"]
    filters = put_filter(stored, index, mine)
    errors = find_errors(view.draft | {"inbound_webhook": filters}, view.draft)
    taken = [each["name"] for each in stored]
    if not errors and mine.get("name") in taken:  # it was saved on the way out after all
        place = taken.index(mine["name"])
        if not list_differences(view.draft, view.draft | {"inbound_webhook": put_filter(stored, place, mine)}):
            return Response(status=204, headers={"HX-Redirect": url_for(".show_filter", name=view.name, index=place)})
    return _stay(view, index, filters, errors=errors, restored=True)


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


def choose_webhook_view() -> View:
    """The composition that the page is about: the one asked for, else the first."""
    views = list_views()
    wanted = request.args.get("composition")
    return next((view for view in views if view.name == wanted), None) or (views[0] if views else abort(404))


def _stay(view: View, index: int, filters: list[Any], errors: list[Trouble], **told: Any) -> str:
    """The form as it was typed, its condition rows without gaps, as the errors count them."""
    form, typed = fill_form(view.draft), flatten_data(filters[index], f"inbound_webhook[{index}]")
    return _render(view, index, Form(form.values | typed, errors, form.locked), **told)


def _stay_for_conflict(name: str, index: int, mine: Mapping[str, Any]) -> str:
    """The form as it was typed, with what saving it over the other window's would change."""
    view = get_view(name)
    place = min(index, len(view.draft["inbound_webhook"]))
    filters = put_filter(view.draft["inbound_webhook"], place, mine)
    theirs = tell_changes(list_differences(view.draft, view.draft | {"inbound_webhook": filters}))
    return _stay(view, place, filters, [], theirs=theirs)


def _render(view: View, index: int, form: Form, **told: Any) -> str:
    prefix, stored = f"inbound_webhook[{index}]", view.draft["inbound_webhook"]
    count = sum(f"{prefix}.condition[{number}].header" in form.values for number in range(200))
    return render_template(
        "webhook/filter_form.html" if request.headers.get("HX-Request") else "webhook/filter.html",
        view=view,
        index=index,
        prefix=prefix,
        form=form,
        conditions=range(max(1, count)),
        catcher_url=find_first_url(),
        warn_pattern=warn_pattern,
        is_new=index >= len(stored),
        seen=mark_seen(stored[index] if index < len(stored) else None),
        loose_errors=[error for error in form.errors if not error.field.startswith(f"{prefix}.")],
        **told,
    )


def go_on(name: str, index: int) -> ResponseReturnValue:
    """After a save: to where the person was going ("." is the filter's own page), else to the list, which says that it
    is saved."""
    own = url_for("webhook.show_filter", name=name, index=index)
    place = own if request.form.get("next") == "." else read_own_path(request.form.get("next"), "")
    if not place:
        flash(_("Saved. It takes effect when the settings are reflected."), "success")
    place = place or url_for("webhook.show_filters", composition=name)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": place})
    return redirect(place, 303)


def _leave(name: str, message: str, kind: str = "success") -> ResponseReturnValue:
    current_hub().publish("settings", "state")
    flash(message, kind)
    return redirect(url_for("webhook.show_filters", composition=name), 303)


webhook_event = Blueprint("webhook_event", __name__)
webhook_event.add_app_template_global(list_names, "names")
webhook_event.add_app_template_global(find_first_url, "catcher_url")


@webhook_event.get("/api-settings/webhook/event")
def show_first() -> ResponseReturnValue:
    """The tab, for the composition asked for, else the first."""
    return redirect(url_for("webhook_event.show_event", name=choose_webhook_view().name))


@webhook_event.get("/api-settings/webhook/event/<name>")
def show_event(name: str) -> str:
    """The Event tab of one composition."""
    return show_screen(EVENT, get_view(name))


@webhook_event.post("/api-settings/webhook/event/<name>")
def save_event(name: str) -> ResponseReturnValue:
    """Save it."""
    return save_screen(EVENT, name)
