"""サーバ構成 as pages and API show them: what is saved, what is live, where it receives and what it does now."""

from dataclasses import dataclass
from typing import Literal

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.pipe import CompositionCounts
from cmcdesk.processes.placing import Placement
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.store.desk.compositions import SavedComposition, list_compositions, list_saved
from cmcdesk.store.desk.database import reading

State = Literal["updating", "operating", "not_receiving"]


@dataclass(frozen=True)
class View:
    """One composition. draft, applied: settings as JSON-able data (applied None: never reflected); has_changes: whether
    something is saved that is not reflected (更新中); live_smtp_users: API users who may relay there now, name → what
    is kept of the key; sessions: in use now."""

    name: str
    draft: StoredSettings
    draft_version: int
    draft_saved_at: float
    applied: StoredSettings | None
    has_changes: bool
    live_smtp_users: dict[str, str]
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
    def state(self) -> State:
        """状態: a composition that should receive and does not is told before one that has changes."""
        if self.applied is not None and self.placement.receiving is None:
            return "not_receiving"
        return "updating" if self.has_changes else "operating"

    @property
    def live(self) -> StoredSettings:
        """The settings that are live; what is saved where nothing was reflected yet."""
        return self.applied or self.draft


def list_views() -> list[View]:
    """All compositions, in the order of their addresses."""
    services = current_services()
    placements = {placement.name: placement for placement in services.placements()}
    counts = services.telemetry()["mail_server"].get("compositions", {})
    with reading(services.engine) as session:  # a new snapshot: a request that saves looks before and after
        saved = list_saved(session)
    return [_view(one, placements.get(one.row.name), counts.get(one.row.name)) for one in saved]


def list_deaf(views: list[View]) -> list[View]:
    """Those that ought to receive and do not."""
    return [view for view in views if view.state == "not_receiving"]


def find_view(name: str) -> View | None:
    """One composition by its name."""
    return next((view for view in list_views() if view.name == name), None)


def list_names() -> list[str]:
    """The names, in order."""
    return [row.name for row in list_compositions(db.session())]


def _view(saved: SavedComposition, placement: Placement | None, counts: CompositionCounts | None) -> View:
    row = saved.row
    return View(
        name=row.name,
        draft=row.draft,
        draft_version=row.draft_version,
        draft_saved_at=row.draft_saved_at,
        applied=saved.applied,
        has_changes=saved.has_changes,
        live_smtp_users=saved.live_smtp_users,
        applied_revision=row.applied_number,
        placement=placement or Placement(row.name, None, None, None, False),
        sessions=counts["sessions"] if counts else 0,
    )
