"""What is offered and what is demanded, by the switches."""

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mailserver.auth import AnyUser, KeptUsers
from cmcdesk.mailserver.protection import Protection, needs_tls
from cmcdesk.rules.settings import Security

STARTTLS, AUTH = "STARTTLS", "AUTH PLAIN LOGIN"


@pytest.mark.parametrize(
    ("security", "plain", "secure"),
    [
        (Security(), [], []),
        (Security(starttls="offered"), [STARTTLS], []),
        (Security(auth="offered"), [AUTH], [AUTH]),
        (Security(starttls="required", auth="required"), [STARTTLS], [AUTH]),
        (Security(implicit_tls=True), [], []),
    ],
)
def test_ehlo_announces_what_can_be_had_now(security: Security, plain: list[str], secure: list[str]) -> None:
    protection = Protection.of(security, None)
    assert protection.list_extensions(is_secure=False) == plain
    assert protection.list_extensions(is_secure=True) == secure


def test_what_has_to_come_before_a_mail() -> None:
    both = Protection.of(Security(starttls="required", auth="required"), None)
    assert both.find_bar(is_secure=False, is_authenticated=False) is reply.STARTTLS_FIRST
    assert both.find_bar(is_secure=True, is_authenticated=False) is reply.AUTH_FIRST
    assert both.find_bar(is_secure=True, is_authenticated=True) is None
    assert Protection.of(Security(starttls="offered", auth="offered"), None).find_bar(False, False) is None


def test_what_a_client_may_have_missed() -> None:
    assert Protection.of(Security(), None).withholds(is_secure=False)
    assert Protection.of(Security(auth="offered"), None).withholds(is_secure=False)
    assert not Protection.of(Security(auth="offered"), None).withholds(is_secure=True)
    assert not Protection.of(Security(starttls="offered", auth="offered"), None).withholds(is_secure=False)


def test_a_certificate_is_made_only_where_tls_is_on_and_users_are_asked_only_where_there_are_some() -> None:
    assert not needs_tls(Security(auth="required"))
    assert needs_tls(Security(starttls="offered")) and needs_tls(Security(implicit_tls=True))
    assert isinstance(Protection.of(Security(auth_users=["a:b"]), None).authenticator, KeptUsers)
    assert isinstance(Protection.of(Security(), None).authenticator, AnyUser)
