"""Odd but real mails: how programs write the name of a file. Each is (name, octets, what must be read)."""

from tests.mail.mime.odd_mail import Odd, b_word, file
from tests.mail.mime.odd_parts import PDF, TEXT, mixed


def file_names() -> list[Odd]:
    """How programs write a file name (RFC 2183, RFC 2231, RFC 2047 against the rule, raw)."""
    name = "見積書.pdf"
    pct = b"%E8%A6%8B%E7%A9%8D%E6%9B%B8.pdf"
    jis = "見積書".encode("iso-2022-jp")
    forms: dict[str, tuple[bytes, str]] = {
        "2231": (b"filename*=utf-8''" + pct, name),
        "2231 in quotes": (b"filename*=\"utf-8''" + pct + b'"', name),
        "2231 with language": (b"filename*=UTF-8'ja'" + pct, name),
        "2231 jis": (b"filename*=iso-2022-jp''%1B%24B8+%40Q%3Dq%1B%28B.pdf", name),
        "2231 without charset": (b"filename*=''" + pct, name),
        "2231 without apostrophes": (b"filename*=" + pct, name),
        "2231 sections": (b"filename*0*=utf-8''%E8%A6%8B; filename*1*=%E7%A9%8D%E6%9B%B8; filename*2=.pdf", name),
        "2231 character over sections": (b"filename*0*=utf-8''%E8%A6; filename*1*=%8B%E7%A9%8D%E6%9B%B8.pdf", name),
        "2231 percent cut between sections": (
            b"filename*0*=utf-8''%E8%A6%8; filename*1*=B%E7%A9%8D%E6%9B%B8.pdf",
            name,
        ),
        "2231 percent sign alone at the end": (
            b"filename*0*=utf-8''%E8%A6%; filename*1*=8B%E7%A9%8D%E6%9B%B8.pdf",
            name,
        ),
        "2231 sections out of order": (b"filename*1*=%E7%A9%8D%E6%9B%B8.pdf; filename*0*=utf-8''%E8%A6%8B", name),
        "2231 a section twice": (b'filename*0="a"; filename*0="x"; filename*1=".pdf"', "a.pdf"),
        "2231 and a plain one": (b"filename=\"mitsumori.pdf\"; filename*=utf-8''" + pct, name),
        "2231 and a plain one, other order": (b"filename*=utf-8''" + pct + b'; filename="mitsumori.pdf"', name),
        "2231 plain sections with apostrophes": (
            b'filename*0="O\'Neil\'s rep"; filename*1="ort.pdf"',
            "O'Neil's report.pdf",
        ),
        "2231 plain sections, two apostrophes at once": (b'filename*0="a\'\'b"; filename*1=".pdf"', "a''b.pdf"),
        "2231 plain sections with percent": (b'filename*0="50%25"; filename*1=".pdf"', "50%25.pdf"),
        "2231 apostrophes in the value": (b"filename*=utf-8''O%27Neil's%20report.pdf", "O'Neil's report.pdf"),
        "2231 ten sections": (
            b"; ".join(b'filename*%d="%c"' % (i, 97 + i) for i in range(11)) + b'; filename*11=".pdf"',
            "abcdefghijk.pdf",
        ),
        "2231 folded": (b"\r\n\tfilename*0*=utf-8''%E8%A6%8B;\r\n\tfilename*1*=%E7%A9%8D%E6%9B%B8.pdf", name),
        "encoded word in quotes": (b'filename="' + b_word(name.encode()) + b'"', name),
        "encoded word bare": (b"filename=" + b_word(name.encode()), name),
        "encoded words folded in quotes": (
            b'filename="' + b_word("見積".encode()) + b"\r\n " + b_word("書.pdf".encode()) + b'"',
            name,
        ),
        "jis word": (b'filename="' + b_word(jis + b".pdf", b"ISO-2022-JP") + b'"', name),
        "shift_jis word": (b'filename="' + b_word(name.encode("cp932"), b"SHIFT_JIS") + b'"', name),
        "raw utf-8": ('filename="見積書.pdf"'.encode(), name),
        "raw shift_jis": ('filename="見積書.pdf"'.encode("cp932"), name),
        "raw shift_jis with 5C": ('filename="予定表.pdf"'.encode("cp932"), "予定表.pdf"),
        "raw euc": ('filename="見積書の件.pdf"'.encode("euc_jp"), "見積書の件.pdf"),
        "raw jis": (b'filename="' + jis + b'.pdf"', name),
        "semicolon in quotes": (b'filename="a;b.pdf"', "a;b.pdf"),
        "escaped quote": (b'filename="a\\"b.pdf"', 'a"b.pdf'),
        "blanks without quotes": (b"filename=my report.pdf", "my report.pdf"),
        "brackets without quotes": (b"filename=report[1].pdf", "report[1].pdf"),
        "blanks around =": (b'filename = "a.pdf"', "a.pdf"),
        "comment behind": (b'filename="a.pdf" (a comment)', "a.pdf"),
        "comment before": (b'(a comment) filename="a.pdf"', "a.pdf"),
        "no semicolon before the next": (b'filename="a.pdf" size=10', "a.pdf"),
        "quotes and brackets in quotes": (b'filename="report "final" (1).pdf"', 'report "final" (1).pdf'),
        "2231 without its star": (b"filename=utf-8''" + pct, name),
        "2231 without its star, in quotes": (b"filename=\"UTF-8''" + pct + b'"', name),
        "apostrophes and a percent code": (b"filename=\"the '80s' 50%25.pdf\"", "the '80s' 50%25.pdf"),
        "folder with a slash at the end": (b'filename="out/a.pdf/"', "a.pdf"),
        "semicolon at the end": (b'filename="a.pdf";', "a.pdf"),
        "no closing quote": (b'filename="a.pdf', "a.pdf"),
        "capitals": (b'FILENAME="a.pdf"', "a.pdf"),
        "other parameters before": (
            b'size=12; creation-date="Mon, 6 Oct 2025 10:00:00 +0900"; filename="a.pdf"',
            "a.pdf",
        ),
        "japanese without quotes": ("filename=見積書.pdf".encode(), name),
    }
    made = []
    for odd, (parameter, want) in forms.items():
        head = (
            b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
            + parameter
        )
        made.append(Odd(f"file name: {odd}", mixed(head), {"text": TEXT, "attachments": [file(want, PDF)]}))
        typed = (
            b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\nContent-Type: application/pdf; "
            + parameter.replace(b"filename", b"name").replace(b"FILENAME", b"NAME")
        )
        made.append(Odd(f"name of the type: {odd}", mixed(typed), {"text": TEXT, "attachments": [file(want, PDF)]}))
    return made


ALL = file_names()
