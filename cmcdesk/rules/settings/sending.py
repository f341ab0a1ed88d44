"""配信速度設定 and メール転送設定: how fast mails go on to their destinations, and which go to another one."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_MAILS, NEW_RELAYED, About
from cmcdesk.rules.settings.values import FilterName, HeaderName, MailAddress, Pattern, Patterns
from cmcdesk.rules.texts import both

#: A copy beside the mail itself, or the address in place of its destinations.
ForwardingMode = Literal["copy", "rewrite"]
NEXT_CONNECTIONS = both(
    "反映後に始まる配信から有効になります。", "Takes effect for deliveries that begin after reflecting."
)


class SpeedFilter(BaseModel):
    """The first filter that matches a destination counts (ours); any one of its patterns is enough. CMC's fix-speed
    box, IP count and forwarding to another server are not here."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        FilterName,
        About(both("フィルタ名", "Filter name"), both("一覧での名前です。", "Its name in the list."), NEXT_CONNECTIONS),
    ]
    patterns: Annotated[
        Patterns,
        About(
            both("パターン", "Patterns"),
            both(
                r"宛先アドレスの正規表現（例: @docomo\.ne\.jp$）。1行に1つ、どれか1つが一部に一致すれば適用します。"
                "大文字と小文字は区別しません（検索の方法は当アプリ独自）。",
                r"Regular expressions for the destination address, such as @docomo\.ne\.jp$, one a line; one that is"
                " found is enough. Case does not matter (how they are searched is ours).",
            ),
            NEXT_CONNECTIONS,
        ),
    ]
    match_host: Annotated[
        bool,
        About(
            both("ホスト名", "Host name"),
            both(
                "宛先アドレスのかわりに、宛先の MX ホスト名と比べます。",
                "Compares with the MX host of the destination instead of its address.",
            ),
            NEXT_CONNECTIONS,
        ),
    ] = False
    max_connections: Annotated[
        int,
        About(
            both("最大接続数（配信）", "Max connections"),
            both(
                "1 つの宛先ドメインへの同時接続数の上限（1-100）。宛先ドメインごとに数えます（当アプリ独自）。",
                "Most connections to one destination at a time (1-100), counted by destination domain (ours).",
            ),
            NEXT_CONNECTIONS,
        ),
    ] = Field(10, ge=1, le=100)
    interval_ms: Annotated[
        int,
        About(
            both("配信間隔", "Delivery interval"),
            both(
                "1 つの接続でメールを送る間隔をミリ秒で指定します（10-10000）。"
                "送信にそれより長くかかるときは待ちません。",
                "Interval between mails of one connection, in ms (10-10000); nothing is waited for where sending takes"
                " longer.",
            ),
            NEXT_CONNECTIONS,
            unit=both("ミリ秒", "ms"),
        ),
    ] = Field(100, ge=10, le=10000)


class ForwardingFilter(BaseModel):
    """All matching filters fire; of those that rewrite the destination the first (ours)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        FilterName,
        About(both("フィルタ名", "Filter name"), both("一覧での名前です。", "Its name in the list."), NEW_MAILS),
    ]
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
            both("パターン", "Pattern"),
            both(
                "ヘッダの値の正規表現。デコードした値の一部に一致すれば転送します（当アプリ独自）。",
                "A regular expression for the header's value; searched in the decoded value (ours).",
            ),
            NEW_MAILS,
        ),
    ]
    address: Annotated[
        MailAddress,
        About(
            both("転送先アドレス", "Forwarding address"),
            both("転送先のメールアドレスを 1 つ指定します。", "One mail address, to which mails are forwarded."),
            NEW_MAILS,
        ),
    ]
    mode: Annotated[
        ForwardingMode,
        About(
            both("モード", "Mode"),
            both(
                "copy は転送先にコピーを送ります。rewrite は宛先を転送先に書き換えます。",
                "copy sends a copy to the forwarding address; rewrite puts it in place of the destination.",
            ),
            NEW_MAILS,
        ),
    ]


class Forwarding(BaseModel):
    """メール転送設定 by its tabs: mails that are relayed; bounces and inbound mails that are received."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    relay: Annotated[
        list[ForwardingFilter],
        About(
            both("メール転送（リレーサーバ）", "Mail forwarding (relay server)"),
            both(
                "リレーするメールを転送します。一致したすべてのフィルタを使い、"
                "宛先の書き換えは最初の 1 つだけです（当アプリ独自）。",
                "Forwards mails that are relayed; all matching filters count, of those that rewrite the first (ours).",
            ),
            NEW_RELAYED,
        ),
    ] = Field(default_factory=list)
    receiving: Annotated[
        list[ForwardingFilter],
        About(
            both("メール転送（受信サーバ）", "Mail forwarding (receiving server)"),
            both(
                "受信したバウンスメールとインバウンドメールを転送します。"
                "どちらのモードでも保存、バウンスの解析、Webhook の通知は変わりません（当アプリ独自）。",
                "Forwards bounces and inbound mails that are received; in both modes they are kept, read and notified"
                " as without it (ours).",
            ),
            NEW_MAILS,
        ),
    ] = Field(default_factory=list)
