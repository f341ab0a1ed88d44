"""The mechanisms PLAIN and LOGIN, and who is let in."""

import asyncio
import base64
import hashlib

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.auth import AnyUser, Credentials, KeptUsers, KeyDigests, take_credentials
from cmcdesk.rules.passwords import digest_key, hash_password


def encode(text: str) -> bytes:
    return base64.b64encode(text.encode())


def talk(argument: str, *answers: bytes) -> tuple[Credentials | Reply, list[bytes]]:
    """The outcome, and the challenges, decoded."""
    challenges: list[bytes] = []

    async def ask(challenge: bytes) -> bytes:
        challenges.append(base64.b64decode(challenge))
        return answers[len(challenges) - 1]

    return asyncio.run(take_credentials(argument, ask)), challenges


def test_plain_with_and_without_an_initial_response() -> None:
    response = encode("\0app\0secret")
    assert talk(f"PLAIN {response.decode()}") == (Credentials("app", "secret"), [])
    assert talk("plain", response) == (Credentials("app", "secret"), [b""])
    assert talk("PLAIN", encode("app\0app\0秘密")) == (Credentials("app", "秘密"), [b""])


def test_login_with_and_without_an_initial_response() -> None:
    assert talk("LOGIN", encode("app"), encode("secret")) == (
        Credentials("app", "secret"),
        [b"Username:", b"Password:"],
    )
    assert talk(f"login {encode('app').decode()}", encode("secret"))[1] == [b"Password:"]


@pytest.mark.parametrize(
    ("argument", "answers", "refusal"),
    [
        ("", (), reply.AUTH_SYNTAX),
        ("CRAM-MD5", (), reply.UNKNOWN_MECHANISM),
        ("PLAIN", (b"*",), reply.AUTH_CANCELLED),
        ("LOGIN", (encode("a"), b"*"), reply.AUTH_CANCELLED),
        ("PLAIN", (b"no base64",), reply.BAD_AUTH_RESPONSE),
        ("PLAIN =", (), reply.BAD_AUTH_RESPONSE),
        ("PLAIN", (encode("app\0secret"),), reply.BAD_AUTH_RESPONSE),
        ("PLAIN", (encode("other\0app\0secret"),), reply.BAD_CREDENTIALS),
        ("LOGIN", (b"/w==", encode("a")), reply.BAD_AUTH_RESPONSE),
    ],
)
def test_what_is_no_exchange_is_refused(argument: str, answers: tuple[bytes, ...], refusal: Reply) -> None:
    assert talk(argument, *answers)[0] is refusal


def test_the_slow_hash_is_made_once_for_a_right_password_and_every_time_for_a_wrong_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, made = KeptUsers([f"app:{hash_password('app', 'secret')}"]), []
    scrypt = hashlib.scrypt
    monkeypatch.setattr(hashlib, "scrypt", lambda *one, **named: made.append(1) or scrypt(*one, **named))

    async def check() -> list[bool]:
        shown = ["secret", "secret", "secret", "wrong", "wrong"]
        return [await kept.check(Credentials("app", password)) for password in shown]

    assert asyncio.run(check()) == [True, True, True, False, False]
    assert len(made) == 3


def test_who_is_let_in() -> None:
    kept = KeptUsers([f"app:{hash_password('app', 'secret')}"])

    async def check() -> list[bool]:
        return [
            await kept.check(Credentials("app", "secret")),
            await kept.check(Credentials("app", "wrong")),
            await kept.check(Credentials("nobody", "secret")),
            await AnyUser().check(Credentials("who", "ever")),
            await AnyUser().check(Credentials("", "ever")),
        ]

    assert asyncio.run(check()) == [True, False, False, True, False]


def test_api_users_are_known_by_the_digests_of_their_keys() -> None:
    users = KeyDigests({"app": digest_key("a key")})

    async def check(*shown: tuple[str, str]) -> list[bool]:
        return [await users.check(Credentials(*one)) for one in shown]

    shown = [("app", "a key"), ("app", "a key "), ("app", ""), ("other", "a key"), ("other", ""), ("", "")]
    assert asyncio.run(check(*shown)) == [True, False, False, False, False, False]
