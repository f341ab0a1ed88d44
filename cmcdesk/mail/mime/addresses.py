"""Address lists (RFC 5322 §3.4 and its obsolete forms) as they are met.

Nothing is judged: `abc..def@docomo.ne.jp` and `.x.@ezweb.ne.jp` are addresses of real people.
"""

import re
from dataclasses import dataclass, field

from cmcdesk.mail.mime.words import BLANKS, ENCODED_WORD, clean_text, decode_raw, decode_words

MAX_ADDRESSES = 30_000
MAX_OPEN_QUOTES = 100
"""Addresses of one field that are read, and quotes that nothing closes after which no more are looked for (ours)."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,400}"', re.DOTALL)
_LONG_QUOTED = re.compile(
    r'"(?:[^"\\<]++|\\.)*+"', re.DOTALL
)  # with a bracket inside it is rather one that nobody closed
_TOKEN = re.compile(
    rf"(?P<word>{ENCODED_WORD.pattern})|"
    r"(?P<literal>(?<=@)\[[^\]\s]*+\])|"
    r'(?P<angle><+(?:"[^"<>]{0,100}"|[^"<>]){0,400}>+)'
    r'|(?P<open><+)|(?P<special>[(),;:>"])|(?P<blank>\s++)|(?P<atom>[^\s()<>,;:"]++)',
    re.DOTALL,
)
_ROUTE = re.compile(r"^@[^:]*:")
_SCHEME = re.compile(r"(\[?)(?:mailto|smtp):", re.IGNORECASE)  # copied from a page, or from Exchange's address book
_OPEN_ANGLE = re.compile(r"[^,;<]*+")
_COMMENT_STEP = re.compile(r"\\.|[()]|[^\\()]++|\\", re.DOTALL)
_QUOTED_ALONE = re.compile(r'"[^"]*[^"@]@[^"@]+"')
_QUOTED_LOCAL_PART = re.compile(r'"[^"]*"@\S+')
_BLANK_RUN = re.compile(f"[{BLANKS}]+")  # not an ideographic space: it is a part of the name
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_LIST_IN_WORDS = re.compile(
    r"=\?[^?]{1,60}\?[Qq]\?[^?]{0,2000}<[^<>?]{1,400}@[^<>?]{1,400}>"
)  # brackets may not stand in a word
_LONE_WORD = re.compile(r"(?!=\?)[!#-~]+")
_ADDRESS_WORD = re.compile(r"(?:^|(?<=[\s<>\"'()]))[^\s<>\"'()@]++@[^\s<>\"'()]+")


@dataclass(frozen=True, slots=True)
class Address:
    """name: the decoded display name ("" where none); address: as written, without brackets ("" where none)."""

    name: str
    address: str


@dataclass(slots=True)
class _Mailbox:
    """One mailbox while it is read: the phrase or bare address, comments, and what stood in angle brackets."""

    phrase: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    angle_after: int = 0  # pieces of the phrase that stood before the bracket
    has_address: bool = False  # in the brackets
    ends_in_comma: bool = False

    def is_words(self) -> bool:
        """Whether it is a name alone, in which no address hides."""
        return bool(self.phrase) and self.angle is None and "@" not in decode_words("".join(self.phrase))

    def add(self, text: str, bare: str | None = None) -> None:
        self.phrase.append(text)
        self.bare.append(text if bare is None else bare)

    def open_angle(self, inside: str) -> "_Mailbox":
        """Take what stood in brackets. A second address begins another mailbox: between the two the comma is missing,
        and the words there are the second one's name. Returns the mailbox that has it."""
        has_address = "@" in decode_words(inside)
        if self.has_address and has_address:
            following = _Mailbox(self.phrase[self.angle_after :])
            del self.phrase[self.angle_after :]
            return following.open_angle(inside)
        if self.has_address:
            self.add(" ")
            return self
        if self.angle:
            self.phrase.insert(self.angle_after, f"<{self.angle.strip()}>")  # it was a word of the name
        self.angle, self.angle_after, self.has_address = inside, len(self.phrase), has_address
        return self


def read_addresses(raw: bytes, hint: str = "") -> list[Address]:
    """The addresses of one From, To or like field, in order; groups are opened. Total."""
    return parse_addresses(decode_raw(raw, hint))


def parse_addresses(text: str, *, again: bool = True) -> list[Address]:
    """As `read_addresses`, from unfolded text; again: whether an address inside an encoded word may be parsed too."""
    if again and _LIST_IN_WORDS.search(text):
        text, again = decode_words(text), False
    found = [address for mailbox in _split_list(text) for address in _finish(mailbox, again)]
    return [address for address in found if address.address] or found


def _split_list(text: str) -> list[_Mailbox]:
    """The mailboxes of a list, the names of groups left out."""
    found: list[_Mailbox] = []
    mailbox = _Mailbox()
    at, last_semicolon, open_quotes = 0, text.rfind(";"), 0
    while at < len(text) and len(found) < MAX_ADDRESSES:
        if text[at] == '"' and open_quotes < MAX_OPEN_QUOTES:
            quoted = _QUOTED.match(text, at) or (None if open_quotes else _LONG_QUOTED.match(text, at))
            if quoted:
                mailbox.add(_QUOTED_PAIR.sub(r"\1", quoted[0][1:-1]), quoted[0])
                at = quoted.end()
                continue
            open_quotes += 1
        token = _TOKEN.match(text, at)
        if not token:
            at += 1
            continue
        at = token.end()
        if token[0] == "(":
            comment, at = _read_comment(text, at)
            mailbox.comments.append(comment)
        elif token[0] in (",", ";"):
            mailbox = _end_mailbox(found, mailbox, is_comma=token[0] == ",")
        elif token[0] == ":" and at <= last_semicolon and mailbox.angle is None and "@" not in "".join(mailbox.bare):
            mailbox = _Mailbox()  # what stood before it was the name of a group
        elif token.lastgroup in ("open", "angle"):
            mailbox, at = _take_angle(found, mailbox, text, token)
        else:
            _take(mailbox, token)
    _end_mailbox(found, mailbox)
    return found


