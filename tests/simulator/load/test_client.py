"""The client's side of many dialogues, each spoken with a real server on a real socket."""

import asyncio
import random
from collections.abc import Callable

import pytest

from simulator.load.client import NO_REPLY, RemoteTarget, Session, check_target, run_fast
from simulator.load.prepared import Prepared
from simulator.load.runner import Load, Plan
from simulator.load.tally import Tally

Talk = Callable[[dict[str, str]], tuple[int, list[str]]]
MAIL = Prepared("a@example.com", ["b@example.com", "c@example.com"], b"Subject: x\r\n\r\ntext\r\n")
PIPELINING = {"EHLO": "250-talk.example\r\n250 PIPELINING"}
both = pytest.mark.parametrize("offers", [{}, PIPELINING], ids=["lockstep", "pipelined"])


class Repeat:
    def take(self, number: int) -> tuple[Prepared, bytes]:
        del number
        return MAIL, b""


def send(port: int, count: int = 1, per_session: int = 0) -> Tally:
    plan = Plan("127.0.0.1", port, count=count, mails_per_session=per_session, reconnect_after=0.01, patience=5)
    return run_fast(Load(plan, Repeat()).run())


@both
def test_a_mail_is_taken(talk: Talk, offers: dict[str, str]) -> None:
    port, heard = talk(offers)
    tally = send(port, count=2)
    envelope = ["MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "RCPT TO:<c@example.com>", "DATA", "."]
    assert tally.replies == {250: 2}
    assert heard == ["EHLO simulator.example", *envelope, *envelope, "QUIT"]


@both
def test_a_refused_sender_ends_the_mail_not_the_session(talk: Talk, offers: dict[str, str]) -> None:
    port, heard = talk(offers | {"MAIL": "552 5.3.4 too big", "RCPT": "503 MAIL first", "DATA": "503 RCPT first"})
    tally = send(port, count=2)
    assert tally.as_data()["refusals"] == [
        {"stage": "mail", "code": 552, "enhanced_status": "5.3.4", "text": "too big", "count": 2}
    ]
    assert tally.greetings == {220: 1}
    assert "RSET" not in heard


@both
def test_one_refused_recipient_leaves_the_other(talk: Talk, offers: dict[str, str]) -> None:
    port, _ = talk(offers | {"RCPT TO:<b@example.com>": "550 5.7.1 not here"})
    tally = send(port)
    assert tally.replies == {250: 1}
    assert tally.recipients_refused == 1


@both
def test_all_recipients_refused_resets_before_the_next_mail(talk: Talk, offers: dict[str, str]) -> None:
    port, heard = talk(offers | {"RCPT": "450 4.2.1 later", "DATA": "503 5.5.1 no recipients"})
    tally = send(port, count=2)
    assert tally.replies == {450: 2}
    assert heard.count("RSET") == 1
    assert tally.as_data()["refusals"][0]["stage"] == "rcpt"


def test_a_server_that_takes_data_for_nobody_gets_only_the_dot(talk: Talk) -> None:
    port, heard = talk(PIPELINING | {"RCPT": "550 5.1.1 no", ".": "554 5.5.0 nobody"})
    tally = send(port, count=1)
    assert tally.replies == {550: 1}
    assert heard[-2:] == [".", "QUIT"]


@both
@pytest.mark.parametrize(("command", "reply"), [("DATA", "451 4.3.0 busy"), (".", "552 5.3.4 too big")])
def test_a_refusal_at_data_and_after_the_dot(talk: Talk, offers: dict[str, str], command: str, reply: str) -> None:
    port, _ = talk(offers | {command: reply})
    tally = send(port, count=3)
    assert tally.replies == {int(reply[:3]): 3}
    assert tally.greetings == {220: 1}


@both
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_421_and_a_hang_up_at_any_command_are_counted_and_the_run_goes_on(
    talk: Talk, offers: dict[str, str], command: str
) -> None:
    port, _ = talk(offers | {command: "421 4.3.2 going down"})
    assert send(port, count=2).replies == {421: 2}
    port, _ = talk(offers | {command: "close"})
    tally = send(port, count=2)
    assert tally.replies == {NO_REPLY: 2}
    assert tally.greetings == {220: 2}


@pytest.mark.parametrize(("greeting", "code"), [("421 4.7.0 too many", 421), ("close", NO_REPLY), ("554 no", 554)])
def test_being_turned_away_at_the_door_is_told_and_tried_again(talk: Talk, greeting: str, code: int) -> None:
    class UntilThreeGreetings(Load):
        def session_greeted(self, session: Session, code: int, text: str, seconds: float) -> None:
            super().session_greeted(session, code, text, seconds)
            if self.tally.greetings.total() == 3:
                self.stop()

    port, _ = talk({"": greeting})
    plan = Plan("127.0.0.1", port, seconds=30, reconnect_after=0.01)
    tally = run_fast(UntilThreeGreetings(plan, Repeat()).run())
    assert set(tally.greetings) == {code}
    assert tally.greetings[code] >= 3
    assert tally.finished == 0
    assert len(tally.turned_away_seconds) == tally.greetings[code]


def test_a_server_without_ehlo_is_greeted_with_helo(talk: Talk) -> None:
    port, heard = talk({"EHLO": "502 what", "HELO": "250 talk.example"})
    assert send(port).accepted == 1
    assert heard[:2] == ["EHLO simulator.example", "HELO simulator.example"]


def test_a_new_connection_for_every_mail(talk: Talk) -> None:
    port, heard = talk({})
    tally = send(port, count=5, per_session=1)
    assert tally.greetings == {220: 5}
    assert heard.count("QUIT") == 5


def test_a_big_mail_arrives_whole_and_the_clock_starts_at_its_last_octet(talk: Talk) -> None:
    big = Prepared("a@example.com", ["b@example.com"], random.Random(1).randbytes(3_000_000).hex().encode())

    class Big(Repeat):
        def take(self, number: int) -> tuple[Prepared, bytes]:
            return big, b"X-Number: %d\r\n" % number

    port, heard = talk({})
    tally = run_fast(Load(Plan("127.0.0.1", port, count=2), Big()).run())
    assert tally.accepted == 2
    assert heard.count(".") == 2
    assert min(tally.dot_seconds) >= 0


def test_only_this_machine_unless_allowed() -> None:
    check_target("127.0.0.3", allow_remote=False)
    check_target("::1", allow_remote=False)
    check_target("192.0.2.1", allow_remote=True)
    with pytest.raises(RemoteTarget, match="--allow-remote"):
        check_target("192.0.2.1", allow_remote=False)


def test_it_runs_without_uvloop_too(talk: Talk) -> None:
    port, _ = talk(PIPELINING)
    tally = asyncio.run(Load(Plan("127.0.0.1", port, sessions=3, count=30), Repeat()).run())
    assert tally.accepted == 30


def test_a_session_aborted_before_it_is_connected_drops_the_connection_when_it_comes() -> None:
    class Owner:
        """Only told that the session is over."""

        def session_closed(self, session: Session) -> None:
            del session

    async def play() -> bytes:
        heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                heard.set_result(await reader.read())
            except ConnectionResetError:
                heard.set_result(b"")
            writer.close()

        async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            session = Session(Owner())  # type: ignore[arg-type]
            session.abort()
            port = server.sockets[0].getsockname()[1]
            await asyncio.get_running_loop().create_connection(lambda: session, "127.0.0.1", port)
            return await asyncio.wait_for(heard, 10)

    assert asyncio.run(play()) == b""
