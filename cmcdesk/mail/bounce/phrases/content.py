"""Error status 4: the receiver refuses this mail: spam, virus, policy, form."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

SPAM = Cause(
    4,
    "taken as spam",
    (
        "spam",
        "unsolicited",  # Gmail "likely unsolicited mail", amavis UBE
        "junk mail",
        "junk email",
        "bulk mail",
        "bulk email",
        "ube",  # amavis, Barracuda
        "uce",
        "rejecting mail content",
        "reject bulk",
        "content rejected",  # amavis, Barracuda "Message content rejected"
        "message content",
        "content … not acceptable",
        "looks like",
        "phish",
        "bayes",
        "rspamd",
        "spamassassin",
        "email flagged",  # Zoho
        "message … flagged",
        "message … suspicious",
        "suspicious",
        "message filtered",  # Amazon SES receiving rules "Message Filtered"
        "mail filtered",
        "blocked by … filter",
        "rejected by … filter",
        "content filter",  # IronPort, Postfix
        "contains … url",
        "url … blocked",
        "denied by … filter",
        "high probability",
        "not rfc compliant … spam",
        "message refuse",
        "service refuse",  # Orange 4.2.0 "Service refuse. Veuillez essayer plus tard"
    ),
)

VIRUS = Cause(
    4,
    "taken as dangerous (virus, attachment)",
    (
        "virus|",
        "viruses",
        "malware",
        "infected",
        "trojan",
        "worm|",
        "executable",
        "file type",
        "attachment … not allowed",
        "attachment … blocked",
        "blocked … attachment",
        "banned content",  # amavis
        "banned file",
        "attachment type",
        "security … content presents a potential security issue",  # Gmail 5.7.0
        "potential security issue",  # Gmail 5.7.0
        "illegal attachment",
        "not accepting mail with … attachments",
    ),
)

POLICY = Cause(
    4,
    "refused by policy",
    (
        "policy reason",  # Yahoo, Barracuda
        "policy violation",
        "policy … violated",
        "for policy",
        "administrative prohibition",  # Exim default ACL, Exchange
        "administratively prohibited",
        "by administrator",
        "by the administrator",
        "due to policy",
        "rejected … policy",
        "policy … reject",
        "local policy",  # Exim, MessageLabs
        "security policy",
        "against … policy",
        "policies",
        "transport rule",  # Exchange 5.7.1 TRANSPORT.RULES.RejectMessage
        "transport rules rejectmessage",
        "prohibited",
        "not permitted by",
        "rule imposed",
        "quarantined by",
        "message incorrectly formatted",
        "is restricted",
        "not accepted at this",
        "only accepting mail from",  # "because the recipient is only accepting mail from specific email addresses"
        "failure for one or more recipients",  # Barracuda, which names the cause for each, or only "blocked"
        "recipient preferences",  # Facebook RCP-P2
        "refused due to recipient",
        "refused by recipient",
        "recipients … preferences",
        "email preferences",  # Facebook: "Based on the email preferences of the person …"
        "rejected by recipient",
        "recipient … refuses",
        "recipient … does not accept",
        "recipient … has blocked",
        "recipient rejected … message",
        "recipient … only accepts",
        "receiver … rejected",
        "user … rejected … message",
        "rejected by destination domain",  # Zoho 541 5.4.1
        "not accept … mail",
        "not wish to receive",
        "not want to receive",
        "refuses to receive",
        "user reject",
        "has restricted",
        "account is protected by",  # those who challenge strangers
        "requires confirmation",
        "closed mailing list",
        "organizational settings",
        "given low priority",
        "mass mailer",
        "captcha",
        "not accept messages",
        "risk control",  # Sina
        "possible abuse",
        "message was blocked",
        "message has been blocked",
        "message blocked",
        "message rejected",
        "message was rejected",
        "message refused",
        "message discarded",
        "mail refused",
        "mail rejected",
        "mail … rejected by",
        "email rejected",
        "email … cannot be delivered … reason",
        "transaction failed … rejected",
        "rejected due to",
        "delivery not authorized",  # RFC 3463 5.7.1
        "delivery … not authorized",
        "not authorized",
        "permission denied",
        "access denied",
        "access to … denied",
        "denied by",
        "you cannot send e mail to yourself",
        "email address is not verified",  # Amazon SES sandbox
        "not verified",
        "paused",  # Amazon SES: account paused
        "blocked by",
        "blocked",
        "mail rejete",  # Orange
        "abgelehnt",
        "rechazado",
        "refusé",
        "отклонено",
    ),
)

FORM = Cause(
    4,
    "refused for the mail's form",
    (
        "improper use of 8 bit",  # Sendmail 5.6.x
        "bare lf",  # qmail, Exchange "bare linefeeds"
        "bare linefeed",
        "bare newline",  # qmail 451 "See http://pobox.com/~djb/docs/smtplf.html"
        "stray newline",
        "invalid header",
        "bad header",
        "header error",
        "required header",
        "header … invalid",
        "header … malformed",
        "malformed",
        "multiple from",
        "missing … header",
        "duplicate header",
        "one or no",  # "Messages should have one or no Date headers, not 2"
        "headers … rfc",  # Gmail "RFC 5322 specifications"
        "not rfc",
        "rfc 5322",
        "rfc 2822",
        "rfc 822",
        "rfc5322",
        "rfc2822",
        "rfc 1035",
        "non compliant",
        "not compliant",
        "mime error",
        "message headers fail",
        "syntactically … header",
        "charset not supported",
        "conversion … not",  # RFC 3463 5.6.x "Conversion required but not supported"
        "media not supported",
        "missing subject",
        "no subject",
        "does not have a valid from",
        "8 bit",
        "smtputf8",
        "internationalized",
        "content type … not",
    ),
)
