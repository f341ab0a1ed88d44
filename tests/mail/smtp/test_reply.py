from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply

NAMED = {name: value for name, value in vars(reply).items() if isinstance(value, Reply)}


def test_the_class_of_the_enhanced_status_is_that_of_the_code() -> None:
    """RFC 2034 §4."""
    assert len(NAMED) > 30
    for name, one in NAMED.items():
        if one.enhanced_status:
            assert one.enhanced_status[0] == str(one.code)[0], name
        else:
            assert one is reply.START_MAIL_INPUT, name


def test_a_size_refusal_always_carries_its_status() -> None:
    assert reply.TOO_BIG.line.startswith(b"552 5.3.4 ")


def test_lines_are_ascii_and_within_512_octets() -> None:
    for name, one in NAMED.items():
        assert one.line.isascii(), name
        assert one.line.endswith(b"\r\n"), name
        assert len(one.line) <= 512, name
