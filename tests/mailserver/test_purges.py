"""What a purge asks for."""

from pathlib import Path
from typing import Any

import pytest

from cmcdesk.mailserver.purges import choose_purge
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from tests.store.maillog.test_insertion import mail, refusal


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
