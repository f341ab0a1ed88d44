"""What the simulator could not send is told in the language of the page: the words are those it really says."""

import random
import re

import pytest
from flask_babel import force_locale

from cmcdesk.console.simulator.run_errors import tell_run_error
from simulator.load.source import make_plain
from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.forms import FormOptions, make_form

from ..conftest import Console


def say(kind: str) -> str:
    """What the simulator says of a mail of one octet."""
    with pytest.raises(ValueError) as said:
        if kind == "form":
            make_form(random.Random(1), FormOptions(to="a@b.example", size=1))
        elif kind == "bounce":
            make_bounce(random.Random(1), "postfix/unknown-user", BounceOptions(size=1))
        else:
            make_plain("a@b.example", ["c@d.example"])(random.Random(1), 1)
    return str(said.value)


@pytest.mark.parametrize("kind", ["form", "bounce", "plain"])
def test_a_size_that_is_too_small_is_told_in_both_languages(console: Console, kind: str) -> None:
    said = say(kind)
    with console.desk.app.test_request_context("/", base_url=console.base):
        with force_locale("ja"):
            told = tell_run_error(said)
            assert "小さすぎます" in told and not re.search("[a-z]{3}", told)
        with force_locale("en"):
            assert "too small" in tell_run_error(said)


def test_other_words_stay_as_they_are(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert tell_run_error("connection refused") == "connection refused"
