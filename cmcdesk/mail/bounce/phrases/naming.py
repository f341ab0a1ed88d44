"""The forms in which mail systems name a failed recipient in text for people. A row's comment says who writes so.

In a form "@" stands for one whole address, and (@) for the one that is meant: addresses are found first, in one pass,
and replaced by HOLE, so that the forms stay small.
"""

import re

HOLE = "\x00"


# What stands before an item of a list
_ITEM = r"^\s*(?:[*•·>・●■◆○◎□※]|--?|[(（\[]?\d{1,3}[.)）\]:])?\s*"


def _compile(*forms: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form.replace("@", HOLE), re.I) for form in forms)


LINES = _compile(
    r"^\s*[<\"'](@)[>\"']\s*(?:\((?:expanded|alias|generated)[^)]*\)?)?\s*[:\uff1a]",  # Postfix, qmail, Yahoo, GMX
    _ITEM + r"(@)\s*(?::(?:\s|$)|\uff1a)",  # OpenSMTPD
    r"^[^@\n]{1,60}\((@)\)<mailto:@>\s*$",  # Exchange: "Display, Name (a@b)<mailto:a@b>"
    _ITEM + r"[<\"']?(@)[>\"']?\s*[.,;]?\s*"  # Exim, Exchange, Google
    r"(?:\(@\)|<mailto:@>|[<(]@[>)])*\s*$",
    r"^\s*<?(@)>?\s*\.\.\.\s",  # Sendmail
    r"^\s*[45]\d\d(?: [45]\.\d+\.\d+)? <?(@)>?\.\.\.\s",  # Sendmail V5: "550 <a@b>... User unknown"
    r"^\s*<?(@)>?\s+(?:am|le|el|il|em|op|dne|den) \d",  # Exchange: when it was tried
    # Lists and tables: the recipient, then the cause in brackets, behind an arrow or a tab; an answer before or behind
    _ITEM + r"<?(@)>?\s*(?:[（【\t⇒→;]|[=-]>|\s[45](?:\d\d[ -]|\.\d{1,3}\.\d{1,3} ))",
    r"^\s*(?:[(（\[]?\d{1,3}[.)）\]:]|[45]\d\d(?:[ -][45]\.\d{1,3}\.\d{1,3})?)\s+<?(@)>?[\s:]",
    r"^\s*<?(@)>?(?:\s*[,;、]\s*<?@>?){1,200}\s*$",
    r"^\s*\"[^\"@\n]{1,60}\"\s+<(@)>\s*$",  # "Name" <a@b>
    r"^\s*<?(@)>?\s+(?:\(|\[|on \w|delivery failed|invalid|is |was |has |not |does|unknown|user |- |-- |: )",
    r"^\s*<?(@)>?\s*, *error_code *:",  # Zoho
    r"^\s*<?(@)>?\s*; *action",  # MIMEsweeper and others: "a@b; Action: Failed"
    r"^>>> RCPT To:\s*<?(@)",  # au, Sendmail, Courier: their talk with the other server
    r"^\s*(?:Sent <<<|>>>)? ?RCPT TO:\s*<?(@)",  # InterScan
    r"^[^@]{0,60}(?:-->|sent:) RCPT TO:\s*<?(@)",  # MDaemon, hMailServer
    r"(?:smtp|rfc-?822)[=:]\s*(@)",  # Exchange 5.5, MailEnable: [SMTP:a@b]
    r"^[^@]{0,30}:\d+:<(@)> :",  # SendGrid: "name:00000:<a@b> : Connection timed out"
    # "Recipient: <a@b>" and its like, in the languages of the systems that write it
    r"^[\s*\-・●■◆○◎□※【]*(?:(?:failed |original |final |intended |invalid |e-?mail )?(?:recipients?|address(?:es)?)"
    r"(?: address(?:es)?)?|addressed to|rcpt to"
    r"|to address|address|target mail address|mail to|user|sent to|send to|failed to deliver to|email address|failed"
    r"|宛先(?:アドレス|メールアドレス)?|送信先(?:アドレス|メールアドレス)?|受信者|あて先|メールアドレス"
    r"|destinataires?|destinatari[oa]s?|empfänger|adresse|ontvanger|получатель|收件人|收件地址|받는 ?사람|수신자|수신인"
    r"|could not be delivered to|not delivered to|delivery failed(?: \d+ attempts)?"
    r"|undeliverable to|unknown user|user unknown|invalid final delivery userid"
    r"|user mailbox exceeds allowed size|unknown host|unknown local user|mailbox full|user is inactive|user)"
    r"\s*】?\s*[:\uff1a=)]?[\s\"'<\[]*(?:smtp:|mailto:|rfc822;)?\s*(@)",
)

SENTENCES = _compile(
    r"(?:deliver(?:y|ed|ing)?|send|sent|message|mail|e-?mail|undeliverable|relayed|reach(?:ed)?|posting)\b[^@\n]{0,60}?"
    r"\b(?:to|for|with)(?: the)?(?: following)?(?: recipients?| address| user| account| person| mailbox)?:?"
    r"[\s<\"'\[(]{1,3}(?:mailto:)?(@)",
    r"(?:full|quota|unknown|exist|disabled|found|invalid|rejected|recipient)\b[^@\n]{0,40}[:(<\s]<?(@)",
    r"\b(?:user|recipient|account)\b[^@\n]{0,60}\((@)\)",  # Domino, Yahoo
    r"(?:message|mail) [<\"']?@[>\"']? to [<\"']?(@)",  # "Your message <message-id> to <a@b>"
    r"gateway for (@)",  # IceWarp
    r"(?:message-id in|member of|article to|posted to) <?(@)",  # fml
    r"(@)[>\"')]*\s*(?:\([^)]{0,60}\) )?(?:could ?n.t be|was ?n.t|does not|cannot|has been|invalid"
    r"|is (?:not|full|over)\b|(?:has )?exceed"
    r"|宛|様|さん|への|は)",
)

GENERATED = re.compile(rf"(?:generated (?:by|from)|expanded from):?\s*<?({HOLE})", re.I)

# Who wrote the mail that failed, in any language's label
SENDER = re.compile(
    rf"(?:\bfrom|sender|absender|expéditeur|remitente|mittente|remetente|отправитель|送信元|発信元|差出人|发件人|寄件者"
    rf"|보낸 ?사람)[\s:\uff1a=]{{0,8}}[<\"'\[(]?{HOLE}",
    re.I,
)

# What stands before an address that is offered for help, or is the sender's.
ASIDE = re.compile(
    r"contact|assistance|please (?:send|forward|e-?mail)|for further|support|help ?desk|sender\b|mail from|^\s*from\s*:"
    r"|reply|問い?合わ?せ|ご連絡|差出人|送信者|message-?id|^\s*cc\s*:|original sender|reporting-mta"
    r"|identities failed|sent by|von:|de :",
    re.I,
)
