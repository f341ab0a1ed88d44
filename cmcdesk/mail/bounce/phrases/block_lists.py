"""Error status 4: the sending host is listed, nameless, or sends too much."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

BLOCK_LISTS = Cause(
    4,
    "sending host or address is on a block list",
    (
        "spamhaus",  # block list operator, cited in most refusals
        "spamcop",
        "sorbs|",
        "senderscore",
        "barracudacentral",
        "dnsbl",
        "rbl|",
        "rbls|",
        "abuseat",  # CBL
        "uceprotect",
        "blocklist",
        "block list",  # Microsoft S3150, Yahoo
        "blacklist",
        "black list",
        "black listed",
        "rejected see",  # Sendmail FEATURE(dnsbl): "Rejected - see http://…"
        "blocked using",  # Postfix reject_rbl_client
        "blocked by … bl",
        "listed at",
        "listed in … rbl",
        "is listed by",
        "blocked for abuse",  # AOL, Comcast
        "blocked … due to abuse",
        "blocked due to spam",
        "blocked because of spam",
        "access denied … banned sending ip",  # Microsoft 5.7.606
        "banned sending ip",
        "sending mta … poor reputation",  # Cisco IronPort
        "poor reputation",  # Cisco, Gmail
        "low reputation",  # Gmail "likely suspicious due to the very low reputation"
        "bad reputation",  # Cloudmark / CSI
        "reputation",  # Symantec, Trend Micro ERS
        "senderbase",  # Cisco
        "your ip … blocked",
        "ip address … blocked",
        "ip … is blocked",
        "ip address … rejected",
        "ip address … listed",
        "host … is blacklisted",
        "messages from … werent sent",  # Outlook.com "550 SC-00x … weren't sent"
        "messages from … temporarily deferred",  # Yahoo TSS04
        "part of their network is on our block list",  # Outlook.com S3140
        "mail from … has been blocked",
        "mail from your",
        "email from your",  # "We do not accept email from your IP"
        "not accepting connections",  # Apple iCloud "ESMTP not accepting connections"
        "connection refused … by policy",
        "connection dropped … policy",
        "client host rejected",  # Postfix smtpd
        "client host … blocked",
        "client host … rejected",
        "client address … denied",
        "host network not allowed",  # Mimecast
        "open relay",
        "you are not allowed to connect",
        "not allowed to send … this server",
        "access from … denied",
        "access from ip",
        "access not allowed",
        "from your country",
        "intrusion prevention active",
        "message from … temporarily deferred",  # Yahoo GL01
        "dns nr",  # AOL DNS:NR
        "host is not allowed to send",
        "@tosa rx t online",  # T-Online: "A problem occurred. (Ask your postmaster … or to contact tosa@rx…)"
        "no access from mail server",  # Sendmail 8.8 antirelay
        "server access … forbidden",
        "connections from this host",
        "connection not authorized",
        "rejected because … blocked",
        "is on … blocklist",
        "unsolicited … from your ip",
        "dul",
        "dynamic ip",  # GMX, Arcor
        "dynamic pool",
        "dialup",
        "generic hostname",
        "residential",
        "is a known source of",
        "email rejected … cloudmark",
        "cloudfilter",
        "csi cloudmark",
        "connecting host … denied",
        "sender ip",
        "sending ip",  # Gmail, Microsoft
        "your mail server … rejected",
        "your email … has been blocked",
        "your host … blocked",
        "tss0",  # Yahoo [TSS04], [TSS09]
        "ts0",  # Yahoo [TS01] …
        "ts03",
        "bl000",  # Comcast BL000000
        "rulenumber",
        "too many errors",
        "invalid ip for sending",
    ),
)

# The operators' hosts and pages: a name, hence asked last of all.
BLOCK_LIST_PAGES = Cause(
    4,
    "a block list's page is cited",
    (
        "@spamhaus org", "@spamcop net", "@sorbs net", "@barracudacentral org", "@sender office com", "@senderscore",
        "@senderbase", "@csi cloudmark com", "@dnsbl", "@rbl|", "@uceprotect net", "@abuseat org",
        "@talosintelligence com",
        "@mxtoolbox com", "@invaluement com", "@postmaster yahoo", "@postmaster aol", "@postmaster live",
    ),
)  # fmt: skip

REVERSE_DNS = Cause(
    4,
    "the sending host's name does not resolve (reverse DNS)",
    (
        "reverse dns",
        "reverse … lookup",
        "rdns",
        "ptr record",
        "no ptr",
        "unresolvable relay host",
        "domain must resolve",
        "missing ptr",
        "ptr resource record",
        "fcrdns",
        "cannot find your hostname",  # Postfix reject_unknown_client
        "cannot find your reverse hostname",
        "cannot resolve your hostname",
        "helo command rejected",  # Postfix
        "helo … rejected",
        "helo should be",
        "ehlo … rejected",
        "need fully qualified hostname",
        "unresolvable … helo",
        "invalid helo",
        "bad helo",
        "helo … does not resolve",
        "ip name lookup failed",  # Sendmail 8.12 FEATURE(require_rdns)
        "ip name possibly forged",  # Sendmail FEATURE(require_rdns)
        "fix reverse dns",
        "hostname … does not match",
        "unverifyable sending ip",  # "service permits 2 unverifyable sending IPs"
        "unverifiable sending ip",
        "client host … cannot find",
        "domain name … does not resolve",
        "must have a valid ptr",
        "dns … not match",
        "my name was rejected",  # qmail-remote: HELO refused
    ),
)

RATE = Cause(
    4,
    "too many mails or connections",
    (
        "too many recipients",  # docomo 552, Sendmail 452 4.5.3
        "too many connections",
        "too many concurrent",
        "too many simultaneous",
        "too many sessions",
        "too many messages",
        "too many emails",
        "too many invalid recipients",
        "too many bad recipients",
        "too many mails",
        "too many hosts",
        "too many unknown",
        "connection rate limit",  # Sendmail 4.3.2
        "connection limit",  # Exim, Sendmail
        "concurrent connection",
        "rate limit",
        "rate … exceeded",
        "rate that",  # Gmail 4.2.1 "receiving mail at a rate that prevents …"
        "receiving mail too quickly",
        "receiving mail at a rate",
        "sending rate",
        "message rate",
        "exceeded … messages per",
        "max … messages per",
        "maximum … connections",
        "sending limit",
        "daily … limit",
        "hourly limit",
        "limit exceeded … per",
        "exceeded … sending",
        "unusual rate",  # Gmail 4.7.28
        "unusual … volume",
        "unusual sending",  # Zoho 5.4.6
        "receive limit from",  # Microsoft 5.2.121
        "requests from your ip",
        "unexpected volume",  # Yahoo TSS04
        "volume of",
        "throttl",  # Microsoft, Symantec
        "try again more slowly",
        "slow down",
        "excessive",
        "exceeds … rate",
        "suspicious … connection",
        "quota … submission",
    ),
)

GREYLISTED = Cause(
    3,
    "put off again and again (greylisting)",
    (
        "greylist",
        "graylist",
        "grey listed",
        "gray listed",
        "grey listing",
        "gray listing",
        "please retry later in",
        "not accepting messages at this time",
    ),  # Cisco: of a server that is busy
)

# Codes of providers for their refusals. They stand behind other answers too ("User Unknown - LPN007_510"), so they are
# asked after all words about the address.
REFUSAL_CODES = Cause(
    4,
    "refused, by the provider's own code",
    (
        "ofr 5",  # Orange France OFR_5xx refuse codes
        "ofr506",
        "ofr 4",
        "ofr",
        "ofr00",
        "lpn00",
        "lpn",  # laposte.net LPN… refusal codes
        "mxin506",  # Ziggo / UPC mail codes
        "rly b",
        "rtr b",  # AOL (RTR:BB), (RTR:BL)
        "hvu b",  # AOL HVU:B1
        "dyn t1",  # AOL DYN:T1
        "dns b1",  # AOL "DNS:B1" reverse DNS
        "con b1",  # AOL
        "cdrbl",  # Cox AUP#CDRBL
        "aup",  # Cox, Charter AUP#…
    ),
)