def _end_mailbox(found: list[_Mailbox], mailbox: _Mailbox, is_comma: bool = False) -> _Mailbox:
    """Add a mailbox to those found; the next, empty. Words before a comma that nobody quoted are the name's beginning:
    `Yamada, Taro <a@b>`."""
    before = found[-1] if found else None
    if before and before.ends_in_comma and mailbox.angle and mailbox.phrase and before.is_words():
        mailbox.phrase = [*before.phrase, ",", *mailbox.phrase]
        found.pop()
    mailbox.ends_in_comma = is_comma
    found.append(mailbox)
    return _Mailbox()


def _take(mailbox: _Mailbox, token: re.Match[str]) -> None:
    if token[0] not in ('"', ">"):
        mailbox.add(token[0])


def _take_angle(found: list[_Mailbox], mailbox: _Mailbox, text: str, token: re.Match[str]) -> tuple[_Mailbox, int]:
    """Take a bracket, closed or not: the mailbox that is read now, and from where."""
    inside, end = (token[0][1:-1], token.end()) if token["angle"] else _read_open_angle(text, token.end())
    if token["open"] and text[end : end + 1] == "<" and "@" not in decode_words(inside):
        mailbox.add(token[0])  # the address stands in the next bracket
        return mailbox, token.end()
    following = mailbox.open_angle(inside)
    if following is not mailbox:
        _end_mailbox(found, mailbox)
    return following, end


def _read_comment(text: str, at: int) -> tuple[str, int]:
    """The inside of a comment that starts at `at`, with comments inside it, and where it ends."""
    depth, start = 1, at
    while depth and at < len(text):
        step = _COMMENT_STEP.match(text, at)
        at = step.end() if step else len(text)
        depth += {"(": 1, ")": -1}.get(step[0] if step else "", 0)
    inside = text[start : at - 1] if depth == 0 else text[start:at]
    return re.sub(r"\\(.)", r"\1", inside), at


def _read_open_angle(text: str, at: int) -> tuple[str, int]:
    """What stands after a bracket that is never closed, as far as the next separator or bracket; and where it ends."""
    inside = _OPEN_ANGLE.match(text, at)
    return (inside[0], inside.end()) if inside else ("", at)


def _finish(mailbox: _Mailbox, again: bool) -> list[Address]:
    phrase = _BLANK_RUN.sub(" ", "".join(mailbox.phrase)).strip(" ")
    comment = clean_text(decode_words(" ".join(mailbox.comments))).strip(BLANKS)
    bare = " ".join("".join(mailbox.bare).split())
    if mailbox.angle is not None:
        found = [Address(_decode_name(phrase) or comment, _clean_address(mailbox.angle))]
    elif again and _QUOTED_ALONE.fullmatch(bare):
        inside = parse_addresses(phrase, again=False)  # somebody put the whole mailbox in quotes
        found = [Address(one.name or comment, one.address) for one in inside]
    elif "@" in bare or _LONE_WORD.fullmatch(bare):
        found = _split_bare(bare, phrase, comment)
    else:
        decoded = _decode_name(phrase)
        found = parse_addresses(decoded, again=False) if again and "@" in decoded else [Address(decoded, "")]
    return [address for address in found if address.name or address.address]


def _split_bare(bare: str, phrase: str, comment: str) -> list[Address]:
    """Addresses without brackets, mostly one; words beside it are the name, if they do not look like parts of it."""
    squeezed = re.sub(r"\s*([@.])\s*", r"\1", bare) if " " in bare else bare
    if " " not in squeezed or _QUOTED_LOCAL_PART.fullmatch(squeezed):
        return [Address(comment, _clean_address(squeezed))]
    words = list(_ADDRESS_WORD.finditer(phrase))
    if not words:
        return [Address(comment, _clean_address(squeezed))]
    if len(words) == len(phrase.split()):  # nothing but addresses: the commas are missing
        return [Address(comment, _clean_address(word[0])) for word in words]
    name = _decode_name(f"{phrase[: words[0].start()]} {phrase[words[0].end() :]}".strip())
    return [Address(name or comment, _clean_address(words[0][0]))]


def _decode_name(phrase: str) -> str:
    return " ".join(clean_text(decode_words(phrase)).split(" ")).strip(BLANKS)


def _clean_address(inside: str) -> str:
    text = decode_words(inside.strip().strip("<>").strip())
    text = _ROUTE.sub("", re.sub(r"\([^()]*\)", "", text)).strip()
    text = text if text.startswith('"') else re.sub(r"\s+", "", text)
    scheme = _SCHEME.match(text)
    return text[scheme.end() :].removesuffix("]" if scheme[1] else "") if scheme else text
