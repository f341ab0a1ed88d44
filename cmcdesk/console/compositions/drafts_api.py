"""Drafts and revisions of a composition over the API: read, save, compare, history, rollback."""

from typing import NoReturn

from flask_babel import gettext as _

from cmcdesk.console.compositions.drafting import (
    DraftChanged,
    StoredDraft,
    UnknownComposition,
    UnknownRevision,
    list_changes,
    list_history,
    load_draft,
    save_draft,
    take_back,
)
from cmcdesk.console.frame.api_errors import refuse_missing, refuse_told
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import (
    Changes,
    ChangeShape,
    CompositionPath,
    Draft,
    DraftChange,
    DraftConflict,
    Errors,
    Revision,
    Revisions,
    Rollback,
    WarningShape,
    format_instant,
)
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.rules.runaway import list_warnings
from cmcdesk.rules.settings import mask_secrets
from cmcdesk.store.desk.models import RevisionRow

drafts = ApiPart("api_drafts", __name__, "drafts", prefix="/api/v1/compositions", errors={404: Errors})


@drafts.get("/<name>/draft", responses={200: Draft})
def get_draft(path: CompositionPath) -> Draft:
    """What is saved, and its version."""
    try:
        return _shape_draft(load_draft(path.name))
    except UnknownComposition:
        refuse_missing("name", path.name)


@drafts.put("/<name>/draft", responses={200: Draft, 409: DraftConflict, 422: Errors})
def put_draft(path: CompositionPath, body: DraftChange) -> Draft:
    """Save settings. With the version that was read, a save by another in between is told (409), not overwritten."""
    try:
        stored = save_draft(path.name, body.settings, body.version)
    except UnknownComposition:
        refuse_missing("name", path.name)
    except Refused as refused:
        refuse_told(422, refused.errors)
    except DraftChanged as changed:
        _refuse_stale(body, changed.stored)
    current_hub().publish("settings", "state")
    return _shape_draft(stored)


@drafts.get("/<name>/diff", responses={200: Changes})
def get_diff(path: CompositionPath) -> Changes:
    """What applying the draft would change, each change with its effect."""
    try:
        changes = list_changes(path.name)
    except UnknownComposition:
        refuse_missing("name", path.name)
    shapes = [
        ChangeShape(
            field=each.field, label=pick_text(each.label), old=each.old, new=each.new, effect=pick_text(each.effect)
        )
        for each in changes
    ]
    warned = list_warnings(load_draft(path.name).settings)
    warnings = [WarningShape(field=field, value=value, message=pick_text(text)) for field, value, text in warned]
    return Changes(changes=shapes, warnings=warnings)


@drafts.get("/<name>/revisions", responses={200: Revisions})
def get_revisions(path: CompositionPath) -> Revisions:
    """What was sent to the mail server, newest first."""
    try:
        rows = list_history(path.name)
    except UnknownComposition:
        refuse_missing("name", path.name)
    return Revisions(revisions=[_shape_revision(row) for row in rows])


@drafts.post("/<name>/rollback", responses={200: Draft, 422: Errors})
def roll_back(path: CompositionPath, body: Rollback) -> Draft:
    """Make an old revision's settings the draft (not applied)."""
    try:
        stored = take_back(path.name, body.number)
    except UnknownComposition:
        refuse_missing("name", path.name)
    except UnknownRevision:
        refuse_missing("number", body.number)
    except Refused as refused:
        refuse_told(422, refused.errors)
    current_hub().publish("settings", "state")
    return _shape_draft(stored)


def _refuse_stale(body: DraftChange, stored: StoredDraft) -> NoReturn:
    message = _("The draft was saved by another meanwhile; it is at version %(version)s.", version=stored.version)
    refuse_told(409, [Told("version", str(body.version), message)], **_shape_draft(stored).as_json())


def _shape_draft(stored: StoredDraft) -> Draft:
    return Draft(version=stored.version, settings=mask_secrets(stored.settings))


def _shape_revision(row: RevisionRow) -> Revision:
    return Revision.model_validate(
        {"number": row.number, "state": row.state, "at": format_instant(row.at), "settings": mask_secrets(row.settings)}
    )
