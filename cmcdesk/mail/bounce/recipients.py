"""Whom a text without machine-readable fields says it failed to reach, and what it says about each."""

import re
from dataclasses import dataclass, field

from cmcdesk.mail.bounce.phrases.naming import ASIDE, GENERATED, HOLE, LINES, SENDER, SENTENCES
from cmcdesk.mail.mime.words import decode_field

# RFC 5322 atext and RFC 6531's UTF-8; in angle brackets whatever stands there. A Japanese sentence may go on right
# behind a domain, so that a label in ASCII ends where other letters begin, and kana stand only before a dot.
_LETTERS = "\u0080-\u2fff\u3400-\uffef"
_KANA = "\u3005\u3040-\u30ff"
ADDRESS = re.compile(
    r"(?:\"[^\"\n@<>]{1,64}\"|[^\s<>()\[\],;:\"・●■◆○◎□※「」『』（）【】：；，、。＜＞\x00@]{1,120})@(?:"
    r"\[(?:[Ii][Pp][Vv]6:[0-9A-Fa-f:.]{2,45}|(?:\d{1,3}\.){3}\d{1,3})\]"
    r"|(?<=@)[^\s<>@\"\x00]{1,250}(?=>)"
    rf"|(?:[\w\-%\u00c0-\u024f]{{1,63}}\.|[{_LETTERS}{_KANA}][\w\-{_LETTERS}{_KANA}]{{0,62}}\.){{0,12}}"
    rf"(?:[\w\-\u00c0-\u024f]{{1,63}}|みんな|テスト|コム|ストア|セール|クラウド|[{_LETTERS}]{{1,63}}))",
    re.A,  # and no re.I, which would unfold the classes letter by letter when it is compiled
)
# In a header field, where names stand beside addresses
_FIELD_ADDRESS = re.compile(
    r"(?:\"[^\"\n@<>]{1,64}\"|[^\s<>()\[\],;:\"@]{1,128})@(?:[\w.\-\u0080-\uffff]{1,255}|\[[\d.]{7,15}\])"
)
_WRAPPED = "'`*|/_"  # what notices put around an address, and what may stand within one
_SOURCE_ROUTE = re.compile(r"<(?:@[^\s<>,:@]{1,250},?){1,20}:")  # RFC 5321 §4.1.2: <@relay,@relay:user@domain>
_GLUED = re.compile(
    r"^.*(?:[はがをにへでとのも]|.{3}[\u3041-\u3096]|宛て?|先|アドレス|ユーザー?|者|メール)(?=\w)", re.A
)
_PREFIX = re.compile(r"^(?:smtp|rfc-?822|dda:smtp|mailto|to|for|email|address)=", re.I)
_TRANSCRIPT = re.compile(r"\s*[45]\d\d ")  # Sendmail V5 tells the answer first, then whom it was about
_RULER = re.compile(r"\s*(?:-{4,}|={4,}|\*{4,})")  # what stands below is about all recipients
_PLACE = re.compile(r"^\s+(?:save to |pipe to |\||/)\S")
_NEXT = re.compile(rf"[>\"']?\s{{0,4}}(?:[,;、，]|\band\b)\s{{0,4}}[<\"']?{HOLE}")  # the next of a list on one line
_ALONE = " \t<>[]\"'*•·-,;"  # what may stand around an address that stands alone on its line
_HELP = re.compile(r"(?:postmaster|abuse|[^@]+-(?:request|owner))@", re.I)  # whom to ask; RFC 2142 §6: -request
_ENDS = ("\n", ". ", "。")
MAX_FOUND = 200
MAX_SHARED = 6  # lines below a list that are taken as said of each address of it


@dataclass(slots=True)
class Mention:
    """A recipient a text names: the lines that speak of it, and the address it was made from by an alias."""

    address: str
    lines: list[str] = field(default_factory=list)
    made_from: str = ""
    shared: list[str] = field(default_factory=list)  # what is said of others too, where its own lines tell nothing

    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def find_mentions(lines: list[str], own: frozenset[str]) -> list[Mention]:
    """Recipients named in the lines of a notice, in order, each once.

    own: addresses of the one who sent the mail; they are kept only if nobody else is named (mail to oneself)."""
    found = _by_line(lines)
    if all(is_help(mention.address) for mention in found):  # a signature, if a sentence names another
        found = _by_sentence(lines) or found
    others = [mention for mention in found if mention.address.lower() not in own]
    return _merge(others or found)


def is_help(address: str) -> bool:
    """True for an address that notices offer for questions."""
    return _HELP.match(address) is not None


def presents_recipient(text: str) -> bool:
    """True if some line presents an address as mail systems present a failed recipient."""
    return bool(_by_line(text.split("\n")))


def find_any(lines: list[str], own: frozenset[str], returned: str) -> list[Mention]:
    """The last resort: addresses in the notice that are neither the sender's nor offered for help: those that stand in
    the returned mail too, else the first."""
    found: list[Mention] = []
    for line in lines[:80]:
        template, addresses = hide_addresses(line) if "@" in line else ("", [])
        if addresses and not ASIDE.search(template):  # the names of hosts are no words
            senders = {address_at(template, match.end() - 1, addresses) for match in SENDER.finditer(template)}
            found += [Mention(one, [line]) for one in addresses if one.lower() not in own and one not in senders]
    kept = [mention for mention in found if not is_help(mention.address)]
    merged, lowered = _merge(kept), returned.lower()
    return [mention for mention in merged if mention.address.lower() in lowered][:3] or merged[:1]


