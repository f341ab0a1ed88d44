"""What single receivers mean by their own codes, URLs and words, where it differs from what the words seem to say."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

SENDING_SIDE = (
    # Services that send for others keep lists of addresses to which they send no more, and tell so by a bounce.
    Cause(
        10,
        "suppressed by the sending side",
        (
            "suppressed sending to this address",  # Amazon SES
            "is suppressed to send mail",  # CMC itself, in reply to RCPT TO
            "suppression list",  # Amazon SES, Mailgun, SparkPost
            "bounced address",  # SendGrid's event "dropped"
            "not delivering to previously bounced address",  # Mailgun
        ),
    ),
    Cause(4, "Amazon SES: too many mails", ("throttling failure",)),
    Cause(11, "unsubscribed", ("unsubscribed address", "not delivering to unsubscribed address", "has unsubscribed")),
)

GOOGLE = (
    # Gmail ends each refusal with a page "…?p=Name"; the name says the cause when the text was cut.
    Cause(2, "Gmail: no such user", ("@p nosuchuser",)),
    Cause(2, "Gmail: account disabled", ("@p disableduser", "@p inactiveuser")),
    Cause(5, "Gmail: over quota", ("@p overquota", "@mail answer 6558")),
    Cause(4, "Gmail: receiving too fast", ("@p receivingrate", "@p receivingratelimit", "@mail answer 6592")),
    Cause(
        4,
        "Gmail: unwanted mail",
        (
            "@p unsolicited",
            "@p blockedmessage",
            "@p unauthenticatedemail",
            "@p sendernotverified",
            "@p unauthenticated",
            "@p ipv6authaddr",
            "@bulk mail 188131",
            "@mail answer 188131",
            "@mail answer 81126",
        ),
    ),
    Cause(2, "Gmail: no such user", ("@mail answer 6596", "@answer py answer 6596")),  # the page of 5.1.1
    # Google Groups tells in 40 languages that there is no such group or that one may not write to it, with this link.
    Cause(4, "Google Groups: not allowed to post, or no such group", ("@groups google com support",)),
)

JAPANESE_CARRIERS = (
    # docomo: "550 Unknown user" comes after DATA, when the recipient's own settings refuse the mail; and it is docomo's
    # way (published for senders) not to tell the two apart: seen at mfsmax.docomo.ne.jp.
    Cause(
        4,
        "docomo: refused by the recipient's settings",
        (
            "@mfsmax docomo … unknown user … end of data",
            "@mfsmax docomo … data 550 unknown user",
            "@docomo ne jp … data 550 unknown user",
        ),
    ),
    Cause(5, "docomo: mailbox full", ("too much mail data",)),
    # docomo's servers close the door for a while to hosts that send too much, or to too many unknown users.
    Cause(4, "docomo: the sending host is refused for a while", ("@mfsmax … refused to talk to me",)),
    # SoftBank judges the sender's domain after DATA and names it, as its page for senders says.
    Cause(4, "SoftBank: the sender's domain does not exist", ("@softbank ne jp … 553 … does not exist",)),
    # au / EZweb: "550 : User unknown" with nothing before the colon: its filter answers after DATA.
    Cause(
        4,
        "au: refused by the recipient's settings",
        ("@ezweb ne jp … 550 user unknown", "@au com … 550 user unknown … end of data"),
    ),
)

MICROSOFT = (
    Cause(2, "Microsoft 365: no such recipient", ("recipientnotfound", "resolver adr exrecipnotfound")),
    Cause(99, "Exchange: content that it cannot convert", ("cat invalidcontent",)),
    Cause(7, "Microsoft 365: not an accepted domain", ("unable to relay recipient in non accepted domain",)),
    Cause(
        5,
        "Exchange: mailbox full",
        ("storedrv … quotaexceeded", "storedrv … mailbox full", "storedrv … mapiexceptionshutoffquota"),
    ),
    Cause(
        8,
        "Exchange: too large",
        ("storedrv … messagetoolarge", "resolver rst recipsizelimit", "resolver rst sendsizelimit", "sizelimit"),
    ),
    Cause(4, "Exchange: recipient refuses this sender", ("resolver rst",)),
    Cause(4, "Exchange: recipient refuses this sender", ("restrictedtogroup", "resolver rst senderblocked")),
    Cause(2, "Exchange: account disabled", ("storedrv … mailboxdisabled", "mailboxdisabled", "accountdisabled")),
    Cause(7, "Exchange: its store failed", ("storedrv deliver exception",)),
    Cause(7, "Exchange: forwards back to itself", ("resolver fwd", "routing loopdetected", "loopdetected")),
    Cause(4, "Microsoft: sender not authenticated", ("does not pass dmarc", "5 7 509")),
)

_CODES = range(1, 10)
FACEBOOK = (
    # Three letters, T or P (temporary, permanent) and a digit: RCP-P1
    Cause(2, "Facebook: no such user", ("rcp p1", *(f"inv p{number}" for number in _CODES))),
    Cause(4, "Facebook: refused by the recipient's settings", ("rcp p2", "rcp p3")),
    Cause(
        4,
        "Facebook: refused by policy",
        (
            *(f"{subject} p{number}" for subject in ("pol", "dns", "con", "bot") for number in _CODES),
            "int p3",
        ),
    ),
    Cause(8, "Facebook: too large", tuple(f"msg p{number}" for number in _CODES)),
)

BARE_REFUSALS = (
    # Orange (FR) and Laposte write the cause as a number behind their own letters
    Cause(5, "Orange: mailbox full", ("ofr 417", "ofr 513")),
    Cause(2, "Orange: no such mailbox", ("ofr 416",)),
)

TENCENT = (
    # QQ Mail: a sentence and a page number (service.mail.qq.com …&no=1000728)
    Cause(2, "QQ: no such mailbox", ("mailbox unavailable or access denied", "@no 1000728")),
    Cause(4, "QQ: refused", ("mail content denied", "frequency limited", "suspected bounce attacks", "suspected spam")),
    Cause(4, "QQ: refused", ("mail is rejected by recipients", "mail rejected by … recipient")),
)

NETEASE = (
    # 163.com, 126.com and yeah.net answer with two letters and three ("554 DT:SPM …") and a page about unwanted mail
    Cause(4, "NetEase: refused", (
        "dt spm", "dt sum", "dt spb", "dt rbl", "hl ihu", "hl itc", "hl ipb", "hl rep", "hl icc", "mi ipb", "mi spb",
        "mi dmc", "mi spf", "mi ste", "mi cel", "mi ccl", "mi nis", "mi sfq", "rp drc", "rp ccl", "rp qrc", "rp cel",
        "wm bli", "wm blu", "@help spam 16",
    )),
)  # fmt: skip

I_UA = (
    # i.ua answers with nothing but the address of a numbered page
    Cause(2, "i.ua: no such user, or unused for months", ("@mail i ua err 2", "@mail i ua err 3")),
    Cause(5, "i.ua: mailbox full", ("@mail i ua err 4",)),
    Cause(4, "i.ua: refused", ("@mail i ua err",)),
)

GO_DADDY = (
    Cause(2, "GoDaddy: no such user", ("account or domain may not exist",)),
    Cause(7, "GoDaddy: AUTH at the wrong server", ("authentication not allowed on ibsmtp",)),
    Cause(4, "GoDaddy: refused", ("ib001", "ib007", "ib10", "ib11", "ib20", "ib21", "ib4", "ib5", "ib6", "ib7")),
)

APPLE = (
    Cause(4, "iCloud: refused", ("hme1", "hm07", "hm08", "cs01", "cs02", "@support apple com en us ht204137")),
    Cause(5, "iCloud: mailbox full", ("user is overquota", "quota exceeded hme")),
)

TABLE = (
    *SENDING_SIDE,
    *TENCENT,
    *NETEASE,
    *I_UA,
    *GO_DADDY,
    *APPLE,
    *GOOGLE,
    *JAPANESE_CARRIERS,
    *MICROSOFT,
    *FACEBOOK,
    *BARE_REFUSALS,
)
