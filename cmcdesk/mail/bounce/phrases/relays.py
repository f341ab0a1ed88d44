"""What a relay says of its own around a remote server's answer. The answer must mean the same whoever relayed it."""

import re

from cmcdesk.mail.mime.charsets import decode_octets

MAX_TEXT = 6000  # characters of one text that are looked at
# Amazon SES until 2012: its own summary first, then the remote answer: 5.1.0 - Unknown address error 550-'5.7.1 …'
_OWN_SUMMARY = re.compile(r"^[45]\.\d\.\d - [\w ,/]{3,60}? (?=[45]\d\d-')")
# What Postfix, Exim and others say in every notice, behind a word that stands in it; "recipients … unknown" must not be
# read out of it
_SAID_ALWAYS = {
    word: re.compile(sentence, re.I)
    for word, sentence in {
        "more": r"to\s+one\s+or\s+more\s+(?:of\s+(?:its|your|the)\s+)?(?:other\s+)?recipients"
        r"|after\s+one\s+or\s+more\s+unsuccessful\s+delivery\s+attempts",
        "following": r"(?:for|to)\s+(?:the\s+)?following\s+(?:list\s+of\s+)?(?:recipients?(?:\(s\))?|addresse?s?)\b",
        "virus": r"\bno\s+virus(?:es)?\s+(?:was\s+|were\s+)?(?:found|detected)|\bvirus[\s-]free\b"  # who scans
        r"|\b(?:scanned|checked)\s+for\s+viruses(?:\s+(?:and|&)\s+(?:spam|dangerous\s+content))?",
        "for spam": r"\b(?:scanned|checked)\s+for\s+spam(?:\s+(?:and|&)\s+(?:viruses|dangerous\s+content))?",
        "remote mail": r"\bsmtp\s+error\s+from\s+remote\s+mail(?:er|\s+server)\b",  # Exim, before the answer
        "(es)": r"\baddress\(es\)\s+failed:",
        "permanent": r"\bthis\s+is\s+a\s+permanent\s+error\b",
        "could mean": r"\(could\s+mean\s[^()\n]{1,100}\)",
        "automatically": r"\bmessage\s+was\s+created\s+automatically\s+by\s+mail\s+delivery\s+software",
        "mail system": r"\bmail\s+system\s+at\s+host\b",
        "given": r"\bi've\s+given\s+up",
        "giving": r"\bgiving\s+up\s+on\s+(?:\S+\d|\S+\.\S+)",
        "some mail": r"\bsome\s+mail\s+systems\s+refuse\s+messages\s+with\s+invalid\s+header\s+information,"
        r"\s+or\s+if\s+they\s+are\s+too\s+large",  # InterMail, whatever it was
        "recipient domain": r"\bwas\s+rejected\s+by\s+(?:the\s+server\s+for\s+)?the\s+recipient\s+domain",  # Google
    }.items()
}
_AROUND = 200  # characters before and behind the word in which the sentence stands
# Sendmail adds a line of its own to each answer: "<<< 552 5.3.4 …" and then "554 5.0.0 Service unavailable"
_SENDMAIL = re.compile(r"^(<<< [45]\d\d.*\n(?:<<<.*\n)*)[45]\d\d [45]\.\d\.\d .*$", re.M)
# What went well in a talk that is shown (MDaemon, hMailServer): "<-- 250-STARTTLS" demands nothing, "Resolving MX
# records" found them
_WENT_WELL = re.compile(
    r"^(?:[^\n\]]{0,80}+\] | ?\w{3} \d{4}-\d\d-\d\d [\d:]{8}: )?+"
    r"(?:(?:<--|<<<|-->|>>>) ?(?:[23]\d\d[ -]|(?:EHLO|HELO|STARTTLS|QUIT)\b)"
    r"|(?:resolving (?:mx|a|aaaa) records?|attempting smtp connection|ssl negotiation successful)\b).*$",
    re.I | re.M,
)
# qmail begins with what it makes of the answer, then gives it
_QMAIL = re.compile(r"(?:does not like recipient|failed after I sent the message)\.\s+(?=Remote host said:)", re.I)
# The subject of the mail that failed, whose words are the sender's; the fields of a report that name servers
_SUBJECT = re.compile(
    r"^[ \t>*]*(?:subject|件名|題名|betreff|objet|asunto|oggetto"
    r"|(?:reporting|remote|received-from)-mta)[ \t]*[:\uff1a].*$",
    re.I | re.M,
)
# Who sent it, from where: a label, and an address or a host
_SENDER = re.compile(
    r"^[ \t>*]*(?:envelope |original )?sender(?: (?:address|domain|ip|host|server))?[ \t]*:"
    r"[ \t]*(?=\S{0,250}[@.])\S{1,250}[ \t]*$",
    re.I | re.M,
)
# A part's own fields, where a broken mail shows them among the words; what stands above parts for old programs
_PART_FIELDS = re.compile(
    r"^[ \t>]*(?:content-(?:type|transfer-encoding|description|disposition)[ \t]*:|mime-version[ \t]*:"
    r"|this is a (?:mime-encapsulated|multi-?part)\b).*$",
    re.I | re.M,
)
_SUBJECT_WITHIN = re.compile(r"\bsubject(?: line)?(?: of| is|:)? ?(?:\([^()\n]{0,200}\)|\"[^\"\n]{0,200}\")", re.I)
_OCTETS = re.compile(r"(?:\\[0-3][0-7]{2})+")


def strip_relay(text: str) -> str:
    """The text without what a relay says of its own, and without the failed mail's subject."""
    text = _OWN_SUMMARY.sub("", text[:MAX_TEXT])
    lowered = text.lower()
    for word, sentence in _SAID_ALWAYS.items():
        if word in lowered:
            text = _cut_around(text, word, sentence)
    if "<<<" in text:
        text = _SENDMAIL.sub(r"\1", text)
    if "<--" in text or "<<< 2" in text or "<<< 3" in text:
        text = _WENT_WELL.sub("", text)
    if "Remote host said" in text:
        text = _QMAIL.sub("", text)
    if "sender" in lowered:
        text = _SENDER.sub("", text)
    if "content-" in lowered:
        text = _PART_FIELDS.sub("", text)
    if "subject" in lowered or "-mta" in lowered or not text.isascii():
        text = _SUBJECT_WITHIN.sub(" ", _SUBJECT.sub("", text))
    return text


def _cut_around(text: str, word: str, sentence: re.Pattern[str]) -> str:
    """Without the sentence, which is looked for near the word alone: a search without regard to case is slow."""
    lowered = text.lower()
    begin = max(0, lowered.find(word) - _AROUND)
    end = lowered.rfind(word) + _AROUND
    return text[:begin] + sentence.sub("", text[begin:end]) + text[end:]


def decode_octal(text: str) -> str:
    """Exim writes a reply's octets over 127 as \\ooo: "550 \\345\\256\\233…". Others' backslashes are left alone."""
    return _OCTETS.sub(_decode, text) if "\\" in text else text


def _decode(match: re.Match[str]) -> str:
    octets = bytes(int(number, 8) for number in match[0].split("\\")[1:])
    if min(octets) < 0x80:
        return match[0]
    return decode_octets(octets, "").text
