from dataclasses import replace
from pathlib import Path

import pytest

from cmcdesk.mail.smtp.dialogue import EXCHANGES, Dialogue, DialoguePart, Line, encode_lines
from cmcdesk.store.maillog import rows as maillog_rows
from cmcdesk.store.maillog.dialogues import read_dialogue, read_mail_dialogue
from cmcdesk.store.maillog.insertion import Accepted, MailLogWriter, NewRefusal
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all, purge_before, purge_mails
from tests.store.maillog.test_insertion import mail, refusal

BEGAN = 1000.25


def refuse(number: int, is_cut: bool = False, session: int = 8, began: float = BEGAN) -> NewRefusal:
    """A refusal whose part says its number."""
    lines = encode_lines([Line(number / 8, "client", f"NOOP {number}"), Line(number / 8, "server", f"550 {number}")])
    return replace(refusal("domain"), session=session, dialogue=DialoguePart(began, number, is_cut, lines))


def read(path: Path, refusal_id: int) -> Dialogue | None:
    with MailLog(path) as log:
        row = log.get_refusal(refusal_id)
        assert row
        return read_dialogue(log, row)


def said(dialogue: Dialogue | None) -> list[str | int]:
    assert dialogue
    return [line.said for line in dialogue.lines]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


def write(path: Path, *refusals: NewRefusal) -> None:
    writer = MailLogWriter(path)
    writer.append([], refusals)
    writer.close()


def test_the_parts_of_a_session_are_joined_up_to_the_refusal(path: Path) -> None:
    write(path, refuse(1), refuse(1, session=9), refuse(2), refuse(1, began=BEGAN + 1), refuse(3))
    dialogue = read(path, 3)
    assert dialogue == Dialogue(
        BEGAN,
        False,
        (
            Line(0.125, "client", "NOOP 1"),
            Line(0.125, "server", "550 1"),
            Line(0.25, "client", "NOOP 2"),
            Line(0.25, "server", "550 2"),
        ),
    )
    assert said(read(path, 1)) == ["NOOP 1", "550 1"]
    assert said(read(path, 5)) == ["NOOP 1", "550 1", "NOOP 2", "550 2", "NOOP 3", "550 3"]


def test_parts_are_joined_in_the_order_they_were_said_whatever_the_order_of_the_rows(path: Path) -> None:
    write(path, refuse(1), refuse(3), refuse(2))
    assert said(read(path, 2)) == ["NOOP 1", "550 1", "NOOP 2", "550 2", "NOOP 3", "550 3"]


def test_what_is_missing_is_told(path: Path) -> None:
    write(path, refuse(1), refuse(3), refuse(4, is_cut=True), refuse(5))
    for refusal_id, wanted in ((2, ["NOOP 3", "550 3"]), (4, ["NOOP 4", "550 4", "NOOP 5", "550 5"])):
        dialogue = read(path, refusal_id)
        assert dialogue and dialogue.is_cut
        assert said(dialogue) == wanted


def test_only_the_last_exchanges_are_read(path: Path) -> None:
    write(path, *[refuse(number) for number in range(1, 2 * EXCHANGES)])
    dialogue = read(path, 2 * EXCHANGES - 1)
    assert dialogue and dialogue.is_cut
    assert len(dialogue.lines) == 2 * EXCHANGES
    assert dialogue.lines[-1].said == f"550 {2 * EXCHANGES - 1}"


def test_without_a_part_there_is_none_but_for_a_refused_connection(path: Path) -> None:
    write(path, refusal("domain"), replace(refusal("sessions"), session=0, code=421, enhanced_status="4.7.0"))
    assert read(path, 1) is None
    assert read(path, 2) == Dialogue(2.5, False, (Line(0.0, "server", "421 4.7.0 no"),))


def test_only_those_of_the_newest_refusals_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maillog_rows, "DIALOGUES_KEPT", 2)
    write(path, refuse(1), refuse(2), refuse(3))
    assert read(path, 1) is None
    dialogue = read(path, 3)
    assert dialogue and dialogue.is_cut and said(dialogue) == ["NOOP 2", "550 2", "NOOP 3", "550 3"]


def accept(mail_id: int, number: int, session: int = 8) -> Accepted:
    """The part that ends with a mail's 250, of the same session as `refuse`."""
    lines = encode_lines([Line(number / 8, "client", 5), Line(number / 8, "server", f"250 {number}")])
    return Accepted(mail_id, session, DialoguePart(BEGAN, number, False, lines))


def read_mails(path: Path, mail_id: int) -> Dialogue | None:
    with MailLog(path) as log:
        return read_mail_dialogue(log, mail_id)


def test_parts_of_accepted_mails_and_of_refusals_are_one_dialogue(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail("x"), mail("y"), mail("z")], [refuse(2)], [accept(1, 1), accept(2, 3), accept(3, 1, session=9)])
    writer.close()
    assert said(read_mails(path, 2)) == [5, "250 1", "NOOP 2", "550 2", 5, "250 3"]
    assert said(read(path, 1)) == [5, "250 1", "NOOP 2", "550 2"]
    assert said(read_mails(path, 3)) == [5, "250 1"]
    assert read_mails(path, 4) is None and read_mails(path, 1 << 70) is None


def test_of_accepted_mails_the_newest_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maillog_rows, "DIALOGUES_KEPT", 3)
    monkeypatch.setattr(maillog_rows, "TRIM_ROWS", 4)
    writer = MailLogWriter(path)
    for number in range(1, 9):
        writer.append([mail("x")] * 10, [], [accept(10 * number, number)])
    assert writer.connection.execute("SELECT mail_id FROM accepted").fetchall() == [
        (number,) for number in (30, 40, 50, 60, 70, 80)
    ], "looked for at the first and the fifth, with the fifth"
    writer.close()
    dialogue = read_mails(path, 40)
    assert dialogue and dialogue.is_cut and said(dialogue) == [5, "250 3", 5, "250 4"]


def test_those_of_accepted_mails_go_with_the_mails(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail(str(number)) for number in range(9)], [], [accept(number, number) for number in range(1, 10)])
    purges = ((purge_before(writer, 4), 6), (purge_mails(writer, [5, 9]), 4), (purge_all(writer), 0))
    for purge, left in purges:
        list(purge)
        assert writer.connection.execute("SELECT count(*) FROM accepted").fetchone() == (left,)
    writer.close()


def test_they_go_with_their_refusals(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail("x")], [refuse(1), refuse(2)])
    assert sum(purge_all(writer)) == 1
    assert writer.connection.execute("SELECT count(*) FROM dialogue").fetchone() == (0,)
    writer.close()
