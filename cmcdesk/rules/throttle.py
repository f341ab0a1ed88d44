"""受信間隔: when the 250 of a session's next mail may leave. Pure: times are seconds of the server's monotonic clock.

"Interval at which mails are received (processing time per mail)": a minimum spacing, never an added sleep.
"""

# How much of a late reply may be made up by the next one, so that the mean stays the interval itself (ours).
CATCH_UP = 0.002


def first_due(connected_at: float, interval: float) -> float:
    """A new session for every mail gains nothing: its first mail waits one interval too."""
    return connected_at + interval


def next_due(due: float, left_at: float, interval: float) -> float:
    """Given when the last 250 was due and when it left: when the next one is due."""
    return max(due + interval, left_at + interval - CATCH_UP)
