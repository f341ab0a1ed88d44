from cmcdesk.mailserver.tally import DOTS_PER_TICK, Lane, Tally


def test_a_lane_carries_a_few_dots_and_the_whole_count() -> None:
    lane = Lane(7, 100.0)
    for number in range(40):
        lane.accept(100.0 + number)
    lane.refuse(150.0)
    session, opened_at, accepted, refused, accepted_count, refused_count = lane.take()
    assert (session, opened_at, accepted_count, refused, refused_count) == (7, 100.0, 40, [150.0], 1)
    assert len(accepted) == DOTS_PER_TICK
    assert lane.take() == [7, 100.0, [], [], 0, 0]


def test_a_session_that_ended_is_told_once() -> None:
    tally, lane = Tally(), Lane(1, 0.0)
    lane.accept(1.0)
    tally.close_lane(lane)
    assert tally.take_closed_lanes() == [[1, 0.0, [1.0], [], 1, 0]]
    assert tally.take_closed_lanes() == []


def test_connections_over_the_limit_are_told_once_and_a_few_of_many() -> None:
    tally = Tally()
    for number in range(40):
        tally.turn_away(float(number))
    assert tally.take_turned_away() == [float(number) for number in range(DOTS_PER_TICK)]
    assert tally.take_turned_away() == []
