"""What pages and API know of mails that are set aside (`store/desk/set_aside.py`)."""

from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.database import db
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.set_aside import SetAside, ask_again, find_set_aside, list_set_aside


def current_set_aside() -> list[SetAside]:
    """All of the mail.db that is there, newest mail first."""
    log = current_mail_log()
    return list_set_aside(db.session(), log.log_id) if log else []


def is_set_aside(mail_id: int) -> SetAside | None:
    """That mail, if it is."""
    log = current_mail_log()
    return find_set_aside(db.session(), log.log_id, mail_id) if log else None


def request_again(mail_id: int) -> bool:
    """Let the worker read it once more. False: it is not set aside."""
    log = current_mail_log()
    if log is None:
        return False
    with transaction(current_services().engine) as session:
        return ask_again(session, log.log_id, mail_id)
