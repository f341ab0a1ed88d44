"""The catalogue's vocabulary."""

from simulator.traffic.kinds import Failure, Fault, Kind

FULL = Fault(
    "over-quota", "5.2.2", "552", "552 5.2.2 <{recipient}> at {remote}[{remote_address}] of {domain}: {user} full"
)


def test_a_kind_tells_of_its_first_recipient() -> None:
    kind = Kind("postfix/full", "en", (FULL, FULL))
    assert (kind.dialect, kind.cause, kind.error_status) == ("postfix", "over-quota", 5)
    assert (kind.enhanced_status, kind.reply, kind.recipients, kind.is_bounce) == ("5.2.2", "552", 2, True)


def test_a_mail_that_is_no_bounce_has_no_cause() -> None:
    kind = Kind("replies/any", "en", ())
    assert (kind.cause, kind.error_status, kind.enhanced_status, kind.reply) == (None, None, None, None)
    assert not kind.is_bounce


def test_the_wording_takes_the_recipient_in() -> None:
    failure = Failure("a@b.example", FULL, "mx.b.example", "192.0.2.1")
    assert failure.text == "552 5.2.2 <a@b.example> at mx.b.example[192.0.2.1] of b.example: a full"
