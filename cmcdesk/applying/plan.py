"""What is to be live, the set that says so to the mail server, and why nothing was applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from cmcdesk.pipe import Problem, SetEntry
from cmcdesk.processes.placing import Spot, say_what_mends, say_what_mends_relay
from cmcdesk.rules.settings import Composition, FieldError, SettingsError, check_beside, check_composition
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.compositions import (
    find_applied,
    find_live,
    get_composition,
    get_revision,
    keep_row,
    list_compositions,
)
from cmcdesk.store.desk.models import RevisionRow


class ApplyRefused(Exception):
    """Nothing was applied; everything is as it was. `errors`: list[FieldError]."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(error.line("en") for error in errors))
        self.errors = list(errors)


def read_refusal(problem: Problem) -> FieldError:
    """One problem of the mail server's answer."""
    where = ".".join(filter(None, (problem["composition"], problem["field"])))
    if "missing" in problem:
        missing = problem["missing"]
        is_relay = problem.get("server") == "relay"
        told = say_what_mends_relay(missing) if is_relay else say_what_mends(problem["composition"], missing)
        return FieldError(where, "", told)
    return FieldError(where or "mail_server", "", tell("%(reason)s", reason=problem["message"]))


Place = Callable[[Sequence[str]], Mapping[str, Spot]]  # Placing.place: names in order → where each listens


@dataclass(frozen=True)
class Plan:
    """What is to be live: the whole list in order; those with new settings (the others keep theirs); those that go.
    with_drafts: the new settings become the drafts too."""

    order: list[str]
    new: dict[str, Composition] = field(default_factory=dict)
    leaving: str | None = None
    with_drafts: bool = False


def list_ordered_names(session: Session) -> list[str]:
    """The names of all compositions, in order."""
    return [row.name for row in list_compositions(session)]


def list_entries(session: Session, plan: Plan, numbers: Mapping[str, int], place: Place) -> list[SetEntry]:
    """The whole set of a plan: the new revisions by `numbers`, and what stays live; never applied ones are left out."""
    addresses = place(plan.order)
    entries = []
    for name in plan.order:
        live = _find_revision(session, plan, name, numbers)
        if live is not None:
            host, port, relay_port = addresses[name]
            at = SetEntry(
                revision=live.number,
                host=host,
                port=port,
                relay_port=relay_port,
                settings=live.settings,
                smtp_users=live.smtp_users,
            )
            entries.append(at)
    return entries


def check_drafts(drafts: Mapping[str, StoredSettings]) -> dict[str, Composition]:
    """Validate again what was saved: an older program may have saved it."""
    checked, errors = {}, []
    for name, draft in drafts.items():
        try:
            checked[name] = check_composition(draft, name if len(drafts) > 1 else "")
        except SettingsError as problem:
            errors += problem.errors
    if errors:
        raise ApplyRefused(errors)
    return checked


def check_together(session: Session, plan: Plan) -> None:
    """No two live compositions with one subdomain: another's draft may have given its own up, unapplied."""
    kept = [get_composition(session, name) for name in plan.order if name not in plan.new]
    others = [settings for row in kept if (settings := find_applied(session, row))]
    for composition in plan.new.values():
        try:
            check_beside(composition, others)
        except SettingsError as problem:
            raise ApplyRefused(problem.errors) from None


def _find_revision(session: Session, plan: Plan, name: str, numbers: Mapping[str, int]) -> RevisionRow | None:
    if name in numbers:
        return get_revision(session, keep_row(session, plan.new[name], 0.0), numbers[name])
    return find_live(session, get_composition(session, name))
