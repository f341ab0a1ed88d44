"""リレーサーバ設定: the relay server of one composition, to which applications hand their mails. Ranges of sessions and
interval are the manual's; the defaults are the receiving server's (ours)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_SESSIONS, About
from cmcdesk.rules.settings.receiving import (
    DEFAULT_INTERVAL_MS,
    DEFAULT_MAX_SESSIONS,
    DEFAULT_SIZE_KB,
    LARGEST_SIZE_KB,
)
from cmcdesk.rules.settings.values import NetworkAddress
from cmcdesk.rules.texts import both

RELAY_PORT = 10025  # the vendor's own clients and its blog of 2019; for a customer it stands on the application form
DEFAULT_NETWORKS = ("127.0.0.1",)  # ours

#: Who may relay: from a listed address or with AUTH; from a listed address, AUTH optional; both.
Access = Literal["network_or_auth", "network", "network_and_auth"]


class Relay(BaseModel):
    """Flow and size control as at the receiving server, and who may relay."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    max_sessions: Annotated[
        int,
        About(
            both("セッション数", "Max sessions (relay)"),
            both(
                "受付可能なSMTPセッションの同時最大数（1-100）。超えた接続には 421 を返します（当アプリ独自）。",
                "SMTP sessions that the relay server accepts at the same time (1-100); a connection over it is answered"
                " 421 (ours).",
            ),
            both(
                "反映後の新しい接続から有効になります。接続中のセッションは、上限を超えていても切断しません。",
                "Takes effect for connections made after reflecting; open sessions stay, even over the limit.",
            ),
        ),
    ] = Field(DEFAULT_MAX_SESSIONS, ge=1, le=100)
    interval_ms: Annotated[
        int,
        About(
            both("受信間隔（リレー）", "Receiving interval (relay)"),
            both(
                "メールをアプリケーションから受信する間隔（1通あたりの処理時間）をミリ秒で指定します（10-10000）。"
                "2 秒でタイムアウトするクライアントには 2000 以上は長すぎます。",
                "Interval at which mails are received from the application (processing time per mail), in ms"
                " (10-10000). For a client that times out after 2 s, 2000 and more is too long.",
            ),
            NEW_SESSIONS,
            unit=both("ミリ秒", "ms"),
        ),
    ] = Field(DEFAULT_INTERVAL_MS, ge=10, le=10000)
    size_kb: Annotated[
        int,
        About(
            both("受信サイズ（リレー）", "Receiving size limit (relay)"),
            both(
                "リレーするメールのコンテンツサイズの上限をKByte単位で指定します（1-102400）。"
                "1 KByte は 1024 バイトです（範囲も当アプリ独自）。",
                "Largest content size of a relayed mail, in KByte (1-102400). 1 KByte is 1024 octets (ours, as the"
                " range).",
            ),
            NEW_SESSIONS,
            unit=both("KByte", "KByte"),
        ),
    ] = Field(DEFAULT_SIZE_KB, ge=1, le=LARGEST_SIZE_KB)
    access: Annotated[
        Access,
        About(
            both("認証方法", "Authentication method"),
            both(
                "受信許可ネットワークと SMTP 認証のどちらでリレーを許可するかを選びます。",
                "What lets a client relay: the acceptable network, SMTP AUTH, or both.",
            ),
            NEW_SESSIONS,
        ),
    ] = "network_or_auth"
    networks: Annotated[
        list[NetworkAddress],
        About(
            both("受信許可ネットワーク", "Acceptable network"),
            both(
                "接続を許可する IP アドレス。1行に1つ。CIDR 表記は使えません。",
                "IP addresses that may connect, one a line. CIDR notation is not available.",
            ),
            NEW_SESSIONS,
        ),
    ] = Field(default_factory=lambda: list(DEFAULT_NETWORKS))
