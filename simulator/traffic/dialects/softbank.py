"""SoftBank and Y!mobile: SendMagic, 「SMTP応答コード【SoftBank編】」; Willcom's notice as nobuneko.com shows it.

SoftBank refuses in SMTP ("550 Invalid recipient: <a@softbank.ne.jp>", "553 … does not exist"): the notice is the plain
text, in ISO-2022-JP and without any report, of the relay that tried; its Japanese sentences are ours. pdx.ne.jp
(Willcom, now Y!mobile) accepts first and then bounces in its own name with an old Postfix text and its own reason.
"""

from simulator.traffic.charsets import encode_text, encode_words
from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import HEX, UPPER, declare_8bit, draw_token, fold, format_date, join

_RELAY = "relay1.example.or.jp"
_PDX = "mc-imt12-g.dav.pdx.ne.jp"

_INVALID = Fault("unknown-user", None, "550", "550 Invalid recipient: <{recipient}>")
_SENDER = Fault("policy", None, "553", "553 return.example.com does not exist")
_PDX_FULL = Fault(
    "over-quota",
    "5.0.0",
    "552",
    "552 We failed to deliver mail because the volume of recipient's mailbox exceeded the local limit. {recipient}",
)

_KINDS = (
    Kind("softbank/unknown-user", "ja", (_INVALID,)),
    Kind("softbank/sender-domain", "ja", (_SENDER,)),
    Kind("softbank/ymobile-over-quota", "en", (_PDX_FULL,)),
)


def write(case: Case) -> bytes:
    """Return the relay's plain notice, or Y!mobile's own report."""
    return _write_ymobile_report(case) if "/ymobile-" in case.kind.name else _write_notice(case)


def _write_notice(case: Case) -> bytes:
    told = "".join(
        f"  <{one.recipient}>\n    {one.remote} が次のように応答しました:\n    {one.text}\n\n" for one in case.failures
    )
    text = (
        "メールサーバからのお知らせです。\n次の宛先へのメールは、エラーのため送信できませんでした。\n\n"
        f"{told}送信されたメールのヘッダは以下のとおりです。\n----------------------------------------\n"
    )
    return join(
        f"Date: {format_date(case.moment)}\nFrom: MAILER-DAEMON@{_RELAY}\nTo: {case.return_address}\n"
        f"Subject: {encode_words('送信エラーのお知らせ', 'iso-2022-jp')}\n"
        f"Message-Id: <{draw_token(case.rng, 16, HEX)}@{_RELAY}>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: 7bit\n"
        "Auto-Submitted: auto-replied\n\n",
        encode_text(text, "iso-2022-jp"),
        case.original.header,
    )


def _write_ymobile_report(case: Case) -> bytes:
    failure = case.failures[0]
    queue_id = draw_token(case.rng, 10, HEX[:10] + UPPER[:6])
    boundary = f"{queue_id}.{int(case.moment.timestamp())}/{_PDX}"
    said = f"host 10.214.5.132[10.214.5.132] said: {failure.text} (in reply to end of DATA command)"
    return join(
        f"Received: by {_PDX} (Postfix)\n\tid {queue_id}; {format_date(case.moment, comment='JST')}\n"
        f"Date: {format_date(case.moment, comment='JST')}\nFrom: MAILER-DAEMON@pdx.ne.jp (Mail Delivery System)\n"
        f"Subject: Undelivered Mail Returned to Sender\nTo: {case.return_address}\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"\n'
        f"Message-Id: <{case.moment:%Y%m%d%H%M%S}.{queue_id}@{_PDX}>\n\nThis is a MIME-encapsulated message.\n\n"
        f"--{boundary}\nContent-Description: Notification\nContent-Type: text/plain\n\n"
        f"This is the Postfix program at host {_PDX}.\n\n"
        "I'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients. It's attached below.\n\n"
        "For further assistance, please send mail to <postmaster>\n\n"
        "If you do so, please include this problem report. You can\n"
        "delete your own text from the attached returned message.\n\n\t\t\tThe Postfix program\n\n"
        f"{fold(f'<{failure.recipient}>: {said}', 78, '    ')}\n\n"
        f"--{boundary}\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; {_PDX}\nX-Postfix-Queue-ID: {queue_id}\n"
        f"Arrival-Date: {format_date(case.arrival, comment='JST')}\n\n{_write_status(failure, said)}\n"
        f"--{boundary}\nContent-Description: Undelivered Message\nContent-Type: message/rfc822\n"
        f"{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _write_status(failure: Failure, said: str) -> str:
    diagnostic = fold(f"Diagnostic-Code: X-Postfix; {said}", 78, "    ")
    return (
        f"Final-Recipient: rfc822; {failure.recipient}\nAction: failed\nStatus: {failure.fault.status}\n{diagnostic}\n"
    )


DIALECT = Dialect("softbank", "SendMagic, SMTP応答コード【SoftBank編】", _KINDS, write, "softbank.ne.jp")
