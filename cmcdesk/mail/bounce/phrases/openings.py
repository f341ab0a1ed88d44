"""How mail systems begin a notice: the lines by which a text without a machine-readable report is known.

Notation of `phrases`; the number of each row is 1 for "not delivered", 0 for "not delivered yet". A row must be
a system's own sentence about *your message*: words that people use about bounces do not belong here.
"""

from functools import cache

from cmcdesk.mail.bounce.phrases import openings_abroad, openings_ja
from cmcdesk.mail.bounce.phrases.phrases import Cause, Table, compile_rows

FINAL, DELAYED = 1, 0
ANYBODYS = "a mail system"  # the row of words that people use too
COMMON = (ANYBODYS, openings_abroad.ABROAD, openings_ja.JAPANESE, "a mail system's warning", openings_ja.WARNING)

FAILED = (
    Cause(FINAL, "Postfix", (
        "i m sorry to have to inform you that",  # Postfix bounce(5) template
        "im sorry to have to inform you that",
        "sorry to inform you that the message below could not be delivered",  # Barracuda
        "this is the mail system at host",
        "this is the postfix program at host",
        "this is the email security gateway at host",  # Barracuda
    )),
    Cause(FINAL, "Exim", (
        "message was created automatically by mail delivery software",
        "message that you sent could not be delivered to",
        "message that you have sent could not be delivered",  # MXLogic
        "message that you sent was rejected by the local scanning code",  # before anybody was tried: moan.c
        "message that you sent was longer than the maximum size",
        "message that you sent contained",
        "could not be delivered to one or more of its recipients",
        "could not be delivered to all of its recipients",
        "following address es failed",
        "following addresses failed",
    )),
    Cause(FINAL, "qmail", (
        "hi this is the qmail send program",
        "this is the qmail send program",
        "qmail send",
        "im afraid i wasnt able to deliver",  # qmail, Yahoo
        "i wasnt able to deliver your message",
        "this is a permanent error ive given up",
        "we were unable to deliver your message to the following address",  # Yahoo
        "sorry we were unable to deliver your message",
        "problem with the e mail address es youre trying to send to",  # Go Daddy
        "your mail was not delivered to the following address",  # United Online
        "su mensaje no pudo ser entregado",
        "unfortunately your mail was not delivered",
    )),
    Cause(FINAL, "Sendmail", (
        "following addresses had permanent fatal errors",
        "following addresses had delivery problems",
        "following addresses had permanent delivery errors",
        "following addresses had transient",
        "following addresses had delivery errors",
        "following addresses have delivery notifications",
        "transcript of session follows",
        "the original message was received at",
        "unsent message follows",
    )),
    Cause(FINAL, "Exchange", (
        "did not reach the following recipient",
        "did not reach some or all of the intended recipients",
        "following recipient s could not be reached",
        "following recipient s cannot be reached",
        "delivery to the following recipients failed",
        "delivery to the following recipient failed",
        "delivery has failed to these recipients",
        "delivery has failed to the following recipients",
        "delivery to these recipients or",
        "unable to deliver message to the following recipients",
        "rejected your message to the following e mail addresses",
        "rejected your message to the following email addresses",
        "your message couldnt be delivered",
        "couldnt be delivered to",
        "wasnt delivered to",
        "your message wasnt delivered",
        "your message to … couldnt be delivered",
        "message hasnt been delivered",
        "a problem occurred during the delivery of this message",
        "diagnostic information for administrators",
        "your message can t be delivered",
    )),
    Cause(FINAL, "Domino or Notes", (
        "failure reasons",
        "delivery failure report",
        "your document",
    )),
    Cause(FINAL, "Google", (
        "delivery to the following recipient failed permanently",
        "delivery to the following recipients failed permanently",
        "technical details of permanent failure",
        "address not found … your message wasnt delivered",
        "that the group you tried to contact",
        "@groups google com support",  # every language: "have questions about this or another Google group"
        "@support google com a … bin topic py topic 25838",
    )),
    Cause(FINAL, "Amazon SES", (
        "an error occurred while trying to deliver the mail to the following recipients",
        "this message could not be delivered",
        "the following message to … was undeliverable",
    )),
    Cause(FINAL, "IceWarp or Merak", ("has been aborted after", "have been aborted after")),
    Cause(FINAL, "Courier", ("running the courier mail server", "undeliverable mail … your message to the following")),
    Cause(FINAL, "OpenSMTPD", ("error has occurred while attempting to deliver a message for",)),
    Cause(FINAL, "DragonFly Mail Agent", ("there was an error delivering your mail to", "dragonfly mail agent")),
    Cause(FINAL, "PowerMTA", ("sending you this message to inform you on the delivery status",)),
    Cause(FINAL, "Oracle Messaging Server or PMDF", (
        "your message cannot be delivered to the following recipients",
        "this report relates to a message you sent",
    )),
    Cause(FINAL, "Novell GroupWise", ("the message that you sent was undeliverable to", "undeliverable to")),
    Cause(FINAL, "SendGrid", ("automatically generated message from sendgrid", "sorry to have to tell you that")),
    Cause(FINAL, "Facebook", ("message was created automatically by facebook",)),
    Cause(FINAL, "amavis", ("the message was not relayed to", "non delivery report was generated by")),
    Cause(FINAL, "amavis", ("nondelivery report was generated by", "content filter … message … not be delivered")),
    Cause(FINAL, "LISTSERV", ("you are not authorized to send mail to the … list",)),
    Cause(FINAL, "InterScan", (
        "message from interscan", "following mail could not be delivered", "interscan messaging security",
    )),
    Cause(FINAL, "Barracuda or another content gateway", (
        "message you sent … blocked by our", "your message was blocked", "your message … was blocked by",
        "your message was rejected", "your message to … was rejected",
        "your message … has been rejected", "email you sent was rejected", "your email was rejected",
        "message has been quarantined and", "was automatically rejected", "and has been blocked",
        "could not be delivered because of",  # MailMarshal
        "the following recipients were affected",  # MailMarshal
    )),
    Cause(FINAL, "Mimecast", (
        "email that you attempted to send to the following address could not be delivered", "the problem appears to be",
    )),
    Cause(FINAL, "SurfControl", ("your message could not be sent", "message non deliverable")),
    Cause(FINAL, "IMail or SMTP32", (
        "delivery failed … attempts", "invalid final delivery userid", "user mailbox exceeds allowed size",
        "undeliverable to", "unknown host … original message follows", "unknown user … original message follows",
        "mailbox … original message follows",
    )),
    Cause(FINAL, "au (EZweb)", (
        "each of the following recipients was rejected by a remote", "following recipients did not receive this",
        "users account is disabled", "user s account is",
        "your mail sent on … could not be delivered to",
    )),
    Cause(FINAL, "Japanese provider", ("non delivered information",)),
    Cause(FINAL, "Apache James", ("message details … sent date … mail from … rcpt to",)),
    Cause(FINAL, "Italian certified mail (PEC)", ("avviso di mancata consegna", "rilevato un errore")),
    Cause(FINAL, "Verizon", ("error invalid user address", "error message below")),
    Cause(FINAL, "fml", (
        "you are not member", "you are not a member", "loop alert", "duplicated message id in",
        "your mail is rejected", "posting is rejected", "your mail has been rejected",
    )),
    Cause(FINAL, "Yale, LLNL and other sites", (
        "message not delivered to the following", "did not exactly match an",
        "not a valid user of the system", "are not a valid user",
    )),
    *openings_ja.FAILED,
    *openings_abroad.FAILED,
    Cause(FINAL, ANYBODYS, (
        "was not delivered to", "your message … was not delivered", "message not delivered", "message blocked",
        "your mail could not be delivered",
        "could not be delivered", "couldnt be delivered", "cannot be delivered", "cant be delivered",
        "can not be delivered", "not be delivered to", "was not delivered", "has not been delivered", "undeliverable",
        "undelivered mail", "undelivered message",
        "unable to deliver", "failed to deliver", "unable to send your", "failed addresses follow",
        "failed recipients", "delivery failed", "delivery failure", "delivery has failed", "delivery error",
        "delivery attempt failed", "mail delivery failed", "permanent failure", "permanent error",
        "returned to sender", "returning message to sender", "message returned", "returned mail",
        "automatic bounce notification", "automatically generated delivery status notification",
        "delivery status notification", "delivery notification", "non delivery", "nondelivery", "not deliverable",
        "no valid recipients were found", "unzustellbar", "fehlgeschlagen", "tried to deliver your message",
        "your delivery to the following address has been failed", "were unable to deliver", "bounced message",
        "bounced back", "wasnt able to deliver", "was undeliverable", "could not deliver", "couldnt deliver",
        "cannot deliver", "not delivered", "mailbox is full", "mailbox full", "did not receive this message",
        "failed recipient", "failed address", "not receive a copy of your message", "delivery problems",
        "trouble delivering your", "was unsuccessful", "not successful",
        "error sending your", "rejected recipient", "delivery errors", "failed to send", "message could not",
    )),
)  # fmt: skip

