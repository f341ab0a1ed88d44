"""Exchange Server 2010-2019: Microsoft Learn, "DSNs and NDRs in Exchange Server" and its table of codes.

Human part is text and HTML in the sender's language and that language's old charset, in quoted-printable; below it the
"#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##" lines and the original header; Diagnostic-Code repeats the line.

The words by language: Microsoft Learn, "NDRs and the bounce messages". Exchange 2010 and later write the human part in
the sender's language; the diagnostic part stays English.
"""

from dataclasses import dataclass
from email.header import decode_header, make_header

from simulator.traffic.charsets import LABELS, encode_text, encode_words, write_quoted
from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import HEX, declare_8bit, draw_token, draw_uuid, format_date, join


@dataclass(frozen=True)
class Words:
    """The fixed sentences of one language. reasons: by cause. charset: what such servers send the language in."""

    charset: str
    subject: str
    late_subject: str
    failed: str
    late: str
    diagnostics: str
    server: str
    headers: str
    reasons: dict[str, str]


WORDS = {
    "en": Words(
        "us-ascii",
        "Undeliverable: ",
        "Delivery delayed: ",
        "Delivery has failed to these recipients or groups:",
        "Delivery is delayed to these recipients or groups:",
        "Diagnostic information for administrators:",
        "Generating server: ",
        "Original message headers:",
        {
            "unknown-user": "The e-mail address you entered couldn't be found. Please check the recipient's "
            "e-mail address and try to resend the message. If the problem continues, please "
            "contact your helpdesk.",
            "over-quota": "The recipient's mailbox is full and can't accept messages now. Please try resending "
            "this message later, or contact the recipient directly.",
            "too-big": "This message is too large. Please make the message smaller and try sending it again.",
            "policy": "Your message can't be delivered because delivery to this address is restricted.",
            "retry-timeout": "The server has tried to deliver this message, without success, and has stopped "
            "trying. Please try sending this message again. If the problem continues, contact "
            "your helpdesk.",
            "delayed": "Subject: this message hasn't been delivered yet. Delivery will continue to be "
            "attempted.\n\nThe server will keep trying to deliver this message for the next 1 "
            "days, 19 hours and 51 minutes. You'll be notified if the message can't be delivered "
            "by that time.",
            "unknown-host": "The e-mail system couldn't find the domain of the address you entered. Please check "
            "the address.",
            "misconfigured": "The e-mail system of the recipient's domain doesn't accept mail for this address. "
            "Please contact your helpdesk.",
            "other": "A problem occurred during the delivery of this message. Please try to resend it later.",
        },
    ),
    "ja": Words(
        "iso-2022-jp",
        "配信不能: ",
        "配信の遅延: ",
        "次の受信者またはグループへの配信に失敗しました:",
        "次の受信者またはグループへの配信が遅延しています:",
        "管理者用の診断情報:",
        "生成サーバー: ",
        "元のメッセージ ヘッダー:",
        {
            "unknown-user": "入力した電子メール アドレスが見つかりませんでした。受信者の電子メール アドレスを確認"
            "してからメッセージを再送信してください。問題が解決しない場合は、ヘルプデスクに問い合"
            "わせてください。",
            "over-quota": "受信者のメールボックスがいっぱいで、現在メッセージを受信できません。後でこのメッセー"
            "ジを再送信するか、受信者に直接問い合わせてください。",
            "delayed": "このメッセージはまだ配信されていません。引き続き配信が試行されます。",
        },
    ),
    "de": Words(
        "iso-8859-1",
        "Unzustellbar: ",
        "Zustellung verzögert: ",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:",
        "Verzögerung bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:",
        "Diagnoseinformationen für Administratoren:",
        "Generierender Server: ",
        "Ursprüngliche Nachrichtenkopfzeilen:",
        {
            "unknown-user": "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden. Überprüfen Sie die "
            "E-Mail-Adresse des Empfängers, und versuchen Sie, die Nachricht erneut zu senden.",
            "over-quota": "Das Postfach des Empfängers ist voll und kann zurzeit keine Nachrichten annehmen.",
        },
    ),
    "fr": Words(
        "iso-8859-1",
        "Non remis : ",
        "Remise différée : ",
        "Échec de la remise à ces destinataires ou groupes :",
        "La remise est différée pour ces destinataires ou groupes :",
        "Informations de diagnostic pour les administrateurs :",
        "Serveur de génération : ",
        "En-têtes de message d'origine :",
        {
            "unknown-user": "L'adresse de messagerie que vous avez entrée est introuvable. Vérifiez l'adresse de "
            "messagerie du destinataire et essayez de renvoyer le message.",
            "too-big": "Ce message est trop volumineux. Réduisez sa taille et essayez de le renvoyer.",
        },
    ),
}


_HOST = "EX2016-01.corp.example.co.jp"
_AGENT = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e"

