"""サーバ構成 over the API: list, add, remove, apply."""

from cmcdesk.console.compositions.drafting import UnknownComposition, add_composition, apply_draft, remove_composition
from cmcdesk.console.compositions.view import View, list_views
from cmcdesk.console.frame.api_errors import refuse_missing, refuse_told
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import (
    CompositionPath,
    Compositions,
    CompositionShape,
    Draft,
    Errors,
    NewComposition,
    RevisionNumber,
)
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused

compositions = ApiPart("api_compositions", __name__, "compositions")


@compositions.get("/compositions", responses={200: Compositions})
def list_all() -> Compositions:
    """List all compositions with their states."""
    return Compositions(compositions=[shape_view(view) for view in list_views()])


@compositions.post("/compositions", responses={201: Draft, 422: Errors})
def add(body: NewComposition) -> tuple[Draft, int]:
    """Add a Pro composition with the plan's defaults, as a draft that is not applied."""
    try:
        stored = add_composition(body.subdomain, body.name)
    except Refused as refused:
        refuse_told(422, refused.errors)
    current_hub().publish("settings", "state")
    return Draft(version=stored.version, settings=stored.settings), 201


@compositions.delete("/compositions/<name>", responses={204: None, 404: Errors, 409: Errors})
def remove(path: CompositionPath) -> tuple[str, int]:
    """Remove a composition and its listener; its mails and logs stay."""
    try:
        remove_composition(path.name)
    except UnknownComposition:
        refuse_missing("name", path.name)
    except Refused as refused:
        refuse_told(409, refused.errors)
    current_hub().publish("settings", "state")
    return "", 204


@compositions.post("/compositions/<name>/apply", responses={200: RevisionNumber, 404: Errors, 409: Errors})
def apply(path: CompositionPath) -> RevisionNumber:
    """Apply the draft: the mail server takes all of it or nothing."""
    try:
        revision = apply_draft(path.name)
    except UnknownComposition:
        refuse_missing("name", path.name)
    except Refused as refused:
        refuse_told(409, refused.errors)
    current_hub().publish("settings", "state")
    return RevisionNumber(revision=revision)


def shape_view(view: View) -> CompositionShape:
    """A composition as the API gives it."""
    return CompositionShape(
        name=view.name,
        plan=view.plan,
        subdomain=view.subdomain,
        state=view.state,
        reason=pick_text(view.placement.reason) if view.placement.reason else None,
        receiving=view.placement.receiving,
        relay=view.placement.relay,
        relay_reason=pick_text(view.placement.relay_reason) if view.placement.relay_reason else None,
        receiving_tls=view.placement.receiving_tls,
        tls_reason=pick_text(view.placement.tls_reason) if view.placement.tls_reason else None,
        applied_revision=view.applied_revision,
        draft_version=view.draft_version,
        sessions=view.sessions,
    )
