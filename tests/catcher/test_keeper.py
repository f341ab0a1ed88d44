"""What came is written, all that waits in one commit."""

from pathlib import Path

from cmcdesk.catcher.keeper import Keeper
from cmcdesk.store.desk.catcher import Caught, add_endpoint, list_caught
from cmcdesk.store.desk.database import open_desk, reading, transaction


def test_all_that_waits_is_one_commit_and_nothing_is_lost_at_the_end(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        endpoint = add_endpoint(session, "one", 1.0)
    told: list[bool] = []
    keeper = Keeper(engine, lambda: told.append(True))
    for _ in range(40):
        keeper.put(Caught(endpoint.id, 4e9, "POST", "", (), b"", 200))
    keeper.start()
    keeper.stop()
    with reading(engine) as session:
        assert len(list_caught(session)) == 40
    assert len(told) == 1
    engine.dispose()


def test_a_database_that_cannot_be_written_does_not_end_it(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        endpoint = add_endpoint(session, "one", 1.0)
    told: list[bool] = []
    keeper = Keeper(engine, lambda: told.append(True))
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE caught RENAME TO away")
        connection.commit()
    keeper.start()
    keeper.put(Caught(endpoint.id, 4e9, "POST", "", (), b"", 200))
    keeper.stop()
    assert told == [True], "the page is told all the same, the log says why"
    engine.dispose()
