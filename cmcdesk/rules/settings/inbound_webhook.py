"""Inbound Webhook: one notification (受信通知) with its conditions (通知条件) and the endpoint it calls."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_MAILS, About
from cmcdesk.rules.settings.values import (
    ApiKey,
    BasicCredentials,
    BearerToken,
    Endpoint,
    FilterName,
    HeaderName,
    Pattern,
)
from cmcdesk.rules.texts import both

Format = Literal["multipart", "json"]
NEXT_CALLS = both(
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
            NEXT_CALLS,
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
            NEXT_CALLS,
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
            NEXT_CALLS,
        ),
    ] = Field("", repr=False)
    basic: Annotated[
        BasicCredentials,
        About(
            both("BASIC 認証", "BASIC authentication"),
            both("「ユーザ名:パスワード」の形で指定します。", "As user:password."),
            NEXT_CALLS,
        ),
    ] = Field("", repr=False)
    bearer: Annotated[
        BearerToken,
        About(
            both("ベアラートークン", "Bearer token"),
            both("BASIC 認証と同時には指定できません。", "Excludes BASIC authentication."),
            NEXT_CALLS,
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
