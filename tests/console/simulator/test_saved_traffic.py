"""Forms of the simulator panel that were saved."""

import pytest

from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.simulator import saved_traffic
from cmcdesk.console.simulator.saved_traffic import list_saved, remove_traffic, save_traffic
from cmcdesk.console.simulator.traffic_form import Traffic

from ..conftest import Console


def test_a_form_is_kept_replaced_and_forgotten(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        first, second = Traffic(to="a@b", count="3"), Traffic(to="c@d", seconds="2")
        assert save_traffic("  my \n flood ", first) == "my flood"
        save_traffic("my flood", second)
        assert list_saved()["my flood"] == second
        monkeypatch.setattr(saved_traffic, "MOST", len(list_saved()))
        for name in ("", "x" * 61, "one too many"):
            with pytest.raises(Refused):
                save_traffic(name, first)
        assert remove_traffic("my flood") and not remove_traffic("my flood")
