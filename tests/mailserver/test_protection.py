"""What is offered and what is demanded, by the switches."""

import ssl

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mailserver.auth import AnyUser, KeptUsers, KeyDigests
from cmcdesk.mailserver.protection import Admission, Protection, needs_tls, write_address
from cmcdesk.rules.settings import Security
from cmcdesk.rules.settings.relay import Relay

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


def test_a_relay_offers_both_and_takes_passwords_in_the_clear() -> None:
    relay = Protection.of_relay({}, ssl.create_default_context)
    assert relay.list_extensions(is_secure=False) == [STARTTLS, AUTH]
    assert relay.list_extensions(is_secure=True) == [AUTH]
    assert relay.find_bar(is_secure=False, is_authenticated=False) is None and not relay.has_implicit
    assert isinstance(relay.authenticator, KeyDigests)


def test_why_a_client_may_not_relay() -> None:
    either, network, both = (
        Admission.of(Relay(access=access, networks=["192.0.2.1", "2001:db8::1"]))
        for access in ("network_or_auth", "network", "network_and_auth")
    )
    for admission, denials in (
        (either, [None, None, None, reply.DENIED_BOTH]),
        (network, [None, None, reply.DENIED_ADDRESS, reply.DENIED_ADDRESS]),
        (both, [None, reply.DENIED_STRANGER, reply.DENIED_ADDRESS, reply.DENIED_ADDRESS]),
    ):
        cases = [("192.0.2.1", True), ("2001:db8::1", False), ("192.0.2.2", True), ("", False)]
        assert [admission.find_denial(*case) for case in cases] == denials, admission.access


def test_an_address_is_compared_as_settings_have_it() -> None:
    given = ["192.0.2.1", "::ffff:192.0.2.1", "2001:DB8:0::1", "fe80::1%eth0", "/run/socket"]
    assert [write_address(one) for one in given] == ["192.0.2.1", "192.0.2.1", "2001:db8::1", "fe80::1", ""]
