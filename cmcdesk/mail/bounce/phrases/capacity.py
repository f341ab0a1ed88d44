"""Error status 5: mailbox or disk full; and 8: the mail is too large."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

MAILBOX_FULL = Cause(
    5,
    "mailbox or disk full",
    (
        "no room",
        "mailbox full",  # RFC 3463 5.2.2, Sendmail
        "mailbox is full",
        "mail box full",
        "mail box is full",
        "mailfolder is full",  # Go Daddy
        "inbox is full",
        "inbox full",
        "mailbox … full",  # "mailbox for user is full" (GMX, Communigate)
        "users mailbox is full",
        "recipient … mailbox is full",
        "account is full",
        "account full",
        "user … is full",
        "over quota",  # Yahoo, Dovecot, Gmail "The email account … is over quota"
        "overquota",
        "over the quota",
        "over its quota",
        "over their quota",
        "over the maximum allowed quota",
        "over disk quota",
        "over storage",
        "diskspace",
        "not have enough space",
        "out of storage space",  # Gmail 4.2.2 "The recipient's inbox is out of storage space"
        "storage quota",  # Gmail "Storage quota exceeded"
        "storage … exceeded",
        "storage … full",
        "quota exceed",  # Dovecot, Courier
        "quota … exceed",
        "quotaexceeded",  # Exchange STOREDRV.Deliver.Exception:QuotaExceeded
        "exceed … quota",
        "exceeding … quota",
        "quota violation",  # CommuniGate
        "quota full",
        "quota limit",
        "quota has been",
        "would exceed … quota",
        "disk quota",  # vpopmail, Sendmail local
        "disk full",
        "disk is full",
        "disk space",  # "Insufficient disk space"
        "insufficient … storage",  # RFC 5321 452
        "insufficient system storage",
        "insufficient system resource",  # Exchange 4.3.1 UsedDiskSpace
        "insufficient space",
        "not enough … space",
        "not enough storage",
        "no space left",
        "out of space",
        "exceeded storage allocation",  # RFC 5321 552
        "storage allocation",
        "mailbox exceeds allowed size",  # IMail
        "mailbox size",
        "mailbox … exceed",
        "mailbox … over",
        "mailbox … quota",
        "mailbox limit",
        "mailbox has reached",
        "mailbox reached",
        "messages in recipients mailbox exceeded",  # Biglobe
        "exceeded the local limit",  # Biglobe
        "size of … mailbox exceeded",  # Biglobe
        "error writing message file too large",  # Postfix: over mailbox_size_limit
        "maildir … over",
        "maildir … exceeded",
        "maildir delivery failed … quota",
        "too many messages in … mailbox",
        "too many messages on … server",
        "recipient storage full",
        "recipient over quota",
        "user over quota",
        "user … quota",
        "user has too many messages",  # IMail
        "allowed message count",  # CommuniGate
        "mail quota",
        "filesystem … full",
        "file system … full",
        "system storage",
        "boite … pleine",
        "boîte … pleine",  # Orange, Free
        "boîte aux lettres … pleine",
        "boite aux lettres … pleine",
        "quota dépassé",
        "quota depasse",
        "dépasse … quota",
        "posteingang … voll",
        "postfach … voll",  # GMX, T-Online
        "postfach ist voll",
        "mailbox voll",
        "speicherplatz",
        "speichervolumen",
        "zu viele mails auf dem server",
        "zuviele mails auf dem server",  # T-Online
        "quota überschritten",
        "buzón … lleno",
        "buzon … lleno",
        "cuota … excedida",
        "casella … piena",
        "caixa … cheia",
        "quota superata",
        "postvak … vol",
        "ящик переполнен",  # Mail.Ru, Yandex
        "переполнен",
        "превышен",
        "邮箱…满",
        "空间不足",
        "容量已满",
        "超过配额",
        "收件人邮箱已满",
    ),
)

TOO_LARGE = Cause(
    8,
    "mail too large",
    (
        "message too large",  # RFC 3463 5.3.4, Amazon SES
        "message too big",  # RFC 3463 5.2.3 "Message too big for system"
        "file too big",
        "message is too large",
        "message is too big",
        "message was too large",
        "message size exceeds",  # Sendmail, Postfix, Exim
        "message size … exceeds",
        "message exceeds",  # "message exceeds fixed maximum message size" Sendmail
        "message … exceeds size limit",
        "message … larger than",  # Exchange, Oracle
        "exceeds … message size",
        "exceeded … message size",  # NTMail "exceeded maximum inbound message size"
        "exceeds … maximum size",
        "exceeded … maximum size",
        "exceeds … size limit",
        "exceeds the maximum … size",
        "exceeds fixed maximum",
        "size exceeds",
        "size limit exceeded",
        "size over limit",
        "size … too large",
        "size … too big",
        "size … over the limit",
        "maximum message size",
        "maximum … message size",
        "max message size",
        "message size limit",
        "message size … more than",
        "message length exceeds",  # RFC 3463 5.2.3
        "messagesize",
        "mail size limit",
        "mail too large",
        "mail too big",
        "mail is too",
        "mail size exceed",
        "email is too large",
        "too large to",
        "message data too big",
        "data size exceeds",
        "body too large",
        "line too large",
        "line limit exceeded",
        "header too large",
        "attachment … too large",
        "attachment … too big",
        "attachment … exceeds",
        "sm 5.3.4",
        "sizelimit",
        "content size",
        "msg too big",
        "msg size",
        "exceeds … allowed size … message",
        "sorry that message size exceeds my databytes limit",  # qmail 5.3.4
        "databytes limit",  # qmail
        "nachricht … zu gross",
        "nachricht … zu groß",  # Exchange, German
        "mensaje … demasiado grande",
        "message … trop volumineux",
        "taille limite",
        "taille maxim",
    ),
)
