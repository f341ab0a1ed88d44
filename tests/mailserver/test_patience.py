"""How long a client may take."""

from cmcdesk.mailserver.commands import RECIPIENT_LIMIT
from cmcdesk.mailserver.patience import LOOK_SECONDS, TURNED_AWAY_LIMIT, Patience


def test_a_mail_is_given_time_by_its_size_and_a_step_by_its_recipients() -> None:
    patience = Patience()
    assert (patience.give_mail(0), patience.give_mail(10 << 20)) == (180.0, 180.0 + (10 << 20) / 4000)
    assert (patience.give_step(0), patience.give_step(1000)) == (300.0, 1300.0)
    assert patience.idle >= 300  # RFC 5321 §4.5.3.2.7


def test_a_session_looks_at_its_clocks_often_enough_for_the_shortest() -> None:
    assert Patience().look == LOOK_SECONDS
    assert Patience(line=0.4).look == Patience(mail=0.4).look == Patience(idle=0.4).look == 0.1


def test_no_list_of_recipients_that_one_mail_may_have_is_cut() -> None:
    assert TURNED_AWAY_LIMIT >= RECIPIENT_LIMIT
