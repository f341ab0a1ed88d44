"""受信サーバ設定: the receiving server of one composition. Ranges are the manual's; defaults are ours.

STARTTLS, implicit TLS and AUTH of the receiving server. CMC documents none of them there: all of it is ours, and off
unless it is switched on, on both plans.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_SESSIONS, About
from cmcdesk.rules.settings.values import Domain, MailUser
from cmcdesk.rules.texts import both

RECEIVING_PORT = 10026  # fixed: 25 is forwarded to it
DEFAULT_MAX_SESSIONS = 10  # ours
DEFAULT_INTERVAL_MS = 100  # ours
DEFAULT_SIZE_KB = 10240  # ours
LARGEST_SIZE_KB = 102400  # ours
OCTETS_PER_KBYTE = 1024  # ours: CMC does not say whether 1000 or 1024


class Receiving(BaseModel):
    """Flow and size control and the acceptable domains (受信許可ドメイン) by tab."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    max_sessions: Annotated[
        int,
        About(
            both("最大接続数", "Max sessions"),
            both(
                "受付可能なSMTPセッションの同時最大接続数（1-100）。超えた接続には 421 を返します（当アプリ独自）。",
                "SMTP sessions accepted at the same time (1-100); a connection over it is answered 421 (ours).",
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
            both("受信間隔", "Receiving interval"),
            both(
                "メールリレー元サーバからメールを受信する間隔（1通あたりの処理時間）をミリ秒で指定します（10-10000）。",
                "Interval at which mails are received from the relaying server (processing time per mail), in"
                " ms (10-10000).",
            ),
            NEW_SESSIONS,
            unit=both("ミリ秒", "ms"),
        ),
    ] = Field(DEFAULT_INTERVAL_MS, ge=10, le=10000)
    size_kb: Annotated[
        int,
        About(
            both("受信サイズ", "Receiving size limit"),
            both(
                "受信するメールのコンテンツサイズの上限をKByte単位で指定します（1-102400）。"
                "1 KByte は 1024 バイトです（範囲も当アプリ独自）。",
                "Largest content size of a received mail, in KByte (1-102400). 1 KByte is 1024 octets (ours, as the"
                " range).",
            ),
            NEW_SESSIONS,
            unit=both("KByte", "KByte"),
        ),
    ] = Field(DEFAULT_SIZE_KB, ge=1, le=LARGEST_SIZE_KB)
    bounce_domains: Annotated[
        list[Domain],
        About(
            both("受信許可ドメイン（バウンス）", "Acceptable domains (Bounce)"),
            both(
                "バウンスメールを受信するドメイン。1行に1つ、完全一致です（当アプリ独自）。",
                "Domains at which bounce mails are received; one a line, matched exactly (ours).",
            ),
            NEW_SESSIONS,
            both("return.SUBDOMAIN.smtps.jp", "return.SUBDOMAIN.smtps.jp"),
        ),
    ] = Field(default_factory=list)
    inbound_domains: Annotated[
        list[Domain],
        About(
            both("受信許可ドメイン（インバウンド）", "Acceptable domains (Inbound)"),
            both(
                "Inbound Webhook で受信するメールのドメイン。1行に1つ、完全一致です（当アプリ独自）。",
                "Domains at which mails for the Inbound Webhook are received; one a line, matched exactly (ours).",
            ),
            NEW_SESSIONS,
        ),
    ] = Field(default_factory=list)


Level = Literal["off", "offered", "required"]


class Security(BaseModel):
    """auth_users: `user:password` becomes `user:$scrypt$…`; none: any user with any password is let in."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    starttls: Annotated[
        Level,
        About(
            both("STARTTLS の提示", "STARTTLS"),
            both(
                "提示する（offered）か必須にする（required）かを選びます。"
                "必須のときは STARTTLS の前の MAIL に 530 を返します（当アプリ独自）。",
                "offered announces STARTTLS; required answers 530 to a MAIL before it (ours).",
            ),
            NEW_SESSIONS,
        ),
    ] = "off"
    implicit_tls: Annotated[
        bool,
        About(
            both("接続時からの TLS", "Implicit TLS"),
            both(
                "最初から TLS で話すポート（10465）でも受信します（当アプリ独自）。",
                "Receives at a second port too (10465) that speaks TLS from the first octet on (ours).",
            ),
            both("反映するとポートを開閉します。", "The port is opened or closed when reflected."),
        ),
    ] = False
    auth: Annotated[
        Level,
        About(
            both("SMTP 認証（AUTH）", "SMTP authentication (AUTH)"),
            both(
                "PLAIN と LOGIN。STARTTLS が有効なら TLS の後だけで使えます。"
                "必須（required）のときは認証の前の MAIL に 530 を返します（当アプリ独自）。",
                "PLAIN and LOGIN; only after TLS unless STARTTLS is off. required answers 530 to a MAIL before it"
                " (ours).",
            ),
            NEW_SESSIONS,
        ),
    ] = "off"
    auth_users: Annotated[
        list[MailUser],
        About(
            both("認証ユーザ", "Users (AUTH)"),
            both(
                "パスワードはハッシュだけを保存します（設定ファイルでは「ユーザ名:パスワード」）。"
                "1人もいなければどのユーザ名とパスワードも受け付けます（当アプリ独自）。",
                "Of a password only a hash is kept (in a settings file: user:password). With no user, any user and"
                " password is taken (ours).",
            ),
            NEW_SESSIONS,
        ),
    ] = Field(default_factory=list, repr=False)
