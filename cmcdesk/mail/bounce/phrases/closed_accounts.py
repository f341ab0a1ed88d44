"""Error status 2 for accounts that exist no longer for mail, and 9: what was written is no address."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

SUSPENDED = Cause(
    2,
    "account closed, disabled or moved",
    (
        "account … disabled",  # Gmail 5.2.1, Yahoo, au "The user(s) account is disabled"
        "account disabled",
        "account blocked|",
        "account is blocked|",
        "account that you tried to reach is disabled",  # Gmail
        "account … suspended",
        "account … locked",  # vpopmail "account is locked email bounced"
        "account … inactive",
        "account … closed",
        "account … expired",
        "account … deactivated",
        "account … discontinued",
        "account … terminated",
        "account … cancelled",
        "account has been",
        "account is not active",
        "account not active",
        "account is temporarily limited",  # au
        "user … temporarily limited",
        "temporarily limited",  # au: "The user(s) account is temporarily limited."
        "user … disabled",
        "user … suspended",
        "user … inactive",
        "user … not active",
        "user is blocked",
        "mailbox … disabled",  # RFC 3463 5.2.1
        "mailbox disabled",
        "mailbox … inactive",
        "mailbox … frozen",
        "mailbox … blocked",
        "mailbox … suspended",
        "mailbox … deactivated",
        "mailbox … closed",
        "recipient … disabled",
        "disabled recipient",  # hidden behind 525 5.7.13
        "recipient … suspended",
        "recipient … inactive",
        "has been disabled",
        "inactivated",
        "dormant",
        "extended inactivity",
        "never logged on",  # AIM Mail
        "inactive user",
        "inactive account",
        "inactive recipient",
        "inactive mailbox",
        "disabled user",
        "disabled account",
        "disabled or discontinued",  # Yahoo
        "address is no longer",
        "address no longer",
        "no longer valid",
        "no longer available",
        "no longer active",
        "no longer in use",
        "no longer accept",
        "no longer on",
        "no longer works",
        "no longer with",
        "no longer employed",
        "has moved",  # RFC 3463 5.1.6
        "has been moved",
        "has been replaced by",
        "user has left",
        "recipient has left",
        "has left the company",
        "address has been changed",
        "e mail address … changed",
        "domain is suspended",
        "not accepting messages",  # RFC 3463 5.2.1
        "not accepting mail",
        "not allowed to receive",
        "cannot receive mail",
        "not accepting any mail",
        "停用",
    ),
)

BAD_ADDRESS = Cause(
    9,
    "not an address of an address's form",
    (
        "mailbox name not allowed",  # RFC 5321 §4.2.3: 553, "e.g., mailbox syntax incorrect"
        "not a valid rfc",  # Gmail "is not a valid RFC 5321 address"
        "bad destination mailbox address syntax",  # RFC 3463 5.1.3
        "invalid address syntax",
        "invalid recipient address syntax",
        "address syntax",
        "bad address syntax",
        "bad recipient address syntax",  # Postfix "Recipient address rejected: Bad recipient address syntax"
        "syntax error … address",
        "syntax error in recipient",
        "syntax error in mailbox",
        "malformed address",  # Exim
        "malformed recipient",
        "address is malformed",
        "malformed mailbox",
        "invalid mailbox syntax",
        "illegal address",
        "illegal syntax",
        "illegal recipient",
        "illegal character",
        "invalid character in local",
        "invalid character in address",
        "invalid characters in address",
        "illegal route",
        "invalid route",  # Sendmail 5.1.3
        "unparsable",
        "unparseable",
        "unbalanced",  # Sendmail 5.1.3 "Unbalanced '<'"
        "user address required",  # Sendmail 5.1.3
        "hostname required",  # Sendmail
        "bad address",
        "invalid email address format",
        "invalid address format",
        "address contains",
        "address format",
        "domain missing",
        "missing or malformed local part",  # Exim
        "missing domain",
        "no at sign",
        "unqualified address",  # Exim
        "must contain a domain",
    ),
)
