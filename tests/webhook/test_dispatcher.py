"""The whole way from a match in mail.db to the endpoint and back into desk.db, with real files and real HTTP."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.processes import paths
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.deliveries import retry_delivery
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.webhook.dispatcher import Dispatcher
from cmcdesk.webhook.job import RetryClock

MakeDispatcher = Callable[[], Dispatcher]


@pytest.fixture
def make_dispatcher(desk: Any) -> Iterator[MakeDispatcher]:
    made: list[Dispatcher] = []

    def make() -> Dispatcher:
        made.append(Dispatcher(desk.engine, paths.mail_db(desk.folder), RetryClock(lambda: desk.now, lambda: 0.0)))
        return made[-1]

    yield make
    for one in made:
        one.stop(1)


def settle(dispatcher: Dispatcher, desk: Any, wait_for: Any, attempts: int) -> None:
    """Tick until so many attempts are recorded in all."""

    def tick() -> bool:
        dispatcher.wake()
        dispatcher.tick()
        return dispatcher.status.attempts >= attempts

    wait_for(tick, 20)


def test_a_match_is_delivered_once_and_the_log_says_how(
    desk: Any, make_endpoint: Any, filter_to: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url, api_key="key-4711"))
    (mail_id,) = desk.receive(1)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    (delivery,) = desk.deliveries()
    assert (delivery.state, delivery.attempts, delivery.mail_id) == ("delivered", 1, mail_id)
    assert (delivery.due_at, delivery.finished_at) == (None, desk.now)
    (attempt,) = desk.attempts(delivery)
    assert (attempt.number, attempt.outcome, attempt.status, attempt.answer) == (1, "delivered", 200, "ok")
    assert "key-4711" not in attempt.request and 'name="server_composition"' in attempt.request
    (seen,) = endpoint.received
    assert seen.headers["X-CMCDesk-Delivery"] == delivery.id
    assert b"key-4711" in seen.content and b"inquiry 1" in seen.content
    assert (dispatcher.status.delivered, dispatcher.status.failing) == (1, 0)


def test_a_failed_one_comes_back_when_its_time_has_come_and_is_given_up_in_the_end(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint(lambda handler, _: say(handler, 503))
    desk.apply(filter_to(endpoint.url))
    desk.receive(1)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    assert dispatcher.status.failing == 1
    for number, wait in enumerate((10, 60, 300, 1800, 7200, 18000, 36000), start=2):
        (delivery,) = desk.deliveries()
        assert (delivery.state, delivery.due_at) == ("waiting", desk.now + wait)
        desk.now += wait - 0.5
        dispatcher.wake()
        dispatcher.tick()
        assert len(endpoint.received) == number - 1  # not yet
        desk.now += 0.5
        settle(dispatcher, desk, wait_for, number)
    (delivery,) = desk.deliveries()
    assert (delivery.state, delivery.attempts, delivery.due_at) == ("given_up", 8, None)
    assert [attempt.number for attempt in desk.attempts(delivery)] == list(range(1, 9))
    assert set(endpoint.delivery_ids()) == {delivery.id}


def test_a_delivered_one_can_be_sent_again_by_hand(
    desk: Any, make_endpoint: Any, filter_to: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(1)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    (delivery,) = desk.deliveries()
    with transaction(desk.engine) as session:
        assert retry_delivery(session, delivery.id, desk.now)
    settle(dispatcher, desk, wait_for, 2)
    (again,) = desk.deliveries()
    assert (again.state, again.attempts) == ("delivered", 2)
    assert endpoint.delivery_ids() == [delivery.id, delivery.id]


def test_a_slow_endpoint_does_not_delay_anothers(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    release = threading.Event()

    def hold(handler: Any, _: int) -> None:
        release.wait(20)
        say(handler, 200)

    slow, quick = make_endpoint(hold), make_endpoint()
    desk.apply(filter_to(slow.url, "slow"), filter_to(quick.url, "quick"))
    desk.receive(600, "slow")  # more than its lane holds
    desk.receive(50, "quick")
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 50)
    assert len(quick.received) == 50
    assert dispatcher.status.delivered == 50
    release.set()


def test_a_corrected_endpoint_counts_for_what_waits(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    wrong, right = make_endpoint(lambda handler, _: say(handler, 404)), make_endpoint()
    desk.apply(filter_to(wrong.url))
    desk.receive(1)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    desk.apply(filter_to(right.url))
    desk.now += 10
    settle(dispatcher, desk, wait_for, 2)
    assert desk.deliveries()[0].state == "delivered"
    assert len(right.received) == 1


def test_a_filter_that_is_gone_is_looked_up_in_the_revision_under_which_it_matched(
    desk: Any, make_endpoint: Any, filter_to: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    revision = desk.apply(filter_to(endpoint.url))
    desk.apply(filter_to("http://127.0.0.1:9/", "another"))
    desk.receive(1, revision=revision)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    assert desk.deliveries()[0].state == "delivered"


def test_a_filter_that_was_never_there_is_given_up_with_the_reason(
    desk: Any, filter_to: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    desk.apply(filter_to("http://127.0.0.1:9/", "another"))
    desk.receive(1, revision=7)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    (delivery,) = desk.deliveries()
    (attempt,) = desk.attempts(delivery)
    assert (delivery.state, attempt.outcome, attempt.status) == ("given_up", "permanent", None)
    assert attempt.error == "filter 'form' is neither in the applied settings nor in revision 7"


def test_a_mail_purged_before_its_delivery_is_given_up_with_the_reason(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint(lambda handler, _: say(handler, 500))
    desk.apply(filter_to(endpoint.url))
    (mail_id,) = desk.receive(1)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    desk.log.connection.execute("DELETE FROM mail")
    desk.log.connection.execute("DELETE FROM octets")
    desk.engine.dispose()
    dispatcher.stop(1)
    desk.now += 10
    settle(make_dispatcher(), desk, wait_for, 1)
    (delivery,) = desk.deliveries()
    assert delivery.state == "given_up"
    assert desk.attempts(delivery)[-1].error == f"mail {mail_id} was deleted before it could be sent"


def test_a_new_mail_db_starts_again_and_its_numbers_are_not_mixed_up_with_the_old_ones(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint(lambda handler, number: say(handler, 500 if number == 1 else 200))
    desk.apply(filter_to(endpoint.url))
    desk.receive(1)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 1)
    desk.log.close()
    path = paths.mail_db(desk.folder)
    for file in path.parent.glob("mail.db*"):
        file.unlink()
    desk.log = MailLogWriter(path)
    desk.receive(1)
    desk.now += 10
    settle(dispatcher, desk, wait_for, 3)
    old, new = desk.deliveries()
    assert old.mail_id == new.mail_id
    assert old.id != new.id
    assert (old.state, new.state) == ("given_up", "delivered")
    assert "replaced" in (desk.attempts(old)[-1].error or "")


def test_what_was_under_way_when_it_ended_is_due_again(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    release = threading.Event()

    def hold_first(handler: Any, number: int) -> None:
        if number == 1:
            release.wait(20)
        say(handler, 200)

    endpoint = make_endpoint(hold_first)
    desk.apply(filter_to(endpoint.url))
    desk.receive(3)
    first = make_dispatcher()
    first.tick()
    endpoint.await_posts(1)
    first.stop(0.05)
    assert [delivery.state for delivery in desk.deliveries()] == ["waiting"] * 3
    settle(make_dispatcher(), desk, wait_for, 3)
    assert [delivery.state for delivery in desk.deliveries()] == ["delivered"] * 3
    release.set()


def test_a_database_that_cannot_be_written_loses_no_result(
    desk: Any,
    make_endpoint: Any,
    filter_to: Any,
    make_dispatcher: MakeDispatcher,
    wait_for: Any,
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(1)
    dispatcher = make_dispatcher()
    dispatcher.tick()
    endpoint.await_posts(1)
    with desk.engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON delivery BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        connection.commit()

    def fails() -> bool:
        try:
            dispatcher.tick()
        except Exception as error:
            return "full" in str(error)
        return False

    wait_for(fails)
    with desk.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
        connection.commit()
    settle(dispatcher, desk, wait_for, 1)
    assert len(endpoint.received) == 1
    assert desk.deliveries()[0].state == "delivered"


def test_the_status_counts_what_waits(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    endpoint = make_endpoint(lambda handler, _: say(handler, 500))
    desk.apply(filter_to(endpoint.url))
    desk.receive(5)
    dispatcher = make_dispatcher()
    settle(dispatcher, desk, wait_for, 5)

    def counted() -> bool:
        dispatcher.wake()
        dispatcher.tick()
        return dispatcher.status.waiting == 5 and dispatcher.status.oldest_due_age is None

    wait_for(counted)
    assert (dispatcher.status.delivered, dispatcher.status.attempts, dispatcher.status.failing) == (0, 5, 1)


def test_the_handles_of_lanes_that_come_and_go_do_not_add_up(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, make_dispatcher: MakeDispatcher, wait_for: Any
) -> None:
    """SQLite keeps a closed handle of mail.db for the next that opens it, as long as others hold the file: the number
    falls late, but never grows from one rush to the next."""

    def take_time(handler: Any, _: int) -> None:
        time.sleep(0.03)
        say(handler, 200)

    desk.apply(filter_to(make_endpoint(take_time).url))
    dispatcher, most = make_dispatcher(), []
    for rush in range(1, 4):
        desk.receive(400)
        settle(dispatcher, desk, wait_for, rush * 400)
        assert count_lane_threads() > 1
        most.append(count_handles())
        dispatcher._lanes.dismiss_idle(0.0)
        wait_for(lambda: not count_lane_threads())
    assert max(most[1:]) <= most[0] + 1, most


def count_lane_threads() -> int:
    return sum(thread.name == "lane" for thread in threading.enumerate())


def count_handles() -> int:
    """Of this process, sockets aside: the endpoint of the test has some too."""
    links = list(Path("/proc/self/fd").iterdir())
    return sum("socket:" not in str(link.readlink()) for link in links if link.is_symlink())
