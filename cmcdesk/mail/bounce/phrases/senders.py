"""Error status 4: the receiver refuses the sender: not authenticated, or not the right one.

These rows are asked before "unknown host" and "unknown user": a refusal of a sender's domain says "not found" too.
"""

from cmcdesk.mail.bounce.phrases.phrases import Cause

AUTHENTICATION = Cause(
    4,
    "sender not authenticated (SPF, DKIM, DMARC)",
    (
        "dmarc",  # Gmail 5.7.26 / 5.7.1, Microsoft 5.7.509, Yahoo 5.7.9, iCloud, Zoho
        "unauthenticated email",  # Gmail 550-5.7.1 "Unauthenticated email from … is not accepted"
        "unauthenticated mail",
        "this mail has been blocked because the sender is unauthenticated",  # Gmail 5.7.26 since 2024
        "this mail is unauthenticated",  # Gmail
        "authentication checks failed",  # RFC 7372 5.7.26
        "multiple authentication",  # RFC 7372
        "spf check failed",  # Exim sites, Zimbra
        "spf fail",  # generic policy servers
        "spf validation",  # Microsoft, Mimecast
        "spf record",  # "does not have an SPF record"
        "fails spf",
        "failed spf",
        "spf hard fail",
        "spf hardfail",
        "sender policy framework",  # Exim, GMX "transaction failed for SPF"
        "please see … openspf",
        "@www openspf org",  # policyd-spf "Please see http://www.openspf.net/Why?…"
        "@www openspf net",
        "@spf pobox com",  # older policyd
        "not authorized to send … spf",
        "is not allowed to send mail from",  # policyd-spf, Postmark
        "is not authorized to send mail",
        "not a designated sender",
        "not permitted to send mail … domain",
        "sender id",  # Exchange 5.7.1 "Sender ID (PRA) Not Permitted"
        "purported responsible address",  # Exchange / Sender ID (RFC 4407)
        "dkim signature",  # 5.7.20
        "dkim fail",
        "dkim verif",
        "no passing dkim",
        "no valid spf",
        "invalid spf",
        "spoof",  # Mimecast "Anti-Spoofing policy"
        "domain owner discourages",  # 5.7.23 SPF
        "domains of dmarc",
        "arc seal failure",  # 5.7.29
        "sender authentication",  # GMX/1&1
        "email rejected per … policy",  # Zoho
    ),
)

SENDER_ADDRESS = Cause(
    4,
    "sender address refused",
    (
        "sender address rejected",  # Postfix
        "sender address … does not exist",  # Sendmail "Domain of sender address … does not exist"
        "domain of sender",  # Sendmail 5.1.8
        "sender rejected",  # IronPort, Cox
        "sender … rejected",
        "sender domain",  # "Sender domain must exist"
        "senders domain",
        "invalid sender",
        "sender address is invalid",
        "required for sender",  # Sendmail 5.5.4 "Domain name required for sender address"
        "sender invalid",  # GoDaddy IB501
        "invalid dns mx or a",  # GMX, of the sender's domain
        "sender address has null mx",  # Microsoft 5.7.27
        "no longer accept … from you|",
        "sender denied",  # Exchange 5.7.1 STOREDRV "sender denied"
        "sender not allowed",
        "sender … not allowed",
        "sender refused",
        "sender … refused",
        "sender is not",
        "sender verify failed",  # Exim
        "sender verification",  # Exim, cPanel
        "sender … blocked",
        "sender … could not be verified",
        "could not verify sender",
        "unable to verify sender",
        "sender hostname",
        "unknown sender",
        "bad sender",
        "from domain … invalid",
        "from domain is invalid",
        "from address … invalid",
        "from address … rejected",
        "mailfrom domain",  # Ziggo MXIN506
        "mail from … rejected",
        "mail from … not allowed",
        "mail from … denied",
        "mail from … does not exist",
        "returned address … invalid",
        "return path … invalid",
        "envelope sender",  # "envelope sender is in my badmailfrom list" (qmail)
        "badmailfrom",  # qmail
        "bad from address",
        "access denied … sender",
        "not accepting mail from",  # AOL: the recipient blocks the sender
        "does not accept mail from",
        "not accept mail from",
        "refuse … mail from",
        "refused mail from",
        "rejecting mail from",
        "we do not accept mail from",
        "you are sending to from an address that has been blacklisted",  # Exim sites
        "unable to find mx … sender",
        "only registered … can",
        "must be authenticated to send to this recipient",
        "not a member of",  # mailing lists
        "you are not … member",  # fml, Mailman
        "only subscribers may post",  # ezmlm
        "not permitted to send … to this",
        "not authorized to send to the recipient",  # Exchange transport
        "isnt allowed to send",
        "not have permission to",  # Exchange, Google Groups "may not have permission to post"
        "does not have permission",
        "permission to post",  # Google Groups
        "permission to send",  # Exchange 5.7.1
        "restrict … senders",  # Exchange distribution groups
        "only accepts messages from",  # Exchange "group only accepts messages from people in its organization"
        "only accept … from authenticated",
        "delivery is restricted",
        "verification failed for",  # Exim: "550-Verification failed for <sender>"
        "no such sender",
        "cannot verify sender",
        "send from an address",
        "sender … not verified",
        "sender has no",  # "550-Sender has no A, AAAA, or MX DNS records"
        "sender callback",
        "unroutable sender",
        "unrouteable sender",
        "mail from not owned",
        "senderfilterconfig",
        "emetteur invalide",
        "expéditeur invalide",
        # Refusals of the null reverse-path, which RFC 5321 §4.5.5 asks to take
        "batv",  # its tag is missing or expired
        "backscatter",
        "third party dsn",
        "unsigned dsn",
        "returned mail not accepted",
    ),
)
