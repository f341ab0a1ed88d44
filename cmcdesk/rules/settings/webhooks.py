"""Inbound Webhook: one notification (受信通知) with its conditions (通知条件) and the endpoint it calls.

Event Webhook (MENU → API設定 → Webhook → イベント): where the events of one composition are sent, and in what form.

The fields are CMC's; that they are kept per composition and take effect by 設定反映 is ours, and so are the defaults.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_MAILS, About
from cmcdesk.rules.settings.values import (
    ApiKey,
    BasicCredentials,
    BearerToken,
    Endpoint,
    EndpointOrNone,
    FilterName,
    HeaderName,
    Pattern,
    TimeZone,
)
from cmcdesk.rules.texts import both

Format = Literal["multipart", "json"]
NEXT_NOTIFICATIONS = both(
    "反映後に受信したメールの通知から有効になります。",
    "Takes effect for the notifications of mails received after reflecting.",
)


class Condition(BaseModel):
    """The pattern is searched in each decoded value of the header (ours)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    header: Annotated[
        HeaderName,
        About(
            both("ヘッダ名", "Header name"),
            both("大文字と小文字は区別しません（当アプリ独自）。", "Case does not matter (ours)."),
            NEW_MAILS,
        ),
    ]
    pattern: Annotated[
        Pattern,
        About(
            both("ヘッダ値", "Header value"),
            both(
                r"正規表現（例: info@mailform\.example\.com）。デコードした値の一部に一致すれば成立します。"
                "大文字と小文字を区別します（いずれも当アプリ独自）。",
                r"A regular expression, such as info@mailform\.example\.com; searched in the decoded value, with regard"
                " to case (ours).",
            ),
            NEW_MAILS,
        ),
    ]


class InboundFilter(BaseModel):
    """All conditions must match; every matching filter fires (ours)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        FilterName,
        About(
            both("受信通知名", "Filter name"),
            both("Webhook の filter として送られます。", "Sent as “filter” of the webhook."),
            NEW_MAILS,
        ),
    ]
    endpoint: Annotated[
        Endpoint,
        About(
            both("エンドポイントURL", "Endpoint URL"),
            both(
                "https:// で始まる URL。http:// はこのコンピュータ（localhost など）と、登録した社内のホストに限ります"
                "（当アプリ独自）。",
                "Begins with https://; http:// only for this computer, such as localhost, and for listed hosts of the"
                " own network (ours).",
            ),
            NEXT_NOTIFICATIONS,
        ),
    ]
    format: Annotated[
        Format,
        About(
            both("形式", "Format"),
            both(
                "multipart は添付ファイルを含みます。json は添付ファイルを含みません。",
                "multipart carries attachments; json does not.",
            ),
            NEXT_NOTIFICATIONS,
        ),
    ] = "multipart"
    enabled: Annotated[
        bool,
        About(
            both("有効", "Enabled"),
            both("無効にすると一致しても通知しません（当アプリ独自）。", "A disabled filter never fires (ours)."),
            NEW_MAILS,
        ),
    ] = True
    api_key: Annotated[
        ApiKey,
        About(
            both("API キー", "API key"),
            both("指定すると api_key として送られます。", "Sent as “api_key” when set."),
            NEXT_NOTIFICATIONS,
        ),
    ] = Field("", repr=False)
    basic: Annotated[
        BasicCredentials,
        About(
            both("BASIC 認証", "BASIC authentication"),
            both("「ユーザ名:パスワード」の形で指定します。", "As user:password."),
            NEXT_NOTIFICATIONS,
        ),
    ] = Field("", repr=False)
    bearer: Annotated[
        BearerToken,
        About(
            both("ベアラートークン", "Bearer token"),
            both("BASIC 認証と同時には指定できません。", "Excludes BASIC authentication."),
            NEXT_NOTIFICATIONS,
        ),
    ] = Field("", repr=False)
    condition: Annotated[
        list[Condition],
        About(
            both("通知条件", "Conditions"),
            both("すべて成立したときに通知します（当アプリ独自）。", "All must match (ours)."),
            NEW_MAILS,
        ),
    ] = Field(min_length=1)


EventFormat = Literal["form", "json"]
DEFAULT_TIME_ZONE = "Asia/Tokyo"  # ours
NEXT_EVENTS = both(
    "反映後に読み取ったバウンスの通知から有効になります。",
    "Takes effect for the events of bounces read after reflecting.",
)
NEXT_CALLS = both(
    "反映後の送信から有効になります。待機中の通知にも適用されます（当アプリ独自）。",
    "Takes effect for calls made after reflecting, those that wait included (ours).",
)


class EventWebhook(BaseModel):
    """Nothing is sent unless an event is chosen, and then an endpoint is needed (`relations`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    endpoint: Annotated[
        EndpointOrNone,
        About(
            both("エンドポイントURL（イベント）", "Endpoint URL (event)"),
            both(
                "https:// で始まる URL。http:// はこのコンピュータ（localhost など）と、登録した社内のホストに限ります"
                "（当アプリ独自）。",
                "Begins with https://; http:// only for this computer, such as localhost, and for listed hosts of the"
                " own network (ours).",
            ),
            NEXT_CALLS,
        ),
    ] = ""
    bounces: Annotated[
        bool,
        About(
            both("Bounces（イベント）", "Bounces (event)"),
            both(
                "チェックするとエラーステータスを通知します。1 秒ごと、または 100 件ごとにまとめて送ります。",
                "Check to get error statuses; sent together, each second or each 100 events.",
            ),
            NEXT_EVENTS,
        ),
    ] = False
    version: Annotated[
        int,
        About(
            both("バージョン（イベント）", "Version (event)"),
            both(
                "イベントデータのバージョン（1 または 2）。Bounces のキー名は当アプリの推定です。",
                "Version of the event data, 1 or 2. The names of the keys of bounces are inferred by us.",
            ),
            NEXT_EVENTS,
        ),
    ] = Field(2, ge=1, le=2)
    time_zone: Annotated[
        TimeZone,
        About(
            both("タイムゾーン（イベント）", "Time zone (event)"),
            both(
                "イベントデータの日時に適用されます（例: Asia/Tokyo、UTC）。",
                "Applied to dates in the event data, such as Asia/Tokyo or UTC.",
            ),
            NEXT_EVENTS,
        ),
    ] = DEFAULT_TIME_ZONE
    format: Annotated[
        EventFormat,
        About(
            both("Content Type（イベント）", "Content Type (event)"),
            both(
                "json は「JSON形式を使用する」（application/json）で、バージョン 2 だけで使えます。"
                "form は application/x-www-form-urlencoded です。",
                "json is “use JSON format” (application/json), for version 2 only; form is"
                " application/x-www-form-urlencoded.",
            ),
            NEXT_CALLS,
        ),
    ] = "form"
    api_key: Annotated[
        ApiKey,
        About(
            both("API キー（イベント）", "API key (event)"),
            both("指定すると api_key として送られます。", "Sent as “api_key” when set."),
            NEXT_CALLS,
        ),
    ] = Field("", repr=False)
    basic: Annotated[
        BasicCredentials,
        About(
            both("BASIC 認証（イベント）", "BASIC authentication (event)"),
            both("「ユーザ名:パスワード」の形で指定します。", "As user:password."),
            NEXT_CALLS,
        ),
    ] = Field("", repr=False)
    bearer: Annotated[
        BearerToken,
        About(
            both("ベアラートークン（イベント）", "Bearer token (event)"),
            both("BASIC 認証と同時には指定できません。", "Excludes BASIC authentication."),
            NEXT_CALLS,
        ),
    ] = Field("", repr=False)
