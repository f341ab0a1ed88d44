from cmcdesk.mail import reply
from cmcdesk.mail.reply import Reply
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.live import LiveSettings
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
    commands = Commands(talk, LiveSettings.of(check_composition(pro_settings()), 1, bytes.decode))
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
