"""All rows in the order in which they are asked: the more telling words first."""

from functools import cache

from cmcdesk.mail.bounce.phrases import (
    block_lists,
    capacity,
    closed_accounts,
    content,
    domains,
    japanese,
    languages,
    receivers,
    senders,
    servers,
    users,
    wide,
)
from cmcdesk.mail.bounce.phrases.phrases import Cause, Table, compile_rows

# Postfix: the banner was 4yz or 5yz; "421 service not available" is then an answer to this client, no fault
GREETING = Cause(4, "refused at the greeting", ("refused to talk to me",))

MAILBOX_UNAVAILABLE = "mailbox unavailable"

# Words that say something only if nothing better is said, not even by a status code.
VAGUE = (
    block_lists.BLOCK_LIST_PAGES,
    Cause(2, "recipient refused", ("recipient refused",)),
    Cause(4, "refused by the receiving server", ("rejected", "refused", "denied", "policy")),
    Cause(
        2,
        MAILBOX_UNAVAILABLE,
        ("mailbox unavailable", "mailbox unavaiable", "mailbox not available", "mailbox is unavailable"),
    ),
    Cause(2, MAILBOX_UNAVAILABLE, ("mailbox … unavailable", "mailbox … is not available", "not a valid")),
    Cause(2, "does not like recipient", ("does not like recipient", "no such", "not found")),
    Cause(2, "no such user (ja)", ("存在しません", "見つかりません")),  # behind an address, which is no word
    Cause(3, "temporary failure", ("temporar", "try again", "retry", "deferred", "delayed", "busy", "overload")),
)


@cache
def telling_rows() -> Table:
    """Rows whose words outweigh a status code."""
    return compile_rows(
        (
            domains.LOOP,
            senders.AUTHENTICATION,
            block_lists.REVERSE_DNS,
            capacity.MAILBOX_FULL,
            block_lists.BLOCK_LISTS,
            block_lists.GREYLISTED,
            block_lists.RATE,
            senders.SENDER_ADDRESS,
            servers.PROGRAM,
            users.PLAIN,
            domains.RELAYING,
            domains.AUTHENTICATE,
            capacity.TOO_LARGE,
            content.VIRUS,
            content.SPAM,
            domains.UNKNOWN_HOST,
            closed_accounts.SUSPENDED,
            closed_accounts.BAD_ADDRESS,
            users.UNKNOWN,
            block_lists.REFUSAL_CODES,
            servers.FORWARDING,
            servers.EXPIRED,
            content.FORM,
            content.POLICY,
            *languages.TELLING,
            *japanese.TELLING,
        )
    )


@cache
def faulty_rows() -> Table:
    """Rows about connections and faults, and less sure words: a status that speaks of the address says more."""
    return compile_rows((GREETING, servers.NO_CONNECTION, servers.FAULT, *japanese.FAULTY, *wide.WIDE))


@cache
def receiver_rows() -> Table:
    """Rows that know what a single receiver means; asked first, of all texts."""
    return compile_rows(receivers.TABLE)


@cache
def vague_rows() -> Table:
    """Rows asked when neither telling words nor a status code decided."""
    return compile_rows(VAGUE)
