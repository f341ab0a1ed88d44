"""A waiting mail and its filters."""

from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.waiting import WaitingMail
from cmcdesk.rules.matching import Filters, compile_filters
from tests.store.maillog.test_insertion import mail


class Waiter:
    """A sender that notes its outcome."""

    def __init__(self) -> None:
        self.outcome: Reply | None = None

    def take_outcome(self, outcome: Reply) -> None:
        self.outcome = outcome


FILTERS = compile_filters([("f", [("To", "form")]), ("g", [("To", "@x")])], bytes.decode)


def waiting(text: str, to: bytes = b"form@x", filters: Filters = FILTERS, octets: bytes = b"octets") -> WaitingMail:
    return WaitingMail(Waiter(), mail(text, octets=octets), {"to": [to]}, filters, ("a@x", "b@x"))


def outcome_of(one: WaitingMail) -> Reply | None:
    assert isinstance(one.sender, Waiter)
    return one.sender.outcome


def test_each_matching_filter_makes_a_delivery_for_each_inbound_recipient() -> None:
    one = waiting("one")
    one.match()
    assert one.mail.matches == [("f", "a@x"), ("f", "b@x"), ("g", "a@x"), ("g", "b@x")]


def test_it_is_recalled_only_if_the_filters_need_not_search() -> None:
    one = waiting("one", to=b"nobody@y")
    assert not one.recall()
    one.match()
    other = waiting("other", to=b"nobody@y")
    assert other.recall()
    assert not one.mail.matches
    assert not other.mail.matches
