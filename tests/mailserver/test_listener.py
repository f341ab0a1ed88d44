"""最大接続数: exact, told at once, and a freed slot is usable."""

import smtplib
from typing import Any

from cmcdesk.mailserver.listener import write_place
from cmcdesk.store.maillog.log import MailLog
from tests.mailserver.conftest import StartMailServer, pro_settings
from tests.mailserver.test_session import Client


def open_clients(address: tuple[str, int], number: int) -> tuple[list[Client], list[bytes]]:
    clients = [Client(address) for _ in range(number)]
    return clients, [client.hear() for client in clients]


def test_the_session_limit_is_exact_and_a_freed_slot_is_usable(
    start_mail_server: StartMailServer, wait_for: Any
) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings(max_sessions=3))
    clients, greetings = open_clients(address, 5)
    assert sorted(one[:3] for one in greetings) == [b"220", b"220", b"220", b"421", b"421"]
    refused = [client for client, greeting in zip(clients, greetings, strict=True) if greeting.startswith(b"421 4.7.0")]
    assert len(refused) == 2
    assert all(client.hear() == b"" for client in refused)  # closed
    admitted = next(client for client in clients if client not in refused)
    assert admitted.ask(b"QUIT") == [b"221"]

    def is_admitted() -> bool:
        one = Client(address)
        clients.append(one)
        return one.hear().startswith(b"220")

    assert wait_for(is_admitted)
    for client in clients:
        client.close()


def test_who_leaves_and_comes_again_at_once_finds_the_place_free(start_mail_server: StartMailServer) -> None:
    address = start_mail_server().apply(pro_settings(max_sessions=3))
    clients, _greetings = open_clients(address, 3)
    for turn in range(60):
        clients.pop(0).close()
        clients.append(Client(address))
        clients[-1].say(b"HELO x\r\n")  # before it is greeted, and perhaps before it has its place
        assert [clients[-1].hear()[:3], clients[-1].hear()[:3]] == [b"220", b"250"], f"turn {turn}"
        over = Client(address)
        assert over.hear().startswith(b"421")
        over.close()
    for client in clients:
        client.close()


def test_refused_sessions_are_rows_and_counts(start_mail_server: StartMailServer, wait_for: Any) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings(max_sessions=1))
    clients, _greetings = open_clients(address, 3)
    told = server.wait_for_telemetry(
        lambda telemetry: telemetry["compositions"]["pro"]["refused"].get("sessions") == 2
    )["compositions"]["pro"]
    assert (told["sessions"], told["limit"], told["connected"]) == (1, 1, 1)
    with MailLog(server.mail_db) as log:
        wait_for(lambda: len(log.list_refusals(gate="sessions")) == 2)
        row = log.list_refusals(gate="sessions")[0]
    assert (row.code, row.enhanced_status, row.composition, row.peer) == (421, "4.7.0", "pro", "127.0.0.1")
    for client in clients:
        client.close()


def test_a_refused_client_that_talks_at_once_still_reads_its_421(start_mail_server: StartMailServer) -> None:
    address = start_mail_server().apply(pro_settings(max_sessions=1))
    keeper = Client(address)
    assert keeper.hear().startswith(b"220")
    for _ in range(20):
        client = Client(address)
        client.say(b"EHLO x\r\n" * 200)
        assert client.hear().startswith(b"421 4.7.0")
        client.close()
    keeper.close()


def test_lowering_the_limit_lets_open_sessions_go_on(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings(max_sessions=2))
    with smtplib.SMTP(*address) as first, smtplib.SMTP(*address) as second:
        server.apply(pro_settings(max_sessions=1), revision=2, port=address[1])
        assert first.noop()[0] == second.noop()[0] == 250
        third = Client(address)
        assert third.hear().startswith(b"421")
        third.close()


def test_an_ipv6_place_is_written_in_brackets() -> None:
    assert write_place("::1", 10026) == "[::1]:10026"
    assert write_place("127.0.0.1", 10026) == "127.0.0.1:10026"
