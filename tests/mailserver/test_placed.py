"""An apply is read whole before anything of it is used; what a purge asks for."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.mailserver import placed
from cmcdesk.mailserver.auth import Credentials
from cmcdesk.mailserver.placed import RefusedSet, choose_purge, read_set, tell_problem
from cmcdesk.mailserver.protection import FindContext
from cmcdesk.rules.passwords import digest_key
from cmcdesk.rules.settings import Composition
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from tests.mailserver.conftest import pro_settings
from tests.store.maillog.test_insertion import mail, refusal


def certify(_composition: Composition, _host: str) -> FindContext:
    """None of these settings asks for a certificate."""

    def fail() -> ssl.SSLContext:
        raise AssertionError

    return fail


def test_a_set_is_compiled_with_its_places() -> None:
    users = {"app": digest_key("a key of 16 signs")}
    entry = {"revision": 3, "host": "127.0.0.2", "port": 5, "relay_port": 6, "smtp_users": users}
    one, relay = read_set({"compositions": [entry | {"settings": pro_settings()}]}, False, certify)
    assert (one.live.name, one.live.revision, one.live.interval, one.host, one.port) == ("pro", 3, 0.0, "127.0.0.2", 5)
    assert (one.key, relay.key, relay.host, relay.port) == (("pro", "receiving"), ("pro", "relay"), "127.0.0.2", 6)
    assert relay.live.revision == 3 and relay.live.interval == 0.0
    authenticator = relay.live.protection.authenticator
    assert asyncio.run(authenticator.check(Credentials("app", "a key of 16 signs")))


def test_the_errors_of_all_are_told() -> None:
    wrong = pro_settings("one")
    wrong["receiving"]["max_sessions"] = 0
    entries = [{"revision": 1, "host": "h", "port": 1, "settings": wrong}, {"settings": pro_settings("two")}]
    with pytest.raises(RefusedSet) as refused:
        read_set({"compositions": entries}, True, certify)
    assert [(one["composition"], one["field"]) for one in refused.value.errors] == [
        ("one", "receiving.max_sessions"),
        ("two", ""),
    ]
    assert tell_problem("do", "x") == {"composition": "", "field": "do", "message": "x"}


def test_the_waits_double_up_to_some_seconds_and_begin_anew_when_all_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    missing = iter([True, True, True, True, True, False, True])

    async def note(seconds: float) -> None:
        waits.append(seconds)

    async def take_missing() -> bool:
        try:
            return next(missing)
        except StopIteration:
            raise asyncio.CancelledError from None

    monkeypatch.setattr(placed.asyncio, "sleep", note)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(placed.keep_trying(take_missing))
    assert waits == [0.5, 1, 2, 4, 5, 5, 0.5, 1]


@pytest.mark.parametrize(
    ("command", "mails", "refusals"),
    [
        ({"all": True}, [], []),
        ({"before_id": 3}, [3, 4], [1, 2, 3, 4]),
        ({"mails": [1, 4]}, [2, 3], [1, 2, 3, 4]),
        ({"refusals_before_id": 4}, [1, 2, 3, 4], [4]),
    ],
)
def test_each_kind_takes_what_it_names(
    tmp_path: Path, command: dict[str, Any], mails: list[int], refusals: list[int]
) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail(str(number)) for number in range(4)], [refusal("size")] * 4)
    purge = choose_purge(command)
    assert purge is not None
    assert sum(purge(writer)) in (4 - len(mails), 4 - len(refusals))
    writer.close()
    with MailLog(tmp_path / "mail.db") as log:
        assert [row.id for row in log.list_mails()][::-1] == mails
        assert [row.id for row in log.list_refusals()][::-1] == refusals


@pytest.mark.parametrize(
    "command", [{}, {"all": 1}, {"before_id": "3"}, {"refusals_before_id": 1 << 63}, {"mails": [True]}, {"mails": 3}]
)
def test_what_names_no_row_is_nothing(command: dict[str, Any]) -> None:
    assert choose_purge(command) is None
