"""既読 on the pages: a mail is unread until it is opened, or until all are marked."""

from ..conftest import AddMail, Console


def is_unread(console: Console, mail_id: int) -> bool:
    row = console.get("/mails").text.partition(f'id="mail-{mail_id}"')[2].partition("</tr>")[0]
    assert row
    return "data-not-read" in row.partition(">")[0] and ">unread<" in row


def test_a_mail_is_unread_until_it_is_opened(console: Console, add_mail: AddMail) -> None:
    first, second = add_mail(), add_mail()
    assert is_unread(console, first) and is_unread(console, second)
    for _ in range(2):
        assert console.get(f"/mails/{first}").status_code == 200
    assert not is_unread(console, first) and is_unread(console, second)


def test_all_are_read_with_one_button_and_a_new_one_is_not(console: Console, add_mail: AddMail) -> None:
    first, second = add_mail(), add_mail()
    answer = console.post("/mails/chosen?search=hello", {"action": "read"})
    assert (answer.status_code, answer.location) == (303, "/mails?search=hello")
    assert not is_unread(console, first) and not is_unread(console, second)
    assert is_unread(console, add_mail())
