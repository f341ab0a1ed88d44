"""SMTP replies as values with names (RFC 5321 §4.2), each with its enhanced status code (RFC 3463, RFC 2034)."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Reply:
    """code: three digits; enhanced_status: "x.y.z", its class the code's first digit, or "" where RFC 2034 §4 allows
    none (greeting, EHLO, 354)."""

    code: int
    enhanced_status: str
    text: str

    @cached_property
    def line(self) -> bytes:
        """The reply as sent, CRLF included."""
        return " ".join(filter(None, (str(self.code), self.enhanced_status, self.text))).encode("utf-8") + b"\r\n"


# What CMC answers at its gates is not documented: these codes are ours (docs/choices.md).
SESSION_LIMIT = Reply(421, "4.7.0", "Too many sessions, try again later")
FOREIGN_DOMAIN = Reply(550, "5.7.1", "Recipient domain is not in the list of acceptable domains")
JUDGED_SPAM = Reply(550, "5.7.1", "Message judged as spam")
NO_DOMAIN = Reply(550, "5.1.3", "A mail is relayed only to an address with a domain")
DENIED_ADDRESS = Reply(554, "5.7.1", "Relaying denied: your address is not in the acceptable network")
DENIED_STRANGER = Reply(554, "5.7.1", "Relaying denied: authenticate first")
DENIED_BOTH = Reply(554, "5.7.1", "Relaying denied: authenticate first, your address is not in the acceptable network")
TOO_BIG = Reply(552, "5.3.4", "Message size exceeds the receiving size limit")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Too many recipients")
OUT_OF_MEMORY = Reply(452, "4.3.1", "Too much mail in flight, try again later")
DISK_FULL = Reply(452, "4.3.1", "Insufficient system storage")
NOT_STORED = Reply(451, "4.3.0", "Message could not be stored, try again later")
GOING_DOWN = Reply(421, "4.3.2", "Server is shutting down, try again later")
IDLE_TOO_LONG = Reply(421, "4.4.2", "Idle for too long, closing the connection")
LINE_TOO_SLOW = Reply(421, "4.4.2", "Command line took too long, closing the connection")
MAIL_TOO_SLOW = Reply(421, "4.4.2", "Message came too slowly, closing the connection")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "Too many errors, closing the connection")

READY_FOR_TLS = Reply(220, "2.0.0", "Ready to start TLS")
AUTH_DONE = Reply(235, "2.7.0", "Authentication succeeded")
STARTTLS_FIRST = Reply(530, "5.7.0", "Must issue a STARTTLS command first")  # RFC 3207 §4
AUTH_FIRST = Reply(530, "5.7.0", "Authentication required")  # RFC 4954 §6, and the next seven
BAD_CREDENTIALS = Reply(535, "5.7.8", "Authentication credentials invalid")
ENCRYPTION_FIRST = Reply(538, "5.7.11", "Encryption required for the requested authentication mechanism")
UNKNOWN_MECHANISM = Reply(504, "5.5.4", "Authentication mechanism not offered; PLAIN and LOGIN are")
AUTH_LINE_TOO_LONG = Reply(500, "5.5.6", "Authentication exchange line is too long")
BAD_AUTH_RESPONSE = Reply(501, "5.5.2", "Cannot decode the authentication response")
AUTH_CANCELLED = Reply(501, "5.7.0", "Authentication cancelled")
AUTH_DONE_ALREADY = Reply(503, "5.5.1", "Already authenticated, or a mail is under way")
AUTH_SYNTAX = Reply(501, "5.5.4", "Syntax: AUTH mechanism [initial-response]")
NO_STARTTLS = Reply(500, "5.5.1", "STARTTLS is switched off in the settings of this server")  # as an unknown command
NO_TLS_NOW = Reply(454, "4.7.0", "TLS is not available now: the server has no certificate")  # RFC 3207 §4
NO_AUTH = Reply(500, "5.5.1", "AUTH is switched off in the settings of this server")
TLS_ALREADY = Reply(503, "5.5.1", "TLS is active already")
TLS_UNEXPECTED = Reply(554, "5.7.0", "This port speaks plain SMTP first: use STARTTLS, or the port of implicit TLS")

SENDER_OK = Reply(250, "2.1.0", "Sender ok")
RECIPIENT_OK = Reply(250, "2.1.5", "Recipient ok")
STORED = Reply(250, "2.0.0", "Message stored")
RESET_OK = Reply(250, "2.0.0", "Ok")
NOOP_OK = Reply(250, "2.0.0", "Ok")
GOODBYE = Reply(221, "2.0.0", "Bye")
START_MAIL_INPUT = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
CANNOT_VERIFY = Reply(252, "2.0.0", "Cannot verify, but will accept the message and attempt delivery")
HELP_TEXT = Reply(214, "2.0.0", "Commands: EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT")

BAD_SENDER_SYNTAX = Reply(501, "5.1.7", "Bad sender address syntax")
BAD_RECIPIENT_SYNTAX = Reply(501, "5.1.3", "Bad recipient address syntax")
NON_ASCII_ADDRESS = Reply(553, "5.6.7", "Non-ASCII address needs the SMTPUTF8 parameter")
MAIL_SYNTAX = Reply(501, "5.5.4", "Syntax: MAIL FROM:<address> [SP parameters]")
RCPT_SYNTAX = Reply(501, "5.5.4", "Syntax: RCPT TO:<address>")
EHLO_SYNTAX = Reply(501, "5.5.4", "Syntax: EHLO hostname")
HELO_SYNTAX = Reply(501, "5.5.4", "Syntax: HELO hostname")
VRFY_SYNTAX = Reply(501, "5.5.4", "Syntax: VRFY address")
NO_ARGUMENT = Reply(501, "5.5.4", "The command takes no argument")
BAD_PARAMETER = Reply(501, "5.5.4", "Bad parameter value")
UNKNOWN_PARAMETER = Reply(555, "5.5.4", "Parameter not recognized or not implemented")
HELLO_FIRST = Reply(503, "5.5.1", "Send EHLO or HELO first")
NESTED_MAIL = Reply(503, "5.5.1", "Nested MAIL command")
MAIL_FIRST = Reply(503, "5.5.1", "Need MAIL command first")
RCPT_FIRST = Reply(503, "5.5.1", "Need RCPT command first")
NO_VALID_RECIPIENTS = Reply(554, "5.5.1", "No valid recipients")
NOT_IMPLEMENTED = Reply(502, "5.5.1", "Command not implemented")
UNKNOWN_COMMAND = Reply(500, "5.5.1", "Command not recognized")
BAD_SYNTAX = Reply(500, "5.5.2", "Syntax error")
LINE_TOO_LONG = Reply(500, "5.5.2", "Command line too long")
TOO_MANY_UNKNOWN = Reply(421, "4.7.0", "Too many unrecognized commands, closing the connection")
INTERNAL_FAULT = Reply(451, "4.3.0", "Internal fault, try again later")
