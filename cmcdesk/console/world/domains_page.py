"""Domain doctor (ours): the manual's steps for each bounce and inbound domain, as a checklist."""

from flask import Blueprint, render_template, request

from cmcdesk.console.compositions.view import list_views
from cmcdesk.console.frame.database import db
from cmcdesk.console.world.digging import find_real_resolver
from cmcdesk.console.world.domain_facts import (
    CheckedDomain,
    DomainSource,
    Looks,
    ask_real,
    ask_world,
    check_domains,
)
from cmcdesk.console.world.world_use import current_world
from cmcdesk.rules.domain_steps import REFLECT, STEP_TITLES
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.webhook_reach import load_reach

domains = Blueprint("domains", __name__)


@domains.get("/world/domains")
def show_domains() -> str:
    """The checklists. `dns` = real: asks the name server of this computer; `far`: connects to endpoints elsewhere too;
    `address`: an address to try the notifications with."""
    return _render("world/domains.html")


@domains.get("/world/domains/list")
def show_list() -> str:
    """The checklists alone, for the live page."""
    return _render("world/domain_list.html")


def _render(template: str) -> str:
    resolver = find_real_resolver() if request.args.get("dns") == "real" else None
    is_real = resolver is not None
    looks = Looks(
        ask_real(resolver) if resolver else ask_world(current_world().note),
        load_reach(db.session()),
        request.args.get("address", "").strip()[:320],
        bool(request.args.get("far")),
    )
    return render_template(
        template,
        part="domains",
        world=current_world(),
        faults={},
        checked=check_all(looks),
        titles=STEP_TITLES,
        reflect=tell(REFLECT),
        is_real=is_real,
        no_real=request.args.get("dns") == "real" and not is_real,
        asked=request.args,
    )


def check_all(looks: Looks) -> list[CheckedDomain]:
    """All domains of all compositions."""
    sources = [DomainSource(view.name, view.draft, view.applied, view.placement.receiving) for view in list_views()]
    return check_domains(sources, looks)
