import ssl
from collections.abc import Callable

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.commands import RECIPIENT_LIMIT, Commands
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.patience import ERROR_LIMIT, TURNED_AWAY_LIMIT
from cmcdesk.mailserver.protection import Protection
from cmcdesk.rules.settings import check_composition
from tests.mailserver.conftest import pro_settings


class Recorder:
    """Notes what the steps do to their session."""

    def __init__(self) -> None:
        self.did: list[tuple[str, ...]] = []

    def begin_octets(self) -> None:
        self.did.append(("octets",))

    def begin_leaving(self) -> None:
        self.did.append(("leaving",))

    def note_refused(self, gate: str, refusal: Reply, recipient: str = "") -> None:
        self.did.append((gate, str(refusal.code), recipient))


def begun() -> tuple[Commands, Recorder]:
    talk = Recorder()
    commands = Commands(talk, LiveSettings.of(check_composition(pro_settings()), 1))
    commands.ehlo("client.example")
    return commands, talk


def test_plain_lines_are_answered_and_odd_ones_left_alone() -> None:
    commands, _talk = begun()
    assert commands.answer_plain(b"MAIL FROM:<a@client.example>") == reply.SENDER_OK.line
    for odd in (
        b"",
        b"MAIL",
        b"MAIL FROM:<a@b",
        b'RCPT TO:<"a b"@c.d>',
        b"RCPT TO:<a@b> X=1",
        b"VRFY a",
        b"\xff",
        b"DATA x",
        b"EHLO " + b"a" * 600,
    ):
        assert commands.answer_plain(odd) is None, odd


def test_a_refused_size_opens_no_transaction_and_is_noted_with_its_sender() -> None:
    commands, talk = begun()
    assert commands.mail("FROM:<a@client.example> SIZE=99999999") is reply.TOO_BIG
    assert talk.did == [("size", "552", "")]
    assert commands.sender is None


def test_the_same_recipient_twice_is_one() -> None:
    commands, _talk = begun()
    commands.mail("FROM:<>")
    assert (
        commands.rcpt("TO:<a@return.example.com>") is commands.rcpt("TO:<a@return.example.com>") is reply.RECIPIENT_OK
    )
    assert len(commands.recipients) == 1


def test_ehlo_forgets_the_transaction() -> None:
    commands, talk = begun()
    commands.mail("FROM:<>")
    commands.rcpt("TO:<a@return.example.com>")
    commands.ehlo("again.example")
    assert commands.data("") is reply.MAIL_FIRST
    assert talk.did == []


def test_a_non_ascii_recipient_needs_the_parameter_too() -> None:
    commands, _talk = begun()
    commands.mail("FROM:<>")
    assert commands.rcpt("TO:<あ@mailform.example.com>") is reply.NON_ASCII_ADDRESS
    commands.rset("")
    commands.mail("FROM:<> SMTPUTF8")
    assert commands.rcpt("TO:<あ@mailform.example.com>") is reply.RECIPIENT_OK


def test_octets_that_are_no_utf8_are_no_address() -> None:
    commands, _talk = begun()
    assert commands.mail("FROM:<\udcff@client.example> SMTPUTF8") is reply.BAD_SENDER_SYNTAX
    commands.mail("FROM:<>")
    assert commands.rcpt("TO:<\udcff@mailform.example.com>") is reply.BAD_RECIPIENT_SYNTAX


@pytest.mark.parametrize(
    "err",
    [
        lambda commands: commands.vrfy("a"),
        lambda commands: commands.answer_error(reply.HELP_TEXT),
        lambda commands: commands.data("x"),
        lambda commands: commands.mail("bad"),
    ],
)
def test_a_session_that_only_errs_is_ended(err: Callable[[Commands], Reply]) -> None:
    commands, talk = begun()
    answers = [err(commands) for _ in range(ERROR_LIMIT)]
    assert [answer.code == 421 for answer in answers] == [False] * (ERROR_LIMIT - 1) + [True]  # EHLO was the first
    assert talk.did == [("errors", "421", ""), ("leaving",)]