PUT_OFF = (
    *openings_ja.PUT_OFF,
    Cause(DELAYED, "Sendmail warning", (
        "this is a warning message only", "message still undelivered after", "will keep trying",
        "have had no success so far", "could not send message for past", "you do not need to resend your message",
        "following addresses had transient non fatal errors",
    )),
    Cause(DELAYED, "Postfix warning", ("this is a warning only", "it will be retried until")),
    Cause(DELAYED, "Exim warning", (
        "has not yet been delivered", "have not yet been delivered", "delivery attempts will continue",
        "not yet been delivered to",
    )),
    Cause(DELAYED, "Google or Exchange delay", (
        "to the following recipient has been delayed", "message will be retried for", "has been delayed",
        "delivery incomplete", "gmail will retry", "delivery is delayed to these recipients", "delivery is delayed",
        "message hasnt been delivered yet", "will continue to try", "will continue trying", "wird verzögert",
        "is still awaiting delivery", "still awaiting delivery", "have not yet received your message",
        "only a notification about a delay", "verzögert", "retardée", "retardado", "retrasado", "ritardat", "atrasad",
        "задерж", "延迟",
    )),
    Cause(DELAYED, "OpenSMTPD warning", ("only a temporary failure report", "message is delayed for more than")),
    Cause(DELAYED, "a mail system's warning", (
        "will be retried", "still being retried", "will try again", "will retry", "temporary delivery problem",
        "is delayed", "was delayed", "has been postponed", "we will keep trying", "continue to attempt",
        "continue attempting",
        "still trying to deliver", "attempts to deliver … will continue", "delivery of … delayed",
        "no action is required on your part",
    )),
)  # fmt: skip

# These close the matter even where a text also speaks of delays and further tries.
CLOSED = (
    *openings_ja.CLOSED,
    Cause(FINAL, "given up", (
        "failed permanently", "permanent error", "permanent failure", "permanent fatal errors", "ive given up",
        "given up", "giving up", "gave up", "will not be retried", "no further attempts",
        "no further delivery attempts",
        "not going to try again", "will not continue trying", "will be deleted from queue", "message expired",
        "was aborted", "retry timeout exceeded", "queue too long",
        "has been returned to you", "could not be delivered within",
    )),
)  # fmt: skip


# These end even what its report calls a delay.
EXPIRED = (Cause(FINAL, "expired", ("envelope expired", "message expired", "queue expired", "expired … in queue")),)


@cache
def expired_rows() -> Table:
    """Words that the time of a mail is over."""
    return compile_rows(EXPIRED)


@cache
def failed_rows() -> Table:
    """Openings of notices that a mail was not delivered."""
    return compile_rows(FAILED)


@cache
def put_off_rows() -> Table:
    """Openings of notices that a mail is late."""
    return compile_rows(PUT_OFF)


@cache
def closed_rows() -> Table:
    """Words after which no further try will come."""
    return compile_rows(CLOSED)
