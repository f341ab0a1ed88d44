"""Gmail and Google Workspace: support.google.com/mail/?p=NoSuchUser and "SMTP error reference" (answer 3726730).

Human part is multipart/related: text and HTML alternatives, in the sender's language, and an icon. Replies are quoted
with their codes on every line ("550-5.1.1 … 550 5.1.1 …"). X-Failed-Recipients names the recipient.
"""

from base64 import encodebytes

from simulator.traffic.charsets import write_base64, write_quoted
from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import HEX, declare_8bit, draw_token, fold, format_date, join
from simulator.traffic.parts import make_png

_NO_USER = Fault(
    "unknown-user",
    "5.1.1",
    "550",
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
    "550-5.1.1 double-checking the recipient's email address for typos or\n"
    "550-5.1.1 unnecessary spaces. For more information, go to\n"
    "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d9443c01a7336-1eb2f0si1234567.89 - gsmtp",
)
_NO_DOMAIN = Fault(
    "unknown-host",
    "4.0.0",
    None,
    "DNS Error: DNS type 'mx' lookup of {domain} responded with code NXDOMAIN\nDomain name not found: {domain}",
)
_FULL = Fault(
    "over-quota",
    "5.2.2",
    "552",
    "552-5.2.2 The recipient's inbox is out of storage space and inactive. Please\n"
    "552-5.2.2 direct the recipient to\n"
    "552 5.2.2  https://support.google.com/mail/?p=OverQuotaPerm d9443c01a7336-1eb2f0si1234567.89 - gsmtp",
)
_POLICY = Fault(
    "policy",
    "5.7.26",
    "550",
    "550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n"
    "550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n"
    "550 5.7.26  https://support.google.com/mail/answer/81126#authentication d9443c01a7336-1eb2f0si1234567.89 - gsmtp",
)
_TIMEOUT = Fault(
    "retry-timeout",
    "4.4.1",
    None,
    "The recipient server did not accept our requests to connect. Learn more at\n"
    "https://support.google.com/mail/answer/7720\n[{remote}. {remote_address}: timed out]",
)
_BIG = Fault(
    "too-big",
    "5.3.4",
    "552",
    "552-5.3.4 Your message exceeded Google's message size limits. For more information,\n"
    "552 5.3.4  visit https://support.google.com/mail/?p=MaxSizeError d9443c01a7336-1eb2f0si1234567.89 - gsmtp",
)

_KINDS = (
    Kind("gmail/unknown-user", "en", (_NO_USER,)),
    Kind("gmail/unknown-user-ja", "ja", (_NO_USER,)),
    Kind("gmail/unknown-host", "en", (_NO_DOMAIN,)),
    Kind("gmail/over-quota", "en", (_FULL,)),
    Kind("gmail/over-quota-ja", "ja", (_FULL,)),
    Kind("gmail/policy", "en", (_POLICY,)),
    Kind("gmail/retry-timeout", "en", (_TIMEOUT,)),
    Kind("gmail/delayed", "en", (_TIMEOUT,), final=False),
    Kind("gmail/delayed-ja", "ja", (_TIMEOUT,), final=False),
    Kind("gmail/too-big", "en", (_BIG,)),
)

_SENTENCES = {
    (
        "en",
        "unknown-user",
    ): "** Address not found **\n\nYour message wasn't delivered to {} because the address couldn't be "
    "found, or is unable to receive mail.",
    (
        "ja",
        "unknown-user",
    ): "** アドレス不明 **\n\nアドレスが見つからないか、メールを受信できないため、{} にメールは配信されませんでした。",
    (
        "en",
        "unknown-host",
    ): "** Address not found **\n\nYour message wasn't delivered to {} because the domain couldn't be "
    "found. Check for typos or unnecessary spaces and try again.",
    (
        "en",
        "over-quota",
    ): "** Recipient inbox full **\n\nYour message couldn't be delivered to {}. Their inbox is full, or "
    "it's getting too much mail right now.",
    (
        "ja",
        "over-quota",
    ): "** 受信トレイの容量超過 **\n\n{} にメールを配信できませんでした。"
    "受信トレイの空き容量がないか、現在受信中のメールが多すぎます。",
    (
        "en",
        "policy",
    ): "** Message blocked **\n\nYour message to {} has been blocked. See technical details below for more "
    "information.",
    (
        "en",
        "too-big",
    ): "** Message too large **\n\nYour message couldn't be delivered to {} because it exceeds the size limit.",
    (
        "en",
        "retry-timeout",
    ): "** Message not delivered **\n\nThere was a problem delivering your message to {}. See the "
    "technical details below.",
    (
        "en",
        "delayed",
    ): "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {}. Gmail will "
    "retry for 46 more hours. You'll be notified if the delivery fails permanently.",
    (
        "ja",
        "delayed",
    ): "** 配信未完了 **\n\n{} へのメールの配信で一時的な問題が発生しました。Gmail は残り 46 時間、再試行します。"
    "最終的に配信できなかった場合は通知します。",
}
_RESPONSE = {"en": "The response was:", "ja": "応答:"}