def test_greetings_without_end_are_errors() -> None:
    commands, talk = begun()
    answers = [commands.ehlo("again") for _ in range(ERROR_LIMIT)]
    assert (answers[-2][:3], answers[-1]) == (b"250", reply.TOO_MANY_ERRORS.line)
    assert talk.did[-1] == ("leaving",)


def test_refused_recipients_are_let_pass_up_to_a_whole_mail_of_them() -> None:
    commands, talk = begun()
    commands.mail("FROM:<>")
    for number in range(TURNED_AWAY_LIMIT):
        assert commands.rcpt(f"TO:<a{number}@foreign.example>") is reply.FOREIGN_DOMAIN
    assert commands.rcpt("TO:<a@return.example.com>") is reply.RECIPIENT_OK
    assert commands.rcpt("TO:<last@foreign.example>") is reply.TOO_MANY_ERRORS
    assert talk.did[-2:] == [("errors", "421", ""), ("leaving",)]


def test_a_mail_takes_all_errors_away() -> None:
    commands, _talk = begun()
    for _ in range(3):
        for _ in range(ERROR_LIMIT - 2):
            assert commands.vrfy("a").code == 252
        commands.mail("FROM:<>")
        for number in range(TURNED_AWAY_LIMIT - 1):
            assert commands.rcpt(f"TO:<a{number}@foreign.example>").code == 550
        commands.end_mail()


def test_more_good_recipients_than_a_mail_may_have_are_no_errors() -> None:
    commands, talk = begun()
    commands.mail("FROM:<>")
    answers = [commands.rcpt(f"TO:<a{number}@return.example.com>") for number in range(RECIPIENT_LIMIT * 3)]
    assert answers[RECIPIENT_LIMIT:] == [reply.TOO_MANY_RECIPIENTS] * RECIPIENT_LIMIT * 2
    assert talk.did == []


def test_a_relay_asks_who_the_client_is_and_knows_nobody_before_it_is_met() -> None:
    talk = Recorder()
    protection = Protection.of_relay({}, ssl.create_default_context)
    live = LiveSettings.of_relay(check_composition(pro_settings()), 1, False, protection)
    commands = Commands(talk, live)
    commands.ehlo("client.example")
    commands.mail("FROM:<a@client.example>")
    assert commands.rcpt("TO:<b@dest.example>") is reply.DENIED_BOTH
    assert talk.did == [("relay", "554", "b@dest.example")]
    commands.meet("127.0.0.1")
    assert commands.rcpt("TO:<b@dest.example>") is reply.RECIPIENT_OK
    commands.meet("127.0.0.9")
    commands.take_user("app")
    assert commands.rcpt("TO:<c@dest.example>") is reply.RECIPIENT_OK
    commands.begin_secure()  # RFC 3207 §4.2: what was known of the client is forgotten
    commands.ehlo("client.example")
    commands.mail("FROM:<a@client.example>")
    assert commands.rcpt("TO:<b@dest.example>") is reply.DENIED_BOTH


def test_where_starttls_is_required_nothing_is_answered_before_it_but_greetings_noop_and_quit() -> None:
    settings = check_composition({**pro_settings(), "security": {"starttls": "required", "auth": "required"}})
    commands = Commands(Recorder(), LiveSettings.of(settings, 1, find_context=ssl.create_default_context))
    commands.ehlo("client.example")
    assert commands.rset("") is commands.vrfy("a") is reply.STARTTLS_FIRST
    assert commands.answer_aside(reply.HELP_TEXT) is commands.mail("FROM:<>") is reply.STARTTLS_FIRST
    assert commands.answer_plain(b"NOOP") == reply.NOOP_OK.line
    commands.begin_secure()
    commands.ehlo("client.example")
    assert commands.rset("") is reply.RESET_OK  # RFC 4954 §6: AUTH first is for MAIL, not for it
    assert commands.answer_aside(reply.HELP_TEXT) is reply.HELP_TEXT
    assert commands.mail("FROM:<>") is reply.AUTH_FIRST