def _by_line(lines: list[str]) -> list[Mention]:
    found: list[Mention] = []
    before: list[str] = []
    from_transcript = ended = False
    for line in lines:
        mentions = None if "@" not in line and not _PLACE.match(line) else _read_line(line)
        if mentions:
            found += mentions
            from_transcript = _TRANSCRIPT.match(line) is not None
            mentions[0].lines += [*_about_none_else(before, mentions[0].address), line] if from_transcript else [line]
            before, ended = [], False
            if len(found) >= MAX_FOUND:
                break
            continue
        before.append(line)
        ended = ended or _RULER.match(line) is not None
        if found and not from_transcript and not ended:
            found[-1].lines.append(line)
            made_from = _find_source(line) if not found[-1].made_from else ""
            if made_from:
                found[-1].made_from = made_from
                found[-1].address = found[-1].address or made_from
    if len(found) > 1:
        _share_below(found)
    return [mention for mention in found[:MAX_FOUND] if mention.address]


def _about_none_else(lines: list[str], address: str) -> list[str]:
    """The lines of a transcript without what is about somebody else: a last answer, and above it one that names him."""
    answers = [number for number, line in enumerate(lines) if line.lstrip().startswith("<<<")]
    others = [number for number in answers[:-1] if "@" in lines[number] and address not in lines[number]]
    return lines[others[-1] + 1 :] if others else lines


def _share_below(found: list[Mention]) -> None:
    """Addresses that stand alone on lines that follow each other are a list: what is said below is about each."""
    for mention, following in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        if _stands_alone(mention) and _stands_alone(following) and not "".join(mention.lines[1:]).strip():
            mention.lines += following.lines[1 : 1 + MAX_SHARED]


def _stands_alone(mention: Mention) -> bool:
    return mention.lines[0].strip(_ALONE) == mention.address


def _read_line(line: str) -> list[Mention]:
    """Whom the line presents, with one list for the lines about all of them."""
    if "@" not in line:
        return [Mention("")]  # Exim: a file or program; whose, the line "generated by" says
    template, addresses = hide_addresses(line)
    if not addresses:
        return []
    for form in LINES:
        match = form.search(template)
        if match and not ASIDE.search(template, 0, match.start(1)):
            source, about = _find_source(line), list[str]()
            return [Mention(address, about, source) for address in _list_from(template, match.start(1), addresses)]
    return []


def _list_from(template: str, position: int, addresses: list[str]) -> list[str]:
    """The address at the position, and those that follow it in a list on the same line."""
    if len(addresses) == 1:
        return addresses
    found = [address_at(template, position, addresses)]
    match = _NEXT.match(template, position + 1)
    while match and len(found) < MAX_FOUND:
        found.append(address_at(template, match.end() - 1, addresses))
        match = _NEXT.match(template, match.end())
    return found


def _find_source(line: str) -> str:
    """The address that an alias made another of: Exim's "generated from", Postfix's and Sendmail's "expanded from"."""
    if "@" not in line or ("generated" not in line and "expanded" not in line):
        return ""
    template, addresses = hide_addresses(line)
    match = GENERATED.search(template)
    return address_at(template, match.start(1), addresses) if match else ""


def _by_sentence(lines: list[str]) -> list[Mention]:
    text = "\n".join(lines[:80])[:8000]
    for joined in (text, text.replace("\n", " ")):
        template, addresses = hide_addresses(joined)
        if not addresses:
            return []
        for sentence in SENTENCES:
            kept = [m for m in sentence.finditer(template) if not ASIDE.search(_before(template, m))]
            if kept:
                return _about_each(lines, template, addresses, [match.start(1) for match in kept[:MAX_FOUND]])
    return []


def _about_each(lines: list[str], template: str, addresses: list[str], positions: list[int]) -> list[Mention]:
    """Who stands at these positions. Of one all is said; of several, what reaches from his sentence to the next's."""
    named = [(position, _list_from(template, position, addresses)) for position in sorted(positions)]
    if len({address.lower() for _, listed in named for address in listed}) == 1:
        return [Mention(named[0][1][0], lines)]
    begins = [_begin_of_sentence(template, position) for position, _ in named]
    found: list[Mention] = []
    for begin, (_, listed) in zip(begins, named, strict=True):
        end = next((later for later in begins if later > begin), len(template))
        pieces = template[begin:end].split(HOLE)
        first = template.count(HOLE, 0, begin)
        filled = zip(pieces, [*addresses[first : first + len(pieces) - 1], ""], strict=True)
        own = "".join(piece + address for piece, address in filled).split("\n")
        found += [Mention(address, own, shared=lines) for address in listed]
    return found[:MAX_FOUND]


def _begin_of_sentence(template: str, position: int) -> int:
    return max(template.rfind(end, 0, position) + len(end) if end in template[:position] else 0 for end in _ENDS)


def _before(template: str, match: re.Match[str]) -> str:
    """The line up to the address that is meant, with what the form itself took of the lines above."""
    begin = min(match.start(), template.rfind("\n", 0, match.start(1)) + 1)
    return template[max(begin, match.start() - 60) : match.start(1)].replace("essage-ID in", "")


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


def find_addresses(value: str) -> tuple[str, ...]:
    """Bare addresses in a header value, in order. UTF-8 in the octets of a raw value (RFC 6532) is read."""
    if not value.isascii():
        octets = octets_of(value)
        value = decode_field(octets) if octets else value
    return tuple(dict.fromkeys(match[0].rstrip(".") for match in _FIELD_ADDRESS.finditer(value[:8000])))


def octets_of(value: str) -> bytes:
    """The octets of a raw value, read as latin-1; empty if the value is decoded already."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return b""
