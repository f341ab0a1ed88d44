"""Marks in the header: who writes notices, under which subjects; and what is none although it looks like one."""

import re

# Who speaks: RFC 5321 §4.5.5 (null reverse-path) and the names mail systems give themselves.
MACHINE = re.compile(
    r"mailer-?daemon|post-?_?master|mail[ .]deliver|delivery (?:sub)?system|system administrator|mail ?administrator"
    r"|mail system|poostmaster|mail-?daemon|mdaemon|maildelivery|mailer@|bounce-?notif|no-?deliver|non-?deliver"
    r"|content-filter at|interscan|imss@|^<>$|^\"?[^<@]*\"? <>$|symantec|microsoft exchange|microsoft outlook"
    r"|mail gateway|\bmail-?delivery@"
    r"|email-?security|virus-?wall|firewall|proofpoint|mimecast|amavis|listserv|ndr@|daemon@",
    re.I,
)

MACHINE_ADDRESS = re.compile(r"(?:mailer-?daemon|post-?_?master|mail-?daemon|\bdaemon|mdaemon|ndr)(?:@|$)|<>", re.I)
MACHINE_FIELDS = ("x-failed-recipients", "x-mlserver")  # Exim's and Google's notices; fml's

# Subjects of notices. "Re:" in front makes it somebody's answer.
SUBJECT = re.compile(
    r"undeliver|delivery (?:status )?(?:notif|fail|report|status|error|problem|has failed|incomplete|attempt)"
    r"|deliver(?:y|ed)? .{0,12}(?:failed|failure|error)|returned (?:mail|e-?mail|to sender|message)|failure notice"
    r"|fail(?:ed|ure).{0,10}(?:mail|deliver|message)|mail (?:could )?not (?:be )?deliver|not delivered|mail failed"
    r"|non-?delivery|ndn:|returning (?:message|mail)|mail (?:system|delivery) error|mail delivery"
    r"|delivery failure|message (?:delivery )?(?:has )?(?:failed|delayed|not deliver|you sent blocked)"
    r"|could not (?:be )?(?:send|sent|deliver)|cannot deliver|unable to deliver|warning: (?:message|could not)"
    r"|delayed mail|bounce(?:d)? (?:mail|message|notif)|e-?mail bounce|mail bounce|postmaster notify"
    r"|notice: mail delivery|address (?:not found|unknown)|user unknown|mail returned|rejected (?:mail|message|e-?mail)"
    r"|message (?:rejected|undeliver|blocked|returned)|mail rejected|blocked by our|unzustellbar|unbestellbar"
    r"|fehlgeschlagen|nicht zugestellt|zustellung|échec de|non remis|non distribu|retour|n'a pas pu"
    r"|no se puede entregar"
    r"|no entregado|no se pudo|error de entrega|devuelto|mancata consegna|non recapitabile|impossibile|mancato recapito"
    r"|não (?:foi )?entreg|falha na entrega|falha de|onbestelbaar|niet bezorgd|niet afgeleverd|olever|kunne ikke"
    r"|nie można|niedostarcz|nedoru[cč]|kézbesít|teslim|недостав|не доставлен|возвращ|ошибка доставки"
    r"|配信不能|配信でき|(?:送れ|届き|届けられ)ません|お届けでき|配信に失敗|配信不可|配信エラー|配信失敗|送信エラー|送信でき|送信失敗|未配信|不達|返送"
    r"|エラーメール|配送|メールエラー|メッセージを配信|戻りました|配達|退信|无法|無法|未送达"
    r"|投递|傳遞|반송|실패|loop alert|not member|not a member"
    r"|mail status|delivery-?status|mail transport error|mail routing error|delivery err|transport fail|problem deliver"
    r"|nondeliver|mailbox (?:is )?full|delivery to|error during delivery|see transcript"
    r"|your (?:mail|message) (?:to|could)|error sending|unsuccessful|\[bounce\]|failed:"
    r"|could not send|not sent|sending failed|delivery err",
    re.I,
)

REPLY = re.compile(r"^\s*(?:re|aw|sv|antw|回复|返信)\s*(?:\[\d+\]|\(\d+\))?\s*[:\uff1a]", re.I)
FORWARD = re.compile(r"^\s*(?:fwd?|wg|tr|rv|転送)\s*[:\uff1a]", re.I)

