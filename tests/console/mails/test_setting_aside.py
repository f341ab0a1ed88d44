"""What pages and API know of mails that are set aside."""

from cmcdesk.console.mails.setting_aside import current_set_aside, is_set_aside, request_again

from ..conftest import AddMail, Console
from .test_set_aside_page import strike


def test_they_are_those_of_the_mail_db_that_is_there(console: Console, add_mail: AddMail) -> None:
    mail_id, other = add_mail(), add_mail()
    strike(console, mail_id)
    with console.desk.app.test_request_context():
        assert mail_id in [one.mail_id for one in current_set_aside()]
        assert is_set_aside(other) is None and not request_again(other)
        found = is_set_aside(mail_id)
        assert found and not found.is_asked
        assert request_again(mail_id)
    with console.desk.app.test_request_context():
        found = is_set_aside(mail_id)
        assert found and found.is_asked
