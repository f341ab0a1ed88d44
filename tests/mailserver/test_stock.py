"""aiosmtpd's private names that the session stands on, and the sameness of both paths."""

import asyncio
from pathlib import Path

from aiosmtpd.smtp import SMTP

from cmcdesk.mailserver.session import ReceivingSession
from cmcdesk.mailserver.stock import COMMANDS, STATE, STOCK_REPLIES, StockSession
from tests.mailserver.streams import compare_streams


def test_what_stock_sets_for_itself_is_set_here_too() -> None:
    async def compare() -> None:
        loop = asyncio.get_running_loop()
        stock, ours = SMTP(object(), loop=loop, hostname="x"), StockSession(loop, "x")
        assert vars(ours).keys() | STATE.keys() | set(StockSession.__slots__) == vars(stock).keys()

    asyncio.run(compare())


def test_every_command_has_a_step() -> None:
    assert all(callable(getattr(ReceivingSession, f"smtp_{name}")) for name in COMMANDS)
    inherited = {name.removeprefix("smtp_") for name in dir(SMTP) if name.startswith("smtp_")}
    assert inherited - set(COMMANDS) == set()
    own = [vars(one) for one in ReceivingSession.__mro__ if issubclass(one, StockSession)]
    assert all(any(f"smtp_{name}" in each for each in own) for name in COMMANDS)  # never aiosmtpd's


def test_the_texts_of_stock_that_are_replaced_are_still_its_texts() -> None:
    source = Path(str(__import__("aiosmtpd.smtp").smtp.__file__)).read_text("utf-8")
    assert all(beginning in source for beginning in STOCK_REPLIES)


def test_random_streams_get_the_same_replies_and_stored_octets_on_both_paths(tmp_path: Path) -> None:
    stored, differences = asyncio.run(compare_streams(tmp_path, range(150)))
    assert differences == 0
    assert stored > 50