_NO_USER = Fault("unknown-user", "5.1.1", "550", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found")
_FULL = Fault(
    "over-quota", "5.2.2", "554", "554 5.2.2 mailbox full;\nSTOREDRV.Deliver.Exception:QuotaExceededException"
)
_BIG = Fault("too-big", "5.2.3", "550", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient")
_CLOSED = Fault("policy", "5.7.1", "550", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required")
_EXPIRED = Fault("retry-timeout", "4.4.7", "550", "550 4.4.7 QUEUE.Expired; message expired")
_LATE = Fault("retry-timeout", "4.4.7", "400", "400 4.4.7 Message delayed")
_NO_DOMAIN = Fault(
    "unknown-host", "5.4.4", "550", "550 5.4.4 DNS.InvalidDomain; Domain {domain} does not exist in DNS (NXDOMAIN)"
)
_LOOP = Fault("misconfigured", "5.4.6", "554", "554 5.4.6 Hop count exceeded - possible mail loop")
_NO_RELAY = Fault("misconfigured", "5.7.1", "550", "550 5.7.1 Unable to relay")
_BROKEN = Fault(
    "other",
    "5.6.0",
    "550",
    "550 5.6.0 CAT.InvalidContent.Exception: InvalidCharsetException, Character set name (x-unknown) is invalid or not "
    "installed.; cannot handle content of message",
)

_KINDS = (
    Kind("exchange/unknown-user", "en", (_NO_USER,)),
    Kind("exchange/unknown-user-ja", "ja", (_NO_USER,)),
    Kind("exchange/unknown-user-de", "de", (_NO_USER,)),
    Kind("exchange/unknown-user-fr", "fr", (_NO_USER,)),
    Kind("exchange/over-quota", "en", (_FULL,)),
    Kind("exchange/over-quota-ja", "ja", (_FULL,)),
    Kind("exchange/over-quota-de", "de", (_FULL,)),
    Kind("exchange/too-big", "en", (_BIG,)),
    Kind("exchange/too-big-fr", "fr", (_BIG,)),
    Kind("exchange/restricted", "en", (_CLOSED,)),
    Kind("exchange/expired", "en", (_EXPIRED,)),
    Kind("exchange/delayed", "en", (_LATE,), final=False),
    Kind("exchange/delayed-ja", "ja", (_LATE,), final=False),
    Kind("exchange/unknown-host", "en", (_NO_DOMAIN,)),
    Kind("exchange/hop-count", "en", (_LOOP,)),
    Kind("exchange/unable-to-relay", "en", (_NO_RELAY,)),
    Kind("exchange/invalid-content", "en", (_BROKEN,)),
    Kind("exchange/two-recipients", "en", (_NO_USER, _FULL)),
)


def write(case: Case) -> bytes:
    """Return a non-delivery report or delay notice."""
    words = WORDS[case.kind.language]
    outer, inner = (f"_000_{draw_uuid(case.rng)}_" for _ in range(2))
    title = words.subject if case.kind.final else words.late_subject
    subject = title + str(make_header(decode_header(case.original.subject)))
    return join(
        f"From: Microsoft Outlook <{_AGENT}@corp.example.co.jp>\nTo: {case.return_address}\n"
        f"Date: {format_date(case.moment)}\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{outer}"\n'
        f"X-MS-Exchange-Message-Is-Ndr:\nContent-Language: {case.kind.language}\n"
        f"Message-ID: <{draw_token(case.rng, 32, HEX)}@{_HOST}>\nIn-Reply-To: {case.original.message_id}\n"
        f"References: {case.original.message_id}\nSubject: {encode_words(subject, 'utf-8')}\n"
        "Auto-Submitted: auto-replied\n\n"
        f'--{outer}\nContent-Type: multipart/alternative; differences=Content-Type;\n\tboundary="{inner}"\n\n',
        _explain(case, words, inner),
        f"--{outer}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;{_HOST}\n"
        f"Received-From-MTA: dns;mail.example.jp\nArrival-Date: {format_date(case.arrival)}\n",
        *(_write_status(case, one) for one in case.failures),
        f"\n--{outer}\nContent-Type: message/rfc822\n{declare_8bit(case.original.octets)}\n",
        case.original.octets,
        f"\n--{outer}--\n",
    )


def _explain(case: Case, words: Words, boundary: str) -> str:
    opening = words.failed if case.kind.final else words.late
    reasons = [(one, words.reasons[one.fault.cause if case.kind.final else "delayed"]) for one in case.failures]
    told = "".join(f"{one.recipient}<mailto:{one.recipient}>\n{reason}\n\n" for one, reason in reasons)
    details = "".join(f"{one.recipient}\n#{one.text} ##\n\n" for one in case.failures) if case.kind.final else ""
    header = case.original.header.decode("ascii", "replace").replace("\r\n", "\n")
    technical = f"{words.diagnostics}\n\n{words.server}{_HOST}\n\n{details}{words.headers}\n\n{header}"
    text = f"{opening}\n\n{told}\n\n\n{technical if case.kind.final else ''}\n"
    html = f"<html>\n<body>\n<p><b>{opening}</b></p>\n<pre>{told.replace('<', '&lt;')}</pre>\n</body>\n</html>\n"
    kinds = (("plain", text), ("html", html))
    parts = "".join(f"--{boundary}\n{_write_text(subtype, content, words.charset)}\n" for subtype, content in kinds)
    return f"{parts}--{boundary}--\n\n"


def _write_text(subtype: str, text: str, charset: str) -> str:
    head = f'Content-Type: text/{subtype}; charset="{LABELS[charset].lower()}"\nContent-Transfer-Encoding: '
    if charset == "iso-2022-jp":  # 7 bits by itself
        return f"{head}7bit\n\n{encode_text(text, charset).decode('ascii')}"
    return f"{head}quoted-printable\n\n{write_quoted(text, charset)}"


def _write_status(case: Case, failure: Failure) -> str:
    said = failure.text.replace("\n", " ")
    name = failure.user.replace(".", " ").title()
    retry = "" if case.kind.final else f"Will-Retry-Until: {format_date(case.moment)}\n"
    return (
        f"\nFinal-Recipient: rfc822;{failure.recipient}\nAction: {'failed' if case.kind.final else 'delayed'}\n"
        f"Status: {failure.fault.status}\nDiagnostic-Code: smtp;{said}\nX-Display-Name: {name}\n{retry}"
    )


DIALECT = Dialect("exchange", "Microsoft Learn: DSNs and NDRs in Exchange Server", _KINDS, write)
