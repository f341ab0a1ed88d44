"""The world over the API is tested with its use (test_world_use.py); here what it refuses."""

import pytest

from tests.console.conftest import Console


@pytest.mark.parametrize("body", [{"speed": 0}, {"speed": "x"}, {"pace": 1}])
def test_what_does_not_fit_is_refused(console: Console, body: dict[str, object]) -> None:
    answer = console.api("world/start", "POST", body)
    assert answer.status_code == 422 and answer.json["errors"][0]["field"]