def write(case: Case) -> bytes:
    """Return a notification of Google's mail system; it writes one for each recipient."""
    failure = case.failures[0]
    outer, related, alternative = (f"0000000000{draw_token(case.rng, 18, HEX)}" for _ in range(3))
    word = "Failure" if case.kind.final else "Delay"
    failed = f"X-Failed-Recipients: {failure.recipient}\n" if case.kind.final else ""
    return join(
        f"Received: by 2002:a17:903:b0:1eb:2f0a:1 with SMTP id {draw_token(case.rng, 14)};\n"
        f"        {format_date(case.moment)}\n"
        f"From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: {case.return_address}\n"
        f"Auto-Submitted: auto-replied\nSubject: Delivery Status Notification ({word})\n"
        f"References: {case.original.message_id}\nIn-Reply-To: {case.original.message_id}\n{failed}"
        f"Message-ID: <{draw_token(case.rng, 8, HEX)}.{draw_token(case.rng, 10, HEX)}.mail.gmail.com@mx.google.com>\n"
        f"Date: {format_date(case.moment)}\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; boundary="{outer}"; report-type=delivery-status\n\n'
        f'--{outer}\nContent-Type: multipart/related; boundary="{related}"\n\n'
        f'--{related}\nContent-Type: multipart/alternative; boundary="{alternative}"\n\n'
        f"{_explain(case, failure, alternative)}--{related}\n"
        'Content-Type: image/png; name="icon.png"\nContent-Disposition: attachment; filename="icon.png"\n'
        "Content-Transfer-Encoding: base64\nContent-ID: <icon.png>\n\n"
        f"{encodebytes(make_png(case.rng)).decode('ascii')}\n--{related}--\n\n--{outer}\n"
        "Content-Type: message/delivery-status\n\n",
        _write_status(case, failure),
        f"\n--{outer}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{outer}--\n",
    )


def _explain(case: Case, failure: Failure, boundary: str) -> str:
    language = case.kind.language
    sentence = _SENTENCES[language, failure.fault.cause if case.kind.final else "delayed"].format(failure.recipient)
    encode, way = (write_base64, "base64") if language == "ja" else (write_quoted, "quoted-printable")
    text = encode(f"\n{sentence}\n\n\n\n{_RESPONSE[language]}\n\n{failure.text}\n", "utf-8")
    html = encode(
        f"<html><body><p>{sentence}</p><p>{_RESPONSE[language]}<br>{failure.text}</p></body></html>\n", "utf-8"
    )
    return (
        f'--{boundary}\nContent-Type: text/plain; charset="UTF-8"\nContent-Transfer-Encoding: {way}\n\n{text}\n'
        f'--{boundary}\nContent-Type: text/html; charset="UTF-8"\nContent-Transfer-Encoding: {way}\n\n{html}\n'
        f"--{boundary}--\n\n"
    )


def _write_status(case: Case, failure: Failure) -> str:
    remote = (
        f"Remote-MTA: dns; {failure.remote}. ({failure.remote_address}, the server for the domain {failure.domain}.)\n"
    )
    status = failure.fault.status or ""
    if not case.kind.final:
        status = "4.4.1"
    diagnostic = fold("Diagnostic-Code: smtp; " + failure.text.replace("\n", " "), 78, "    ")
    return (
        f"Reporting-MTA: dns; googlemail.com\nReceived-From-MTA: dns; {case.return_address}\n"
        f"Arrival-Date: {format_date(case.arrival)}\nX-Original-Message-ID: {case.original.message_id}\n\n"
        f"Final-Recipient: rfc822; {failure.recipient}\nAction: {'failed' if case.kind.final else 'delayed'}\n"
        f"Status: {status}\n{remote if failure.fault.reply else ''}{diagnostic}\n"
        f"Last-Attempt-Date: {format_date(case.moment)}\n"
    )


DIALECT = Dialect(
    "gmail", "Gmail Help, bounced emails; Google Workspace SMTP error reference", _KINDS, write, "gmail.com"
)
