"""The forms in which mail systems name a failed recipient in text for people. A row's comment says who writes so.

In a form "@" stands for one whole address, and (@) for the one that is meant: addresses are found first, in one pass,
and replaced by HOLE, so that the forms stay small.
"""

import re

HOLE = "\x00"
# RFC 5322 atext and RFC 6531's UTF-8; in angle brackets whatever stands there. A Japanese sentence may go on right
# behind a domain, so that a label in ASCII ends where other letters begin, and kana stand only before a dot.
_LETTERS = "\u0080-\u2fff\u3400-\uffef"
_KANA = "\u3005\u3040-\u30ff"
ADDRESS = re.compile(
    r"(?:\"[^\"\n@<>]{1,64}\"|[^\s<>()\[\],;:\"「」『』（）【】：；，、。＜＞\x00@]{1,120})@(?:"
    r"\[(?:ipv6:[0-9a-f:.]{2,45}|(?:\d{1,3}\.){3}\d{1,3})\]"
    r"|(?<=@)[^\s<>@\"\x00]{1,250}(?=>)"
    rf"|(?:[\w\-%\u00c0-\u024f]{{1,63}}\.|[{_LETTERS}{_KANA}][\w\-{_LETTERS}{_KANA}]{{0,62}}\.){{0,12}}"
    rf"(?:[\w\-\u00c0-\u024f]{{1,63}}|みんな|テスト|コム|ストア|セール|クラウド|[{_LETTERS}]{{1,63}}))",
    re.I | re.A,
)
_WRAPPED = "'`*|/_"  # what notices put around an address, and what may stand within one
_SOURCE_ROUTE = re.compile(r"<(?:@[^\s<>,:@]{1,250},?){1,20}:")  # RFC 5321 §4.1.2: <@relay,@relay:user@domain>
_GLUED = re.compile(
    r"^.*(?:[はがをにへでとのも]|.{3}[\u3041-\u3096]|宛て?|先|アドレス|ユーザー?|者|メール)(?=\w)", re.A
)
_PREFIX = re.compile(r"^(?:smtp|rfc-?822|dda:smtp|mailto|to|for|email|address)=", re.I)


def _compile(*forms: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form.replace("@", HOLE), re.I) for form in forms)


LINES = _compile(
    r"^\s*[<\"'](@)[>\"']\s*(?:\((?:expanded|alias|generated)[^)]*\)?)?\s*[::]",  # Postfix, qmail, Yahoo, GMX
    r"^\s*(@)\s*:(?:\s|$)",  # OpenSMTPD
    r"^\s*(?:[*•·>]|--?)?\s*[<\"']?(@)[>\"']?\s*[.,;]?\s*(?:\(@\)|<mailto:@>|[<(]@[>)])*\s*$",  # Exim, Exchange, Google
    r"^\s*<?(@)>?\s*\.\.\.\s",  # Sendmail
    r"^\s*[45]\d\d(?: [45]\.\d+\.\d+)? <?(@)>?\.\.\.\s",  # Sendmail V5: "550 <a@b>... User unknown"
    r"^\s*<?(@)>?\s+(?:\(|\[|on \w|delivery failed|invalid|is |was |has |not |does|unknown|user |- |-- |: )",
    r"^\s*<?(@)>?\s*; *action",  # MIMEsweeper and others: "a@b; Action: Failed"
    r"^>>> RCPT To:\s*<?(@)",  # au, Sendmail, Courier: their talk with the other server
    r"^\s*(?:Sent <<<|>>>)? ?RCPT TO:\s*<?(@)",  # InterScan
    r"^[^@]{0,60}(?:-->|sent:) RCPT TO:\s*<?(@)",  # MDaemon, hMailServer
    r"(?:smtp|rfc-?822)[=:]\s*(@)",  # Exchange 5.5, MailEnable: [SMTP:a@b]
    r"^[^@]{0,30}:\d+:<(@)> :",  # SendGrid: "name:00000:<a@b> : Connection timed out"
    # "Recipient: <a@b>" and its like, in the languages of the systems that write it
    r"^[\s*\-]*(?:(?:failed |original |final |intended |invalid |e-?mail )?(?:recipients?|address(?:es)?)"
    r"(?: address(?:es)?)?|addressed to|rcpt to"
    r"|to address|address|target mail address|mail to|user|sent to|send to|failed to deliver to|email address|failed"
    r"|宛先(?:アドレス|メールアドレス)?|送信先(?:アドレス|メールアドレス)?|受信者|あて先|メールアドレス"
    r"|destinataires?|destinatari[oa]s?|empfänger|adresse|ontvanger|получатель|收件人|收件地址"
    r"|could not be delivered to|not delivered to|delivery failed(?: \d+ attempts)?"
    r"|undeliverable to|unknown user|user unknown|invalid final delivery userid"
    r"|user mailbox exceeds allowed size|unknown host|unknown local user|mailbox full|user is inactive|user)"
    r"\s*[::=)]?[\s\"'<\[]*(?:smtp:|mailto:|rfc822;)?\s*(@)",
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
    r"(@)[>\"')]*\s*(?:\([^)]{0,60}\) )?(?:could ?n.t be|was ?n.t|is not|does not|cannot|has been|invalid"
    r"|宛|様|さん|への|は)",
)

GENERATED = re.compile(rf"(?:generated (?:by|from)|expanded from):?\s*<?({HOLE})", re.I)

# What stands before an address that is offered for help, or is the sender's.
ASIDE = re.compile(
    r"contact|assistance|please (?:send|forward|e-?mail)|for further|support|help ?desk|sender\b|mail from|^\s*from\s*:"
    r"|reply|問い?合わ?せ|ご連絡|差出人|送信者|message-?id|^\s*cc\s*:|original sender|reporting-mta"
    r"|identities failed|sent by|von:|de :",
    re.I,
)


def hide_addresses(line: str) -> tuple[str, list[str]]:
    """The line with HOLE for each address, and the addresses in their order."""
    found: list[str] = []

    def hide(match: re.Match[str]) -> str:
        address = _unwrap(match)
        if address[0] == "@" or address[-1] == "@":
            return match[0]
        found.append(address)
        before, after = match[0].split(address, 1)
        return before + HOLE + after

    line = line.replace(HOLE, " ")
    return ADDRESS.sub(hide, _SOURCE_ROUTE.sub("<", line) if "<@" in line else line), found


def _unwrap(match: re.Match[str]) -> str:
    """The address without what stands around it: 'a@b', *a@b*, smtp=a@b. In angle brackets nothing does."""
    address, line, at = match[0].rstrip(".-"), match.string, match.start()
    if line[at - 1 : at] == "<":
        return address
    address = _PREFIX.sub("", address)
    if not address.isascii():
        address = _GLUED.sub("", address)
    while address[0] in _WRAPPED and (address[0] in "'`*|/" or line[match.end() : match.end() + 1] == address[0]):
        address = address[1:]
    return address


def address_at(template: str, position: int, addresses: list[str]) -> str:
    """The address that the HOLE at this position of the template stands for."""
    return addresses[template.count(HOLE, 0, position)]
