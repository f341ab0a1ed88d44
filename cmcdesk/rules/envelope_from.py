"""エンベロープFrom: what becomes of the envelope sender of a relayed mail.

Only the domain changes, the local part is kept as it is, and there is no token in it (the manual's examples:
info@example.com becomes info@return.example.com). So several senders with one local part share one return address.
"""

from cmcdesk.rules.settings import Composition


def rewrite_sender(sender: str, composition: Composition) -> str:
    """The envelope sender that a mail goes on with. sender: as MAIL gave it, "" for the null sender (RFC 5321 §4.5.5),
    which is never rewritten: a report about a report would never end. Standard is always rewritten: its settings say
    so and cannot be changed. CMC's 送信ドメイン設定, which goes before this one, is not here."""
    envelope_from = composition.advanced.envelope_from
    local_part, at, _domain = sender.rpartition("@")  # a quoted local part may hold an "@" of its own
    if not (at and envelope_from.rewrite):
        return sender
    return f"{local_part}@{envelope_from.domain}"
