"""Whom a text without machine-readable fields says it failed to reach, and what it says about each."""

import re
from dataclasses import dataclass, field

ADDRESS = r"[^\s<>()\[\],;:\"|'`「」『』*=/]{1,120}@[A-Za-z0-9\-._%\u0080-\uffff]{1,200}[A-Za-z0-9\u0080-\uffff]"
_BARE = re.compile(ADDRESS)

# One line that presents a failed recipient. The comment says who writes so.
_FORMS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^\s*[<\"']({ADDRESS})[>\"']\s*(?:\((?:expanded|alias|generated)[^)]*\)?)?\s*[::]",  # Postfix, qmail, GMX
        rf"^\s*({ADDRESS})\s*:(?:\s|$)",  # OpenSMTPD
        rf"^\s*[*\-•·>]{{0,3}}\s*[<\"']?({ADDRESS})[>\"']?\s*[.,;]?\s*$",  # Exim, Exchange, Google, IceWarp: alone
        rf"^\s*<?({ADDRESS})>?\s*\.\.\.\s",  # Sendmail
        rf"^\s*[45]\d\d(?: [45]\.\d+\.\d+)? <?({ADDRESS})>?\.\.\.\s",  # Sendmail V5: "550 <a@b>... User unknown"
        rf"^\s*<?({ADDRESS})>?\s+(?:\(|\[|on \w|delivery failed|invalid|is |was |has |not |does|unknown|user )",
        rf"^\s*<?({ADDRESS})>?\s*; *action",  # MIMEsweeper and others: "a@b; Action: Failed"
        rf"^[\s*\-]*(?:(?:failed |original |final |intended |e-?mail )?recipients?(?: address(?:es)?)?|addressed to"
        rf"|rcpt to|to address|address|target mail address|mail to|user|sent to|send to|failed to deliver to"
        rf"|email address"
        rf"|宛先(?:アドレス)?|送信先(?:アドレス|メールアドレス)?|受信者|あて先|destinataires?|destinatari[oa]s?|empfänger"
        rf"|получатель|收件人|delivery failed(?: \d+ attempts)?|undeliverable to|unknown user|user unknown"
        rf"|invalid final delivery userid|user mailbox exceeds allowed size|unknown host|unknown local user)"
        rf"\s*[::=]?[\s\"'<\[]*(?:smtp:|mailto:|rfc822;)?\s*({ADDRESS})",
        rf"^>>> RCPT To:\s*<?({ADDRESS})",  # au, Sendmail, Courier transcripts
        rf"^\s*(?:Sent <<<|>>>)? ?RCPT TO:\s*<?({ADDRESS})",  # InterScan
        rf"(?:smtp[=:]|rfc-?822[=:])\s*({ADDRESS})",  # Exchange 5.5, MailEnable: [SMTP:a@b]
        rf"^[^@]{{0,30}}:\d+:<({ADDRESS})> :",  # SendGrid: "name:00000:<a@b> : Connection timed out"
    )
)
# Sentences that name the failed recipient.
_SENTENCES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:deliver(?:y|ed|ing)?|send|sent|message|mail|e-?mail|undeliverable|relayed|reach(?:ed)?|posting)\b[^@\n]{{0,60}}?"
        rf"\b(?:to|for|with)(?: the)?(?: following)?(?: recipients?| address| user| account| person| mailbox)?:?"
        rf"[\s<\"'\[(]{{1,3}}(?:mailto:)?({ADDRESS})",
        rf"(?:full|quota|unknown|exist|disabled|found|invalid|rejected|recipient)\b[^@\n]{{0,40}}[:(<\s]<?({ADDRESS})",
        rf"gateway for ({ADDRESS})",  # IceWarp
        rf"(?:message-id in|member of|article to|posted to) <?({ADDRESS})",  # fml
        rf"({ADDRESS})[>\"')]*\s*(?:\([^)]*\) )?(?:could ?n.t be|was ?n.t|is not|does not|cannot|has been"
        rf"|invalid|宛|様|さん|への|は)",
    )
)
_MARK_LINE = re.compile(
    r"contact|assistance|please (?:send|forward|e-?mail)|for further|support|help ?desk|sender\b|mail from|^\s*from\s*:"
    r"|reply|問い?合わ?せ|ご連絡|差出人|送信者|message-?id|^\s*cc\s*:|original sender|reporting-mta"
    r"|identities failed|sent by|von:|de :",
    re.I,
)
_GENERATED = re.compile(rf"(?:generated (?:by|from)|expanded from):?\s*<?({ADDRESS})", re.I)
_TRANSCRIPT = re.compile(r"\s*[45]\d\d ")  # Sendmail V5 tells the answer first, then whom it was about
_PLACE = re.compile(r"^\s+(?:save to |pipe to |\||/)\S")
MAX_FOUND = 200


