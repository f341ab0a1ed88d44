"""The desk's setting of where webhooks may go: read by the worker, written by the console."""

from sqlalchemy.orm import Session

from cmcdesk.rules.reach import Reach
from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.models import DeskSettingRow

KEY = "webhook_reach"


def load_reach(session: Session) -> Reach:
    """What is saved; nothing listed where nothing was."""
    row = session.get(DeskSettingRow, KEY)
    hosts, ca_file = (row.value.get("hosts"), row.value.get("ca_file")) if row else (None, None)
    return Reach.of(hosts if isinstance(hosts, list) else (), ca_file if isinstance(ca_file, str) else "")


def save_reach(session: Session, reach: Reach) -> None:
    """Keep it; the worker follows within a second."""
    note_operation(session, "webhook_reach", "save", detail=", ".join(sorted(reach.hosts)))
    session.merge(DeskSettingRow(key=KEY, value={"hosts": sorted(reach.hosts), "ca_file": reach.ca_file}))
