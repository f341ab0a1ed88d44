from cmcdesk.rules.throttle import CATCH_UP, first_due, next_due


def test_the_first_mail_of_a_session_waits_one_interval() -> None:
    assert first_due(connected_at=5.0, interval=0.1) == 5.1


def test_a_punctual_250_is_followed_one_interval_later() -> None:
    assert next_due(due=10.0, left_at=10.0, interval=0.1) == 10.1


def test_a_late_250_is_made_up_by_at_most_two_milliseconds() -> None:
    assert next_due(due=10.0, left_at=10.001, interval=0.1) == 10.1
    assert next_due(due=10.0, left_at=10.005, interval=0.1) == 10.005 + 0.1 - CATCH_UP


def test_an_idle_session_saves_nothing_up() -> None:
    assert next_due(due=10.0, left_at=70.0, interval=0.1) >= 70.09


def test_the_mean_is_the_interval_when_every_timer_is_a_little_late() -> None:
    due = left = 0.0
    for number in range(1, 1001):
        due = next_due(due, left, 0.01)
        left = due + (0.0015 if number % 2 else 0.0005)
    assert abs(left / 1000 - 0.01) < 0.0001
