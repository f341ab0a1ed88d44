"""Applying, purging, telemetry and the end of the mail server process, over its real pipes."""

import os
import smtplib
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.store.maillog.counts import Received, count_received
from cmcdesk.store.maillog.log import MailLog
from tests.mailserver.conftest import MailServerProcess, StartMailServer, pro_settings
from tests.mailserver.test_session import Client, begin_mail


def send(address: tuple[str, int], recipient: str = "a@return.example.com", text: str = "x") -> None:
    with smtplib.SMTP(*address) as client:
        client.sendmail("", [recipient], f"Subject: {text}\r\n\r\n{text}\r\n")


def entry(name: str, host: str = "127.0.0.1", port: int = 0, revision: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "revision": revision,
        "host": host,
        "port": port,
        "relay_port": 0,
        "smtp_users": {},
        "settings": pro_settings(name, **changes),
    }


def receiving_of(answer: dict[str, Any]) -> dict[str, tuple[str, int]]:
    places = {one["name"]: one["receiving"].rpartition(":") for one in answer["compositions"]}
    return {name: (host, int(port)) for name, (host, _, port) in places.items()}


def test_several_compositions_receive_on_addresses_of_their_own(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    answer = server.ask("apply", compositions=[entry("one"), entry("two", "127.0.0.2")])
    places = receiving_of(answer)
    assert [host for host, _port in places.values()] == ["127.0.0.1", "127.0.0.2"]
    for address in places.values():
        send(address)
    with MailLog(server.mail_db) as log:
        assert [row.composition for row in log.list_mails()] == ["two", "one"]


def test_a_refused_apply_changes_nothing(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings())
    bad = entry("two")
    bad["settings"]["receiving"]["interval_ms"] = 5
    answer = server.ask("apply", compositions=[entry("pro", revision=2, inbound_domains=["new.example.com"]), bad])
    assert answer["ok"] is False
    assert [(one["composition"], one["field"]) for one in answer["errors"]] == [("two", "receiving.interval_ms")]
    with smtplib.SMTP(*address) as client:
        client.helo()
        client.mail("")
        assert client.rcpt("a@mailform.example.com")[0] == 250
        assert client.rcpt("a@new.example.com")[0] == 550


def test_an_address_in_use_is_told_and_the_others_go_on(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = server.ask("apply", compositions=[entry("one", port=port), entry("two", "127.0.0.2")])
    assert answer["ok"] is True
    one, two = answer["compositions"]
    assert one["receiving"] is None
    assert str(port) in one["missing"]["reason"]
    assert two["receiving"] is not None
    again = server.ask("apply", compositions=[entry("one", port=port), entry("two", "127.0.0.2")])
    assert again["compositions"][0]["receiving"] == f"127.0.0.1:{port}"  # tried again, now free


def test_a_taken_place_is_tried_again_by_itself_and_told_when_it_is_ours(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (place,) = server.ask("apply", compositions=[entry("one", port=port)])["compositions"]
        missing = place["missing"]
        assert (missing["fault"], place["receiving"]) == ("in_use", None) and f"pid {os.getpid()}" in missing["holder"]
    server.wait_for_places(lambda places: [one["receiving"] for one in places] == [f"127.0.0.1:{port}"])
    assert server.places[0]["missing"] is None
    send(("127.0.0.1", port))


def test_a_removed_composition_takes_no_new_session(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    places = receiving_of(server.ask("apply", compositions=[entry("one"), entry("two", "127.0.0.2")]))
    server.ask("apply", compositions=[entry("one", port=places["one"][1])])
    send(places["one"])
    try:
        Client(places["two"]).close()
    except ConnectionRefusedError:
        return
    raise AssertionError("the removed composition still listens")


def test_a_composition_may_take_the_place_of_one_that_goes(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    first = receiving_of(server.ask("apply", compositions=[entry("one"), entry("two", "127.0.0.2")]))
    ports = {name: port for name, (_host, port) in first.items()}
    moved = server.ask("apply", compositions=[entry("two", "127.0.0.1", ports["one"])])
    assert receiving_of(moved) == {"two": ("127.0.0.1", ports["one"])}
    send(("127.0.0.1", ports["one"]))
    swapped = [entry("three", "127.0.0.1", ports["one"]), entry("two", "127.0.0.2", ports["two"])]
    assert [one["missing"] for one in server.ask("apply", compositions=swapped)["compositions"]] == [None, None]
    with MailLog(server.mail_db) as log:
        assert [row.composition for row in log.list_mails()] == ["two"]


def test_a_move_to_a_place_that_is_taken_is_refused_and_all_is_as_before(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    first = receiving_of(server.ask("apply", compositions=[entry("one"), entry("two", "127.0.0.2")]))
    client = Client(first["one"])
    begin_mail(client)
    with socket.create_server(("127.0.0.3", 0)) as taken:
        port = taken.getsockname()[1]
        moved = [
            entry("new", "127.0.0.4", first["two"][1]),
            entry("one", "127.0.0.3", port, revision=2, bounce_domains=["new.example.com"]),
            entry("two", "127.0.0.1", first["one"][1]),  # to the place that "one" gives up, and has to get back
        ]
        answer = server.ask("apply", compositions=moved)
    assert (answer["ok"], [one["composition"] for one in answer["errors"]]) == (False, ["one"])
    assert f"127.0.0.3:{port}" in answer["errors"][0]["message"]
    client.say(b"Subject: in flight\r\n\r\n.\r\n")
    assert client.hear().startswith(b"250 2.0.0")
    client.close()
    for name in ("one", "two"):
        send(first[name], text=name)
    with MailLog(server.mail_db) as log:
        rows = [(row.composition, row.revision, row.subject) for row in log.list_mails(after=0)]
    assert rows == [("one", 1, "in flight"), ("one", 1, "one"), ("two", 1, "two")]
    with pytest.raises(ConnectionRefusedError):
        Client(("127.0.0.4", first["two"][1]))
    assert receiving_of(server.ask("apply", compositions=moved))["one"] == ("127.0.0.3", port)  # now free


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("x" * 70 + ".example", 25), ("192.0.2.1", 0)])
def test_a_move_to_what_is_no_place_is_refused_too(host: str, port: int, start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings())
    answer = server.ask("apply", compositions=[entry("pro", host, port, revision=2)])
    assert answer["ok"] is False and host in answer["errors"][0]["message"]
    send(address)
    other = server.ask("apply", compositions=[entry("pro", port=address[1]), entry("new", host, port)])["compositions"]
    assert other[0]["receiving"] and other[1]["receiving"] is None and host in other[1]["missing"]["reason"]


def test_a_number_that_is_no_mails_is_refused_and_the_writer_lives(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings())
    for bad in ({"mails": [10**30]}, {"before_id": 10**30}, {"mails": ["x"]}, {"mails": [True]}):
        assert server.ask("purge", **bad)["ok"] is False
    assert server.ask("apply", compositions=[None])["ok"] is False
    send(address)


def test_nothing_stays_in_flight(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    client.say(b"Subject: x\r\n")
    server.wait_for_telemetry(lambda telemetry: telemetry["waiting_octets"] > 0)
    client.say(b"\r\nx\r\n.\r\n")
    assert client.hear().startswith(b"250")
    assert client.ask(b"MAIL FROM:<>", b"RCPT TO:<a@return.example.com>", b"DATA")[-1] == b"354"
    client.say(b"y" * 30_000)
    server.wait_for_telemetry(lambda telemetry: telemetry["waiting_octets"] > 20_000)
    client.close()
    server.wait_for_telemetry(lambda telemetry: telemetry["waiting_octets"] == 0 == telemetry["waiting_mails"])


def test_purging_keeps_ids_unique(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings())
    for number in range(3):
        send(address, text=str(number))
    assert server.ask("purge", mails=[2])["purged"] == 1
    assert server.ask("purge", before_id=2)["purged"] == 1
    assert server.ask("purge", all=True)["purged"] == 1
    assert server.ask("purge")["ok"] is False
    server.wait_for_telemetry(lambda telemetry: telemetry["purging"] == [])
    assert server.stop() == 0
    again = start_mail_server()
    send(again.apply(pro_settings()), text="later")
    with MailLog(again.mail_db) as log:
        assert [row.id for row in log.list_mails()] == [4]


def test_a_drain_answers_the_mail_under_way(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings(interval_ms=500)))
    idle = Client(server.apply(pro_settings(interval_ms=500), port=client.connection.getpeername()[1]))
    begin_mail(client)
    client.say(b"Subject: x\r\n\r\nx\r\n.\r\n")
    idle.hear()
    assert server.stop() == 0
    assert client.hear().startswith(b"250 2.0.0")
    assert client.hear().startswith(b"421 4.3.2")
    assert idle.hear().startswith(b"421 4.3.2")
    with MailLog(server.mail_db) as log:
        assert log.count_mails() == 1
    client.close()
    idle.close()


def lock(mail_db: Path) -> sqlite3.Connection:
    """Another program that holds mail.db's write lock, until it is closed."""
    other = sqlite3.connect(mail_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def wait_for_drain(server: MailServerProcess, idle: Client) -> None:
    """Begin it, and return when it has begun: an idle session is told goodbye."""
    server.process.terminate()
    assert idle.hear().startswith(b"421 4.3.2")


def test_a_drain_ends_in_time_while_another_program_keeps_the_log_locked(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings())
    send(address, text="stored")
    client, idle = Client(address), Client(address)
    begin_mail(client)
    assert idle.hear().startswith(b"220")
    with closing(lock(server.mail_db)):
        client.say(b"Subject: not stored\r\n\r\nx\r\n.\r\n")
        server.wait_for_telemetry(lambda telemetry: telemetry["waiting_mails"] == 1)
        began = time.monotonic()
        wait_for_drain(server, idle)
        assert client.hear().startswith(b"451 4.3.0")
        assert client.hear().startswith(b"421 4.3.2")
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 4.5  # then the console would kill it
    with MailLog(server.mail_db) as log:
        assert [row.subject for row in log.list_mails()] == ["stored"]
    client.close()
    idle.close()


def test_a_lock_that_ends_during_the_drain_costs_no_mail(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings())
    client, idle = Client(address), Client(address)
    begin_mail(client)
    assert idle.hear().startswith(b"220")
    with closing(lock(server.mail_db)):
        client.say(b"Subject: late\r\n\r\nx\r\n.\r\n")
        server.wait_for_telemetry(lambda telemetry: telemetry["waiting_mails"] == 1)
        wait_for_drain(server, idle)
    assert client.hear().startswith(b"250 2.0.0")
    assert server.process.wait(10) == 0
    with MailLog(server.mail_db) as log:
        assert [row.subject for row in log.list_mails()] == ["late"]
    client.close()
    idle.close()


def test_lanes_tell_when_replies_left(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    lanes: list[Any] = []

    def has_lane(telemetry: dict[str, Any]) -> bool:
        lanes.extend(lane for lane in telemetry["compositions"]["pro"]["lanes"] if lane[4])
        return bool(lanes)

    client.say(b"x\r\n.\r\n")
    assert client.hear().startswith(b"250")
    server.wait_for_telemetry(has_lane)
    _number, opened_at, accepted, refused, accepted_count, refused_count = lanes[0]
    assert (len(accepted), refused, accepted_count, refused_count) == (1, [], 1, 0)
    assert accepted[0] - opened_at >= 0.009  # the interval
    client.close()


def test_an_unknown_command_is_answered(start_mail_server: StartMailServer) -> None:
    answer = start_mail_server().ask("dance")
    assert answer["ok"] is False


def test_nothing_acknowledged_is_lost_when_it_is_killed(start_mail_server: StartMailServer) -> None:
    server: MailServerProcess = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    client.say(b"Subject: kept\r\n\r\nkept\r\n.\r\n")
    assert client.hear().startswith(b"250")
    server.process.kill()
    server.process.wait()
    client.close()
    with MailLog(server.mail_db) as log:
        assert [row.subject for row in log.list_mails()] == ["kept"]


def test_what_was_received_stays_counted_over_a_purge_and_a_restart(start_mail_server: StartMailServer) -> None:
    first = start_mail_server()
    address = first.apply(pro_settings())
    for _ in range(3):
        send(address)
    assert first.ask("purge", all=True)["purged"] == 3
    first.stop()
    second = start_mail_server()
    send(second.apply(pro_settings()))
    second.stop()
    with MailLog(second.mail_db) as log:
        assert log.count_mails() == 1
        assert count_received(log, 0, time.time() + 900) == {"pro": Received(4, 0)}


def test_a_line_that_is_no_command_is_passed_over(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    assert server.process.stdin is not None
    server.process.stdin.write("not json\n")
    server.process.stdin.flush()
    assert server.apply(pro_settings())[0] == "127.0.0.1"


def test_a_closed_pipe_ends_the_server(start_mail_server: StartMailServer) -> None:
    assert start_mail_server().stop() == 0


def test_a_terminate_signal_ends_it_as_a_closed_pipe_does(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    server.apply(pro_settings())
    server.process.terminate()
    assert server.process.wait(10) == 0
