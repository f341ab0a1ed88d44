import pytest

from cmcdesk.rules.retry import WAITS, RetryDecision, classify_status, decide_next


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_delivers(status: int) -> None:
    assert classify_status(status) == "delivered"


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 302, 307, 308, 400, 401, 403, 404, 429, 500, 503, 599])
def test_everything_else_is_tried_again(status: int | None) -> None:
    assert classify_status(status) == "transient"


def test_gone_is_final() -> None:
    assert classify_status(410) == "permanent"


def test_the_waits_grow_as_documented_and_then_it_is_given_up() -> None:
    at = 1000.0
    waited = []
    for attempts in range(1, 8):
        verdict = decide_next("transient", attempts, at)
        assert verdict.state == "waiting"
        assert verdict.due_at is not None
        waited.append(verdict.due_at - at)
    assert waited == [10, 60, 300, 1800, 7200, 18000, 36000]
    assert decide_next("transient", 8, at) == RetryDecision("given_up", None)


def test_jitter_only_lengthens_a_wait_and_by_a_tenth_at_most() -> None:
    assert decide_next("transient", 1, 0.0, jitter=0.0).due_at == WAITS[0]
    assert decide_next("transient", 1, 0.0, jitter=1.0).due_at == pytest.approx(WAITS[0] * 1.1)


def test_a_permanent_outcome_ends_it_at_once() -> None:
    assert decide_next("permanent", 1, 5.0) == RetryDecision("given_up", None)


def test_delivered_ends_it_after_any_number_of_attempts() -> None:
    assert decide_next("delivered", 20, 5.0) == RetryDecision("delivered", None)


def test_a_redelivery_by_hand_of_a_given_up_one_is_one_more_attempt() -> None:
    assert decide_next("transient", 9, 5.0).state == "given_up"
