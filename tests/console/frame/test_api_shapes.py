"""The shapes of the API's answers."""

import pytest
from pydantic import ValidationError

from cmcdesk.console.frame.api_shapes import Errors, Telemetry, format_instant


def test_instants_are_utc_with_milliseconds() -> None:
    assert format_instant(0.5) == "1970-01-01T00:00:00.500Z"
    assert format_instant(None) is None


def test_an_answer_with_an_undeclared_key_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        Telemetry(mail_server={}, worker={}, relay={})  # type: ignore[call-arg]
    assert Errors(errors=[]).as_json() == {"errors": []}
