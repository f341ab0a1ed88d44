"""Error status 3 (no connection, gave up), 6 (forwarding) and 7 (a fault of the receiving server)."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

EXPIRED = Cause(
    3,
    "gave up after retrying",
    (
        "retry timeout exceeded",  # Exim
        "too old",
        "retry time not reached",  # Exim
        "all hosts have been failing",  # Exim
        "envelope expired",  # OpenSMTPD
        "mail expired",
        "message has expired",
        "message expired",  # Amazon SES, Exchange 4.4.7
        "delivery time expired",  # RFC 3463 5.4.7
        "queue expired",  # Exchange #550 4.4.7 QUEUE.Expired
        "queue too long",  # qmail, Yahoo "in the queue too long"
        "been in the queue",
        "could not be delivered for … days",  # Sendmail "could not be delivered for 5 days"
        "could not be delivered for … hour",
        "could not be delivered for … minutes",
        "could not be delivered within",
        "undelivered after",
        "not delivered within",  # au
        "was not delivered within",
        "cannot be delivered in time",
        "delivery failed … attempts",  # IMail "Delivery failed 20 attempts"
        "maximum delivery attempts",  # InterScan
        "exceeded maximum … attempts",
        "retry limit",
        "retries exceeded",
        "too many retries",
        "will be deleted from queue",  # Symantec, SurfControl
        "unable to deliver in|",  # Amazon SES "unable to deliver in 840 minutes"
        "gave up after",
        "attempts have failed repeatedly",
        "unable to deliver after",
        "giving up after",
        "been aborted after",
        "was aborted after",  # IceWarp, Kerio
        "has been delayed",
        "is delayed",
        "delivery … delayed",
        "will be retried",  # Gmail
        "will retry",
        "will keep trying",
        "temporary … problem delivering",  # Gmail
        "not yet been delivered",
        "still undelivered",
        "still being retried",
        "delivery failed too long",
        "delivery expired",
        "failing for a long time",
        "not been collected",
    ),
)

NO_CONNECTION = Cause(
    3,
    "no connection",
    (
        "connection timed out",  # Postfix 4.4.1, Exim, Sendmail
        "broken pipe",
        "timeout",
        "connection timeout",
        "connect timed out",
        "connection time out",
        "connect … timed out",
        "timed out",  # Postfix "conversation with … timed out"
        "timeout",
        "operation timed out",
        "connection refused",
        "connection reset",
        "connection closed",
        "connection dropped",
        "connection lost",
        "lost connection",  # Postfix
        "connection was dropped",
        "connection was closed",
        "connection failed",
        "connection broken",
        "broken pipe",
        "network is unreachable",
        "network unreachable",
        "no route to host",
        "host is down",
        "host down",
        "host is not responding",
        "remote host is not responding",  # au
        "not responding",
        "no answer from host",  # RFC 3463 5.4.1
        "no answer",
        "server could not be reached",
        "no response",
        "unable to connect",  # Yahoo, Exchange "unable to connect successfully"
        "cannot connect",
        "could not contact",
        "cant connect",
        "could not connect",
        "couldnt connect",
        "wasnt able to establish an smtp connection",  # qmail 4.4.1
        "unable to contact",  # qmail-ldap "Unable to contact LDAP server", Sendmail
        "couldnt establish",
        "failed to connect",
        "did not accept our requests to connect",  # Gmail
        "didnt respond",
        "did not respond",
        "did not answer",
        "bad connection",
        "remote host … disconnect",
        "hung up on",
        "deferred",  # Sendmail
        "temporarily unavailable",
        "temporary … failure",
        "temporary lookup failure",
        "try again later",
    ),
)

FAULT = Cause(
    7,
    "fault of the receiving server",
    (
        "command died with status",  # Postfix pipe(8)
        "lookup failure",
        "command output",  # Postfix local(8), pipe(8)
        "mailer error",
        "local delivery failed",
        "local error",
        "unknown mailer error",  # Sendmail
        "cant create",
        "cannot create",
        "cannot open",
        "cant open",
        "unable to open",
        "unable to create",
        "procmail",
        "maildrop",
        "mail system error",
        "system error",
        "internal error",
        "internal server error",
        "internal system error",
        "server error",
        "configuration error",
        "server configuration",
        "misconfigur",
        "service unavailable",  # 554 Service unavailable without a cause
        "service not available",
        "service currently unavailable",
        "service temporarily unavailable",
        "system not accepting network messages",  # RFC 3463 5.3.2
        "not accepting network messages",
        "system not capable",
        "operating system error",  # Sendmail
        "out of memory",
        "insufficient resources",
        "insufficient permission",  # Sendmail "… Insufficient permission"
        "io error",
        "i o error",
        "input output error",
        "database",
        "ldap",
        "lookup failure",
        "upstream error",  # Cloudflare email routing
        "unexpected error",
        "internal software",
        "protocol error",  # Sendmail "Remote protocol error"
        "improper sequence",  # 503
        "bad sequence",
        "command not recognized",
        "unrecognized command",
        "syntax error",
        "unsupported",
        "not implemented",
        "requested action aborted",
        "local error in processing",
        "queue file write error",
        "pipe to",
        "child process",
    ),
)

# Said of the machine, in words that are said of users too: qmail-local, preline, Exim, Postfix
PROGRAM = Cause(
    7,
    "the receiver's delivery program failed",
    ("unable to run", "home directory does not exist", "transport returned", "create maildir file"),
)

FORWARDING = Cause(
    6,
    "failed at the address it was forwarded to",
    (
        "forwarding failed",
        "forwarding error",
        "forward failed",
        "could not be forwarded",
        "unable to forward",
        "failed to forward",
        "error forwarding",
        "while forwarding",
    ),
)
