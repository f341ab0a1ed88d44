"""Mails that come to bounce addresses and are no bounces: RFC 3834 automatic replies and RFC 5965 complaints (ARF).

An automatic reply goes to the Return-Path with a null or the person's own sender and "Auto-Submitted: auto-replied"; a
complaint is multipart/report as a bounce is, but of report-type feedback-report.
"""

from simulator.traffic.charsets import LABELS, encode_text, encode_words
from simulator.traffic.kinds import Case, Dialect, Kind
from simulator.traffic.layout import declare_8bit, draw_address, draw_token, draw_uuid, format_date, join

_KINDS = (
    Kind("replies/auto-reply", "en", ()),
    Kind("replies/auto-reply-ja", "ja", ()),
    Kind("replies/out-of-office", "en", ()),
    Kind("replies/out-of-office-ja", "ja", ()),
    Kind("replies/complaint", "en", ()),
)

_TEXTS = {
    "replies/auto-reply": (
        "Re: your mail",
        "Thank you for your message. We have received it and will answer within two working days.\n"
        "This is an automatic reply; please do not answer it.\n",
    ),
    "replies/auto-reply-ja": (
        "自動返信: お問い合わせを受け付けました",
        "メールをお送りいただきありがとうございます。\n2 営業日以内にご返信いたします。\n"
        "このメールは自動返信です。返信されてもお答えできません。\n",
    ),
    "replies/out-of-office": (
        "Out of office",
        "I am out of the office until Monday and cannot read my mail. In urgent cases please call +81 3 0000 0000.\n",
    ),
    "replies/out-of-office-ja": (
        "不在通知",
        "申し訳ございませんが、ただいま休暇中のため不在にしております。\n月曜日以降に順次ご返信いたします。\n",
    ),
}


def write(case: Case) -> bytes:
    """Return the reply or the complaint."""
    return _write_complaint(case) if case.kind.name == "replies/complaint" else _write_reply(case)


def _write_reply(case: Case) -> bytes:
    subject, text = _TEXTS[case.kind.name]
    charset = "iso-2022-jp" if case.kind.language == "ja" else "us-ascii"
    author = f"yamada.{draw_token(case.rng, 3).lower()}@customer.example"
    suppress = "X-Auto-Response-Suppress: All\n" if "out-of-office" in case.kind.name else "Precedence: bulk\n"
    return join(
        f"Date: {format_date(case.moment)}\nFrom: {author}\nTo: {case.return_address}\n"
        f"Subject: {encode_words(subject, charset)}\nMessage-ID: <{draw_uuid(case.rng)}@customer.example>\n"
        f"In-Reply-To: {case.original.message_id}\nReferences: {case.original.message_id}\n"
        f"Auto-Submitted: auto-replied\n{suppress}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset={LABELS[charset]}\nContent-Transfer-Encoding: 7bit\n\n",
        encode_text(text, charset),
    )


def _write_complaint(case: Case) -> bytes:
    boundary = f"part_{draw_token(case.rng, 20)}"
    address = draw_address(case.rng)
    return join(
        f"Date: {format_date(case.moment)}\nFrom: <feedback@arf.example.net>\nTo: {case.return_address}\n"
        f"Subject: complaint about message from {address}\n"
        f"Message-ID: <{draw_uuid(case.rng)}@arf.example.net>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=feedback-report;\n boundary="{boundary}"\n\n'
        f'--{boundary}\nContent-Type: text/plain; charset="US-ASCII"\nContent-Transfer-Encoding: 7bit\n\n'
        "This is an email abuse report for an email message received from IP\n"
        f"{address} on {format_date(case.arrival)}.\n"
        "For more information about this format please see\nhttp://www.mipassoc.org/arf/.\n\n"
        f"--{boundary}\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\n"
        f"Version: 1\nOriginal-Mail-From: <{case.return_address}>\nSource-IP: {address}\n"
        f"Arrival-Date: {format_date(case.arrival)}\n\n"
        f"--{boundary}\nContent-Type: message/rfc822\nContent-Disposition: inline\n"
        f"{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


DIALECT = Dialect("replies", "RFC 3834, RFC 5965", _KINDS, write)