@dataclass(slots=True)
class Mention:
    """A recipient a text names: the lines that speak of it, and the address it was made from by an alias."""

    address: str
    lines: list[str] = field(default_factory=list)
    made_from: str = ""

    def text(self) -> str:
        return "\n".join(self.lines)


def find_mentions(lines: list[str], own: frozenset[str]) -> list[Mention]:
    """Recipients named in the lines of a notice, in order, each once.

    own: addresses of the one who sent the mail; they are kept only if nobody else is named (mail to oneself)."""
    found = _by_line(lines)
    if not found:
        found = _by_sentence(lines)
    others = [mention for mention in found if mention.address.lower() not in own]
    return _merge(others or found)


def find_any(lines: list[str], own: frozenset[str], returned: str) -> list[Mention]:
    """The last resort: addresses in the notice that are neither the sender's nor offered for help: those that stand in
    the returned mail too, else the first."""
    found: list[Mention] = []
    for line in lines[:80]:
        if not _MARK_LINE.search(line):
            found += [Mention(m[0].rstrip("."), [line]) for m in _BARE.finditer(line) if m[0].lower() not in own]
    kept = [mention for mention in found if not mention.address.lower().startswith(("postmaster@", "abuse@"))]
    merged, lowered = _merge(kept), returned.lower()
    return [mention for mention in merged if mention.address.lower() in lowered][:3] or merged[:1]


def _by_line(lines: list[str]) -> list[Mention]:
    found: list[Mention] = []
    before: list[str] = []
    from_transcript = False
    for line in lines:
        mention = None if "@" not in line and not _PLACE.match(line) else _read_line(line)
        if mention:
            found.append(mention)
            from_transcript = _TRANSCRIPT.match(line) is not None
            mention.lines += [*before, line] if from_transcript else [line]
            before = []
            if len(found) >= MAX_FOUND:
                break
            continue
        before.append(line)
        if found and not from_transcript:
            found[-1].lines.append(line)
            made = _GENERATED.search(line) if not found[-1].made_from else None
            if made:
                found[-1].made_from = made[1]
                found[-1].address = found[-1].address or made[1]
    return [mention for mention in found if mention.address]


def _read_line(line: str) -> Mention | None:
    if "@" not in line:
        return Mention("")  # Exim: a file or program; whose, the line "generated by" says
    for form in _FORMS:
        match = form.search(line)
        if match and not _MARK_LINE.search(line, 0, match.start(1)):
            made = _GENERATED.search(line, match.end(1))
            return Mention(match[1].rstrip("."), [], made[1] if made else "")
    return None


def _by_sentence(lines: list[str]) -> list[Mention]:
    text = "\n".join(lines[:80])
    for joined in (text, text.replace("\n", " ")):
        for sentence in _SENTENCES:
            found = [Mention(m[1].rstrip("."), [m[0]]) for m in sentence.finditer(joined[:8000])]
            kept = [m for m in found if not _MARK_LINE.search(m.lines[0].replace("essage-ID in", ""))]
            if kept:
                return [Mention(mention.address, lines) for mention in kept[:MAX_FOUND]]
    return []


def _merge(mentions: list[Mention]) -> list[Mention]:
    """One mention for each address; what was said later about the same address is added."""
    merged: dict[str, Mention] = {}
    for mention in mentions:
        known = merged.get(mention.address.lower())
        if known is None:
            merged[mention.address.lower()] = mention
        elif known.lines is not mention.lines:
            known.lines += mention.lines
            known.made_from = known.made_from or mention.made_from
    return list(merged.values())
