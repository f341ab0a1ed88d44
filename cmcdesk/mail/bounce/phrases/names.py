"""Names in a mail system's words: addresses, URLs, hosts, files, mailboxes. What a name looks like is no cause.

A host called mx.ube-k.ac.jp, a mailbox called "spam" and a file virus.zip say nothing about why a mail failed, so they
are taken out before phrases are sought.
"""

import re

_GENERIC = frozenset((
    "com", "net", "org", "info", "biz", "edu", "gov", "mil", "int", "name", "pro", "mobi", "asia", "tel", "jobs",
    "cat", "coop", "aero", "museum", "travel", "post", "arpa", "app", "dev", "cloud", "online", "site", "shop",
    "store", "tech", "xyz", "top", "club", "live", "life", "work", "world", "website", "space", "host", "services",
    "systems", "solutions", "network", "company", "center", "tokyo", "osaka", "nagoya", "yokohama", "kyoto",
    "okinawa", "ryukyu", "agency", "digital", "media", "news", "blog", "art", "design", "global", "group", "one",
    "ltd", "inc", "bank", "moe", "page", "link", "click", "works", "tools", "wiki", "zone", "email", "mail",
    "example", "test", "invalid", "localhost", "local", "localdomain", "lan", "internal", "intranet", "corp",
    "home", "private",
))  # fmt: skip
_FILES = frozenset((
    "exe", "zip", "rar", "7z", "lzh", "gz", "tgz", "tar", "pdf", "doc", "docx", "docm", "xls", "xlsx", "xlsm",
    "ppt", "pptx", "txt", "csv", "rtf", "html", "htm", "js", "vbs", "bat", "cmd", "scr", "pif", "lnk", "iso", "img",
    "jar", "msi", "dll", "eml", "msg", "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp3", "mp4", "mov",
    "xml", "json", "ics", "php", "cgi", "cfg", "conf", "log",
))  # fmt: skip
# An address or a URL; a host before its address in brackets; words joined by dots. Letters beyond ASCII end a name: in
# Japanese the sentence goes on right behind it.
_NAME = re.compile(
    r"[Hh][Tt][Tt][Pp][Ss]?:/?/?[!-~]*|<[^<>\s@]{1,250}+@[^<>\s]{1,250}>|(?<![!-~])[!-?A-~]*+@[!-~]+"
    r"|(?<![\w/.])(?:/[\w.-]{1,63}+){2,20}+|\b[Hh]ost [\w.-]{1,250}(?= ?\[\d)"
    r"|(?<![\w.-])[\w-]{1,63}+(?:(?:\.[\w-]{1,63}+){1,20}+|(?=\[(?:\d{1,3}\.\d|IPv6:)))",
    re.A,
)
# The word in front of a mailbox's name; such a word may be the name itself, then only quotes and brackets tell it.
_NOUNS = (
    "user", "username", "mailbox", "account", "recipient", "part", "address", "alias", "name", "for", "to", "userid",
    "group", "list", "unknown",
)  # fmt: skip
_COMMON = frozenset([*_NOUNS, "mail", "email", "users", "is", "no", "not", "has", "invalid", "full", "disabled"])
_BEFORE = "|".join([*_NOUNS, "ユーザー?"])


def hide_names(text: str) -> str:
    """The text with a space for each address, URL, host, file and path."""
    if "." not in text and "@" not in text and "[" not in text and "/" not in text:
        return text
    return _NAME.sub(_hide, text)


def hide_mailbox(text: str, local_part: str) -> str:
    """The text with a space for each place where the local part stands as the mailbox's name.

    A local part such as "user" is a common word too, hence only where a name stands."""
    if not local_part or local_part.lower() not in text.lower():
        return text
    return _mailbox_form(local_part).sub(_keep_noun, text)


def _keep_noun(match: re.Match[str]) -> str:
    return f"{match[1]} " if match.lastindex else " "


def _mailbox_form(local_part: str) -> re.Pattern[str]:
    name = re.escape(local_part)
    forms = rf"[\"'`<\[(]\s*{name}\s*[\"'`>\])]"
    if local_part.lower() not in _COMMON:
        forms += rf"|(?<=[:;] ){name}(?=\s*(?:[.,;()\[\]\-]|$))|(?<![\w.-]){name}(?=\.\.\.|\s?: )"
        forms += rf"|(?<![\w-])({_BEFORE})\s{{1,3}}{name}(?![\w-])"
    return re.compile(forms, re.I | re.M)


def _hide(match: re.Match[str]) -> str:
    name = match[0]
    return " " if _is_name(name) or match.string.startswith("[", match.end()) else name


def _is_name(token: str) -> bool:
    if "@" in token or ":" in token or "." not in token or token[0] == "/":
        return True
    labels = token.strip(".").split(".")
    last = labels[-1].lower()
    if labels[-1].istitle() and not token.istitle():  # "user unknown.Please": two sentences, no host
        return False
    if last in _GENERIC or last in _FILES:
        return True
    if not last.isalpha() or not (labels[-1].islower() or labels[-1].isupper()):
        return False
    return len(last) == 2 or (len(labels) > 2 and len(last) <= 24 and any(label.islower() for label in labels))
