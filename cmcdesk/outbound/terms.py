"""The settings that outbound mail goes by, compiled once a revision."""

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cmcdesk.outbound.answer import MINUTE, Resending
from cmcdesk.pipe import PatternSetAside
from cmcdesk.rules.forwarding import Forwards
from cmcdesk.rules.matching import Pattern
from cmcdesk.rules.settings import Composition, check_composition, defaults_of
from cmcdesk.rules.speed import Speeds
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.store.desk.compositions import find_settings
from cmcdesk.store.desk.models import CompositionRow

REMEMBERED = 64  # revisions


@dataclass(frozen=True, slots=True)
class Terms:
    """One composition in one revision. relay, receiving: the filters of メール転送設定 by side."""

    composition: Composition
    relay: Forwards
    receiving: Forwards
    speeds: Speeds

    @classmethod
    def of(cls, composition: Composition) -> "Terms":
        sides = composition.forwarding
        return cls(
            composition,
            Forwards.of(sides.relay),
            Forwards.of(sides.receiving),
            Speeds.of(composition.delivery_speed),
        )

    def set_aside(self) -> list[Pattern]:
        """Patterns that ran out of their time too often."""
        return self.relay.set_aside() + self.receiving.set_aside() + self.speeds.set_aside()

    def resending(self, speed: float) -> Resending:
        """Period and interval in seconds of the machine's clock; speed: the world's clock's."""
        advanced = self.composition.advanced
        return Resending(
            advanced.resend_period_min * MINUTE / speed,
            advanced.resend_interval_min * MINUTE / speed,
        )


class TermsBook:
    """Used by one thread at a time."""

    def __init__(self) -> None:
        self._applied: dict[str, int | None] = {}
        self._known: OrderedDict[tuple[str, int], Terms] = OrderedDict()

    @property
    def names(self) -> list[str]:
        """All compositions, removed ones too: their mails still go out."""
        return list(self._applied)

    def refresh(self, session: Session) -> None:
        """See which revisions are applied now."""
        self._applied = dict(session.execute(select(CompositionRow.name, CompositionRow.applied_number)).all())

    def at(self, session: Session, name: str, revision: int) -> Terms:
        """As a mail was taken under."""
        found = self._known.get((name, revision))
        if found is None:
            found = Terms.of(_read(find_settings(session, name, revision), name))
            self._known[name, revision] = found
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    def now(self, session: Session, name: str, revision: int) -> Terms:
        """As they are applied, so that a corrected setting counts for what waits; of that revision where none is."""
        return self.at(session, name, self._applied.get(name) or revision)

    def list_set_aside(self) -> dict[str, list[PatternSetAside]]:
        """Patterns of the settings that are applied and are no longer searched for, by composition; only of those that
        have any."""
        patterns: dict[str, list[PatternSetAside]] = {
            name: [{"filter": one.filter, "header": one.header, "pattern": one.text} for one in terms.set_aside()]
            for (name, revision), terms in self._known.items()
            if self._applied.get(name) == revision
        }
        return {name: found for name, found in patterns.items() if found}

    def forwards_received(self, session: Session) -> bool:
        """Whether a mail of the receiving servers may be forwarded."""
        return any(
            self.at(session, name, number).receiving.header_names for name, number in self._applied.items() if number
        )


def _read(settings: StoredSettings | None, name: str) -> Composition:
    """The plan's defaults where a revision is gone."""
    return check_composition(settings) if settings is not None else defaults_of("pro", name)
