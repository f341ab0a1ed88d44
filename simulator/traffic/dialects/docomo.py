"""NTT docomo: its servers write no bounces, they refuse in SMTP (SendMagic, 「SMTP応答コードについて【ドコモ編】」).

So what comes back is the report of the gateway that tried, quoting docomo: "550 Unknown user a@docomo.ne.jp" (no
such address, or the subscriber's own filter), "552 Too much mail data". There is no enhanced code: Status is 5.0.0.
The gateway here is a Japanese provider's, with a notice in ISO-2022-JP; its Japanese sentences are ours.
"""

from simulator.traffic.charsets import encode_text, encode_words
from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import HEX, declare_8bit, draw_token, format_date, join

_HOST = "mgw02.example.ne.jp"

_UNKNOWN = Fault("unknown-user", "5.0.0", "550", "550 Unknown user {recipient}")
_FULL = Fault("over-quota", "5.0.0", "552", "552 Too much mail data {recipient}")
_NO_DOMAIN = Fault("policy", "5.0.0", "550", "550 Sender Domain not found. return.example.com")

_KINDS = (
    Kind("docomo/unknown-user", "ja", (_UNKNOWN,)),
    Kind("docomo/over-quota", "ja", (_FULL,)),
    Kind("docomo/sender-domain", "ja", (_NO_DOMAIN,)),
    Kind("docomo/three-recipients", "ja", (_UNKNOWN, _UNKNOWN, _FULL)),
)


def write(case: Case) -> bytes:
    """Return the gateway's report."""
    boundary = f"----=_NextPart_{draw_token(case.rng, 24, HEX)}"
    notice = (
        f"このメールは {_HOST} から自動的に送信されています。\n\n"
        "お客様が送信されたメールは、以下の宛先に配送できませんでした。\n宛先と理由をご確認ください。\n\n"
    )
    told = "".join(f"宛先: {one.recipient}\n理由: {one.remote} の応答 {one.text}\n\n" for one in case.failures)
    return join(
        f"Date: {format_date(case.moment)}\nFrom: {encode_words('メール配送システム', 'iso-2022-jp')}"
        f" <MAILER-DAEMON@{_HOST}>\nTo: {case.return_address}\n"
        f"Subject: {encode_words('メールを配送できませんでした', 'iso-2022-jp')}\n"
        f"Message-ID: <{draw_token(case.rng, 20, HEX)}@{_HOST}>\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n"
        f'Content-Type: multipart/report; report-type="delivery-status";\n boundary="{boundary}"\n\n--{boundary}\n'
        "Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: 7bit\n\n",
        encode_text(notice + told, "iso-2022-jp"),
        f"--{boundary}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; {_HOST}\n",
        *(_write_status(one) for one in case.failures),
        f"\n--{boundary}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{boundary}--\n",
    )


def _write_status(failure: Failure) -> str:
    return (
        f"\nFinal-Recipient: RFC822; <{failure.recipient}>\nAction: failed\nStatus: {failure.fault.status}\n"
        f"Remote-MTA: dns; mfsmax.docomo.ne.jp\nDiagnostic-Code: smtp; {failure.text}\n"
    )


DIALECT = Dialect("docomo", "SendMagic, SMTP応答コード【ドコモ編】", _KINDS, write, "docomo.ne.jp")
