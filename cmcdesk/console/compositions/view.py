"""サーバ構成 as pages and API show them: what is saved, what is live, where it receives and what it does now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.processes.placing import Placement
from cmcdesk.rules.settings import is_same
from cmcdesk.store.desk.compositions import list_compositions, list_with_applied
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.models import CompositionRow

State = Literal["updating", "operating", "not_receiving"]


@dataclass(frozen=True)
class View:
    """One composition. draft, applied: settings as JSON-able data (applied None: never reflected); sessions: in use
    now."""

    name: str
    draft: dict[str, Any]
    draft_version: int
    draft_saved_at: float
    applied: dict[str, Any] | None
    applied_revision: int | None
    placement: Placement
    sessions: int

    @property
    def plan(self) -> Literal["pro", "standard"]:
        """The plan, which a draft cannot change."""
        return "standard" if self.draft["plan"] == "standard" else "pro"

    @property
    def subdomain(self) -> str:
        """SUBDOMAIN of SUBDOMAIN.smtps.jp."""
        return str(self.draft["subdomain"])

    @property
    def has_changes(self) -> bool:
        """Whether something is saved that is not reflected (更新中)."""
        return not is_same(self.applied, self.draft)

    @property
    def state(self) -> State:
        """状態: a composition that should receive and does not is told before one that has changes."""
        if self.applied is not None and self.placement.receiving is None:
            return "not_receiving"
        return "updating" if self.has_changes else "operating"

    @property
    def live(self) -> dict[str, Any]:
        """The settings that are live; what is saved where nothing was reflected yet."""
        return self.applied or self.draft


def list_views() -> list[View]:
    """All compositions, in the order of their addresses."""
    services = current_services()
    placements = {placement.name: placement for placement in services.placements()}
    counts = services.telemetry().get("mail_server", {}).get("compositions", {})
    with reading(services.engine) as session:  # a new snapshot: a request that saves looks before and after
        rows = list_with_applied(session)
    return [_view(row, applied, placements.get(row.name), counts.get(row.name, {})) for row, applied in rows]


def list_deaf(views: list[View]) -> list[View]:
    """Those that ought to receive and do not."""
    return [view for view in views if view.state == "not_receiving"]


def find_view(name: str) -> View | None:
    """One composition by its name."""
    return next((view for view in list_views() if view.name == name), None)


def list_names() -> list[str]:
    """The names, in order."""
    return [row.name for row in list_compositions(db.session())]


def _view(
    row: CompositionRow, applied: dict[str, Any] | None, placement: Placement | None, counts: Mapping[str, Any]
) -> View:
    return View(
        name=row.name,
        draft=row.draft,
        draft_version=row.draft_version,
        draft_saved_at=row.draft_saved_at,
        applied=applied,
        applied_revision=row.applied_number,
        placement=placement or Placement(row.name, None, None, None, False),
        sessions=counts.get("sessions", 0),
    )
