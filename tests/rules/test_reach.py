"""Where webhooks may go: never link-local, the own network only as listed, and by the address that is connected to."""

import pytest

from cmcdesk.rules.reach import Reach, check_host, is_own_network, is_this_computer

NOBODY = Reach()
LISTED = Reach.of(["App", "192.168.1.5", "hook.lan", "169.254.169.254", "127.0.0.1"])


@pytest.mark.parametrize(
    ("scheme", "host", "bare", "listed"),
    [
        ("https", "www.example.com", True, True),
        ("http", "www.example.com", False, False),
        ("http", "localhost", True, True),
        ("https", "127.8.8.8", True, True),
        ("http", "app", False, True),
        ("https", "APP", False, True),
        ("https", "192.168.1.5", False, True),
        ("https", "192.168.1.6", False, False),
        ("https", "other.lan", False, False),
        ("http", "169.254.169.254", False, False),  # though it is listed
        ("https", "[fe80::1]", False, False),
        ("https", "::ffff:169.254.169.254", False, False),
    ],
)
def test_a_host_by_its_name(scheme: str, host: str, bare: bool, listed: bool) -> None:
    assert [reach.refuse_host(scheme, host) is None for reach in (NOBODY, LISTED)] == [bare, listed]


@pytest.mark.parametrize(
    ("host", "address", "is_allowed"),
    [
        ("www.example.com", "93.184.216.34", True),
        ("www.example.com", "2606:2800:220:1::1", True),
        ("www.example.com", "127.0.0.1", False),  # rebinding: a public name that leads here
        ("www.example.com", "192.168.1.5", False),
        ("www.example.com", "169.254.169.254", False),
        ("www.example.com", "::ffff:10.0.0.1", False),
        ("localhost", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("localhost", "192.168.1.5", False),
        ("app", "172.18.0.3", True),
        ("app", "127.0.0.1", True),
        ("app", "169.254.1.1", False),
        ("app", "fe80::1%eth0", False),
        ("app", "0.0.0.0", False),
        ("app", "nonsense", False),
    ],
)
def test_an_address_that_was_connected_to(host: str, address: str, is_allowed: bool) -> None:
    assert (LISTED.refuse_address(host, address) is None) == is_allowed


def test_which_hosts_are_ours() -> None:
    assert all(map(is_own_network, ("app", "my-app", "printer.local", "10.1.2.3", "fd00::1", "host.docker.internal")))
    assert not any(map(is_own_network, ("example.com", "127.0.0.1.example.com", "8.8.8.8", "2130706433", "0x7f000001")))
    assert is_this_computer("LOCALHOST") and is_this_computer("::1") and not is_this_computer("localhost.example.com")


def test_a_host_to_be_listed_is_checked() -> None:
    assert [check_host(text) for text in ("App ", "[fd00::1]", "a_b.lan")] == ["app", "fd00::1", "a_b.lan"]
    for text in ("", "http://app", "a b", "a/b", "app:80", "169.254.1.1", "0.0.0.0", "224.0.0.1", "a..b"):
        with pytest.raises(ValueError):
            check_host(text)
