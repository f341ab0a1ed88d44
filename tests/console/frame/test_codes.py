"""One-time codes."""

import pytest

from cmcdesk.console.frame import codes
from cmcdesk.console.frame.codes import MOST, OneTimeCodes


def test_a_code_is_good_once() -> None:
    given = OneTimeCodes()
    first, second = given.issue(), given.issue()
    assert first != second and len(first) > 40
    assert [given.redeem(code) for code in (first, first, "", "x", second)] == [True, False, False, False, True]


def test_a_code_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(codes.time, "monotonic", lambda: now[0])
    given = OneTimeCodes()
    early, late = given.issue(), given.issue()
    now[0] += 59.9
    assert given.redeem(early)
    now[0] += 0.2
    assert not given.redeem(late)


def test_only_so_many_wait() -> None:
    given = OneTimeCodes()
    all_of_them = [given.issue() for _ in range(MOST + 1)]
    assert not given.redeem(all_of_them[0]) and given.redeem(all_of_them[1])
