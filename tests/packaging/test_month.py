"""The month of simulated traffic, in small: what tells of mails on their way out agrees to the mail."""

import random
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "packaging" / "dev"


def test_all_that_tells_of_three_days_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DEV))
    import month

    monkeypatch.setattr("month_traffic.TOGETHER", 20)
    random.seed(7)
    said: list[str] = []
    assert month.prove(300, 3, said.append) == [], "\n".join(said)
    assert len(said) == 14 and all(f"'{status}': 0" not in said[1] for status in month.STATUSES)
