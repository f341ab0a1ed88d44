"""From a stored mail of the bounce route to bounce rows. Pure but for its arguments."""

from cmcdesk.mail.bounce.reader import Failure, Verdict, read_bounce
from cmcdesk.store.desk.bounces import NewBounce
from cmcdesk.store.maillog.log import MailRow


def read_mail(log_id: str, mail: MailRow, octets: bytes) -> list[NewBounce]:
    """A row for each failed recipient; none for a mail that is no bounce."""
    verdict = read_bounce(octets)
    return [_row_of(log_id, mail, verdict, ordinal) for ordinal in range(len(verdict.failures))]


def _row_of(log_id: str, mail: MailRow, verdict: Verdict, ordinal: int) -> NewBounce:
    failure, original = verdict.failures[ordinal], verdict.original
    returned_to = next((one.address for one in mail.recipients if one.route == "bounce"), "")
    return NewBounce(
        log_id=log_id,
        mail_id=mail.id,
        ordinal=ordinal,
        composition=mail.composition,
        created_at=mail.received_at,
        final=verdict.final,
        recipient=failure.recipient or "",
        error_status=failure.error_status,
        status=failure.status,
        reply=failure.reply,
        diagnostic=_clean(failure.diagnostic),
        evidence=_clean(failure.evidence),
        rule=_rule_of(verdict, failure),
        header_from=original.header_from,
        message_id=original.message_id,
        return_path=original.return_path or returned_to,
        subject=_clean(original.subject),
        api_data=_clean(original.api_data),
    )


def _rule_of(verdict: Verdict, failure: Failure) -> str:
    """Both rows: the one that saw a notice in the mail, and the one that saw the cause."""
    return f"{verdict.rule} | {failure.rule}"


def _clean(text: str) -> str:
    """Without what SQLite's text functions and JSON cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
