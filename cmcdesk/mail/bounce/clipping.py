"""Where the notice ends and the returned mail begins, in texts that hold both."""

import re

MAX_LINES = 400
MAX_LINE = 1000

_SEPARATOR = re.compile(
    r"""^[\s>|*#=\-_.~+:•]{0,80}(?:
      below\ this\ line\ is\ a\ copy                       # qmail, Yahoo
    | below\ is\ a\ copy\ of\ the\ original                # OpenSMTPD
    | this\ is\ a\ copy\ of\ (?:the|your)\ message         # Exim
    | (?:included\ is|here\ is|attached\ is|following\ is)\ a\ copy  # MXLogic
    | the\ header\ of\ the\ original\ message              # GMX, 1&1
    | the\ body\ of\ the\ message\ is                      # Exim
    | original\ message(?:\ header)?s?\s*(?:$|follow|attached|below|as\ received|-|:)   # IMail, Gmail, sendmail
    | (?:original|returned|undelivered|bounced|failed)\ (?:e-?mail|mail|message)(?:\ info)?\s*(?:$|[-:=]|follow)
    | message\ (?:headers?|text|contents)\ follow                   # DragonFly, Google, airmail
    | unsent\ message\ (?:follows|below)                   # Sendmail V5
    | (?:your|the)\ (?:original\ )?message\ (?:follows|header|text|was\ as)
    | text\ of\ (?:the\ )?(?:original|message)
    | headers?\ (?:of|from)\ the\ original
    | start\ of\ (?:forwarded|original|returned)
    | (?:begin\ )?forwarded\ message
    | return(?:ed)?\ message\s*(?:$|-)
    | non-delivered\ message
    | original\ mail\ (?:as\ follows|info)                 # fml, mFILTER
    | mensaje\ original | message\ d'origine | ursprüngliche\ (?:nachricht|e-?mail) | messaggio\ originale
    | mensagem\ original | oorspronkelijk | исходное\ (?:сообщение|письмо)
    | (?:元|返送|以下).{0,12}(?:メッセージ|メール).{0,10}(?:$|[-:=])
    )""",
    re.I | re.X,
)
_RETURNED_HEADER = re.compile(
    r"^(?:Received: ?(?:from|by|\()|Return-Path:|DKIM-Signature:|X-Received:|MIME-Version:)", re.I
)


def clip_notice(text: str) -> tuple[list[str], str]:
    """The notice's own lines (bounded in number and length), and the text behind them: the returned mail, if any."""
    lines = text.split("\n", MAX_LINES)
    kept: list[str] = []
    for number, line in enumerate(lines[:MAX_LINES]):
        short = line[:MAX_LINE].rstrip()
        written = any(kept)
        if written and (_RETURNED_HEADER.match(short) or (len(short) < 100 and _SEPARATOR.match(short))):
            return kept, "\n".join(lines[number:])
        kept.append(short)
    return kept, ""