# Mails of programs that are no notice about delivery.
OTHER_SUBJECT = re.compile(
    r"^\s*(?:auto(?:matic)?[ -]?(?:reply|response|antwort)|automatische antwort"
    r"|auto:|out of (?:the )?office|ooo:|autoreply|on vacation"
    r"|vacation|i am away|away from|abwesen|réponse automatique|respuesta autom|risposta automatica|resposta autom"
    r"|automatisch antwoord|自動(?:応答|返信)|不在|自动(?:回复|答复)|自動回覆|автоответ|read:|gelesen:"
    r"|absence du bureau|absent|fuera de(?: la)? oficina|ausente|fuori (?:sede|ufficio)|assente|fora do escritório"
    r"|afwezig|frånvar|autosvar|automatisk[at]* (?:svar|besked)|fravær|automaattinen|poissa|autoodpowiedź"
    r"|automatyczna odp"
    r"|nieobecn|automatická odp|mimo kancelář|otomatik yanıt|ofis dışında|автоматический ответ|отсутств|нет на месте"
    r"|부재중|자동 ?(?:응답|회신)"
    r"|開封済み|lu ?:|letto:|leído:"
    r"|not read:|unread:|disposition notification|return receipt|receipt|開封確認|complaint about message|abuse report"
    r"|(?:please )?confirm|confirmation|verify your|request for confirmation|challenge"
    r"|action required.{0,30}(?:verify|confirm)"
    r"|postfix smtp (?:server|client): errors"  # to the postmaster, about a session, not about a mail of ours
    r"|report domain:|\[?tls-?rpt|dmarc (?:aggregate )?report|\[preview\] report domain|feedback report|spam report"
    r"|quarantine|digest|bounce action notification|uncaught bounce|.{0,60} post from .{1,80} requires approval"
    r"|welcome to|goodbye|unsubscribe|you have been (?:un)?subscribed|subscription"
    r"|(?:your message to .{1,80} )?awaits moderator"
    r"|successful mail delivery|delivery status notification \((?:success|relay|expan)|delivered:"
    r"|delivery report \(success|relayed:|配信済み|配信されました|zugestellt:)",
    re.I,
)
# What people and services write about, from the null address too; a mail system's own name in From weighs more.
SERVICE_SUBJECT = re.compile(
    r"^\s*(?:\[ticket|ticket\b|vacation|on (?:annual |sick |parental )?leave|holiday|away\b|declined:|accepted:"
    r"|tentative:|invitation|canceled|cancelled|updated invitation|fax\b|voice ?mail|voice message|missed call"
    r"|quarantine|\[alert)"
    r"|fax transmission|ticket #?\d|parcel|package|shipment|your order|order confirm"
    r"|自動(?:返信|応答|配信|送信)|休暇|不在|外出|出張|退職|異動|産休|育休|休業|休み|年末年始|お盆|ゴールデンウィーク|定休|営業時間"
    r"|受付|受け付け|お問い?合わ?せ|ご注文|ご予約|予約|お荷物|荷物|宅配|再配達|商品|振込|留守(?:番電話|電)|ファ(?:ッ|ク)クス|fax"
    r"|maintenance|outage|quota warning|almost full|voice ?mail|voice message|メンテナンス|障害情報|容量警告"
    r"|開封|未読|アドレス(?:の)?変更|隔離|承認待ち|送信専用|監視|アラート|会議|招待|メルマガ|メールマガジン",
    re.I,
)
DELAY_SUBJECT = re.compile(
    r"\bdelay|warning: (?:message|could not)|still being retried|\(deferred\)|verzöger|遅延|遅れて|延期|保留",
    re.I,
)
OTHER_FIELDS = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply",
    "x-vacation", "x-away-from", "x-amazon-auto-reply", "x-cron-env",
)  # fmt: skip
BULK_FIELDS = ("list-unsubscribe", "list-id", "list-post", "feedback-id", "x-campaign-id", "list-help")

# Sieve (RFC 5429 §2.1) and Dovecot's quota answer with a receipt: "Your message to <a@b> was automatically rejected"
REJECTED_BY_FILTER = re.compile(r"automatically rejected|message was rejected by", re.I)

SUCCESS = re.compile(
    r"(?:has been|was|were) successfully (?:delivered|relayed)|\bsuccessfully delivered to|return receipt"
    r"|\bsuccessful delivery|delivered to the recipient'?s mailbox|relayed to a mailer|has been read|was read on"
    r"|is complete, but no delivery notification|(?:配信|配送|送信)[がは]完了しました|正常に(?:配信|配送|送信)",
    re.I,
)

# In a notice's subject: what is quoted, and a label in front of what may be the failed mail's subject. Sendmail and
# Domino tell the cause behind theirs.
QUOTED = re.compile(r"\"[^\"]*\"?|「[^」]*」?|『[^』]*』?|“[^”]*”?")
LABEL = re.compile(r"(?!returned mail:|delivery failure:)[^:\uff1a]{0,100}[:\uff1a]", re.I)

# How many, and not which: "Messages not delivered: 12", "配送失敗: 12件", "    5   bounced"
COUNT = re.compile(
    r"[:\uff1a=\s]\d[\d,]{0,12}\s*(?:件|通|messages?|mails?)?\s*$|^\s*\d[\d,]{0,12}(?:\s+[\w-]{1,30}){1,4}\s*$", re.I
)

# What people ask, and mail systems do not
QUESTION = re.compile(r"[?？]\s*$|でしょうか|ませんか|ますか|教えて")

_FORWARDING_LINE = re.compile(
    r"^\s*[-=_*>]{0,20}\s*(?:begin )?(?:forwarded message|original message|weitergeleitete nachricht|message transféré"
    r"|転送メッセージ|元のメッセージ|forwarded by)", re.I
)  # fmt: skip
_HEADER_LINE = re.compile(r"^(?:from|date|subject|to|reply-to|return-path|sent|received)\s*:", re.I)


def unquote_forwarded(text: str) -> list[str]:
    """The lines of a mail forwarded inline, its header first; [] if the forwarder wrote something of his own above."""
    lines = [re.sub(r"^(?:> ?)+", "", line) for line in text.split("\n", 2000)[:2000]]
    for number, line in enumerate(lines):
        if not line.strip() or _FORWARDING_LINE.match(line):
            continue
        return lines[number:] if _HEADER_LINE.match(line) else []
    return []
