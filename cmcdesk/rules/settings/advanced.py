"""高度な設定: what the relay server does with the mails that it sends on. CMC documents the modes; numbers are ours."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_RELAYED, About
from cmcdesk.rules.settings.values import DomainOrNone
from cmcdesk.rules.texts import both

DEFAULT_RESEND_PERIOD_MIN = 600  # ours: CMC's ranges and defaults are not known
DEFAULT_RESEND_INTERVAL_MIN = 10  # ours
LONGEST_RESEND_PERIOD_MIN = 10_080  # ours: a week, longer than RFC 5321 §4.5.4.1 asks of a sender
LONGEST_RESEND_INTERVAL_MIN = 1_440  # ours: a day

#: Received header: abbreviated, normal, none added, all removed.
Received = Literal["short", "normal", "none", "strip"]
NEXT_TRY = both(
    "反映後に次の配信時刻が決まるメールから有効になります。",
    "Takes effect when the next try of a mail is set after reflecting.",
)


class EnvelopeFrom(BaseModel):
    """高度な設定 → エンベロープFrom: only the domain part is rewritten, the local part is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rewrite: Annotated[
        bool,
        About(
            both("エンベロープFromの書換指定", "Rewriting of the Envelope From"),
            both(
                "「書き換える」とバウンスメールを受信サーバが受け取ります。",
                "When rewritten, bounce mails return to the receiving server.",
            ),
            NEW_RELAYED,
            both("書き換える", "rewrite"),
        ),
    ] = False
    domain: Annotated[
        DomainOrNone,
        About(
            both("エンベロープFromの設定値", "Domain of the Envelope From"),
            both(
                "書き換え後のエンベロープFromのドメイン。",
                "Domain that the Envelope From gets.",
            ),
            NEW_RELAYED,
            both("return.SUBDOMAIN.smtps.jp", "return.SUBDOMAIN.smtps.jp"),
        ),
    ] = ""


class Advanced(BaseModel):
    """高度な設定."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    received: Annotated[
        Received,
        About(
            both("Receivedヘッダ", "Received header"),
            both(
                "リレーするメールに Received ヘッダをどの形式で付与するか、付与しないか、すべて削除するか。",
                "Whether a relayed mail gets a Received header, in which form, or loses all it has.",
            ),
            NEW_RELAYED,
        ),
    ] = "short"
    resend_period_min: Annotated[
        int,
        About(
            both("再送期間", "Resend period"),
            both(
                "一時的なエラーのメールを再送し続ける時間を分で指定します（1-10080）。過ぎると再送タイムアウトになります"
                "（範囲と初期値は当アプリ独自）。",
                "How long a mail with transient errors is sent again, in minutes (1-10080); then it has timed out"
                " (range and default are ours).",
            ),
            NEXT_TRY,
            unit=both("分", "min"),
        ),
    ] = Field(DEFAULT_RESEND_PERIOD_MIN, ge=1, le=LONGEST_RESEND_PERIOD_MIN)
    resend_interval_min: Annotated[
        int,
        About(
            both("再送間隔", "Resend interval"),
            both(
                "一時的なエラーのあと、次に送るまでの時間を分で指定します（1-1440）。再送期間以下にしてください"
                "（範囲と初期値は当アプリ独自）。",
                "How long after a transient error the next try is, in minutes (1-1440); not above the resend period"
                " (range and default are ours).",
            ),
            NEXT_TRY,
            unit=both("分", "min"),
        ),
    ] = Field(DEFAULT_RESEND_INTERVAL_MIN, ge=1, le=LONGEST_RESEND_INTERVAL_MIN)
    envelope_from: EnvelopeFrom = Field(default_factory=EnvelopeFrom)
