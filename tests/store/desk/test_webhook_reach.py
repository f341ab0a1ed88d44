"""The desk's setting of where webhooks may go."""

from pathlib import Path

from cmcdesk.rules.reach import Reach
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.webhook_reach import load_reach, save_reach


def test_nothing_is_listed_until_something_is_saved(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    wanted = Reach.of(["App", "b.lan"], "/ca.pem")
    with reading(engine) as session:
        assert load_reach(session) == Reach()
    for _ in range(2):
        with transaction(engine) as session:
            save_reach(session, wanted)
    with reading(engine) as session:
        assert load_reach(session) == wanted
    engine.dispose()
