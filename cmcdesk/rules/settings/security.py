"""STARTTLS, implicit TLS and AUTH of the receiving server. CMC documents none of them there: all of it is ours, and off
unless it is switched on, on both plans."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_SESSIONS, About
from cmcdesk.rules.settings.values import MailUser
from cmcdesk.rules.texts import both

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
