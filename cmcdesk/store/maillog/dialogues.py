"""What was said in a session up to a refusal or to the 250 of a mail, out of mail.db: the session's parts, joined."""

from cmcdesk.mail.smtp.dialogue import EXCHANGES, Dialogue, Line, decode_lines, keep_last, tell_reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.store.maillog.log import MailLog, RefusalRow, read_row_id

HAS_DIALOGUES = 2  # from this version of mail.db on
HAS_ACCEPTED = 3  # those of mails


def read_dialogue(log: MailLog, refusal: RefusalRow) -> Dialogue | None:
    """The last lines before a refusal and its reply; None where they were not kept, or are not any more."""
    if refusal.session == 0:  # the connection itself was refused: all that was said is that reply
        reply = Reply(refusal.code, refusal.enhanced_status, refusal.text)
        return Dialogue(refusal.at, False, tuple(tell_reply(0.0, reply.line)))
    if log.version < HAS_DIALOGUES:
        return None
    sql = "SELECT session, began, part FROM dialogue WHERE refusal_id = ?"
    place = log.connection.execute(sql, (refusal.id,)).fetchone()
    return _join_parts(log, *place) if place else None


def read_mail_dialogue(log: MailLog, mail_id: int) -> Dialogue | None:
    """The last lines of a mail's session up to its 250; None as `read_dialogue`."""
    if log.version < HAS_ACCEPTED:
        return None
    sql = "SELECT session, began, part FROM accepted WHERE mail_id = ?"
    place = log.connection.execute(sql, (read_row_id(mail_id),)).fetchone()
    return _join_parts(log, *place) if place else None


def _join_parts(log: MailLog, session: int, began: float, last: int) -> Dialogue:
    """The part of that number after those before it, as far back as they follow each other."""
    kept_in = ("dialogue", "accepted") if log.version >= HAS_ACCEPTED else ("dialogue",)
    each = "SELECT part, is_cut, lines FROM {} WHERE session = ?1 AND began = ?2 AND part <= ?3"
    sql = f"{' UNION ALL '.join(map(each.format, kept_in))} ORDER BY part DESC LIMIT ?4"
    lines: list[Line] = []
    is_cut = True
    wanted = last
    for part, part_is_cut, text in log.connection.execute(sql, (session, began, last, EXCHANGES)):
        if part != wanted:
            break
        lines = decode_lines(text) + lines
        is_cut, wanted = bool(part_is_cut) or part > 1, part - 1
        if part_is_cut:
            break
    kept = keep_last(lines)
    return Dialogue(began, is_cut or len(kept) < len(lines), tuple(kept))
