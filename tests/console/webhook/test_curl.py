"""A delivery as a command line of curl."""

import subprocess

import pytest

from cmcdesk.console.webhook.curl import hide_secrets, is_writable, quote, write_curl
from cmcdesk.webhook.courier import prepare_request
from cmcdesk.webhook.payload import Payload
from cmcdesk.webhook.target import Target

NASTY = 'it\'s 100% \\ "日本語"\r\n\ttab $HOME `x` !'.encode() + bytes(range(1, 256))


@pytest.mark.parametrize("octets", [b"plain", b"", b"a b", b"it's", NASTY, b"{'a': 1}", b"--b\r\nx\r\n"])
def test_a_shell_reads_what_was_quoted(octets: bytes) -> None:
    done = subprocess.run(
        ["bash", "-c", f"printf %s {quote(octets)}"], capture_output=True, check=True, env={"LC_ALL": "C"}
    )
    assert done.stdout == octets


def test_the_command_has_the_request_and_no_secret() -> None:
    target = Target("https://www.example.com/a?b=c", "json", api_key="k3y", basic="user:s3cret")
    request = prepare_request(hide_secrets(target), "d-1", Payload("application/json", b'{"a": "\xe3\x81\x82"}', b""))
    command = write_curl(request, "f.bin")
    assert command.startswith("curl -X POST 'https://www.example.com/a?b=c' -H 'Content-Type: application/json' -H ")
    assert command.endswith("""--data-binary $'{"a": "\\xe3\\x81\\x82"}'""") and "X-CMCDesk-Delivery: d-1" in command
    assert "s3cret" not in command and "czNjcmV0" not in command and "Content-Length" not in command
    assert hide_secrets(target).api_key == "********" and hide_secrets(Target("x", "json")) == Target("x", "json")
    assert hide_secrets(Target("x", "json", bearer="t")).bearer == "********"


@pytest.mark.parametrize("content", [b"a\0b", b"x" * 65537, b"@/etc/passwd"])
def test_what_no_command_can_hold_is_a_file(content: bytes) -> None:
    request = prepare_request(Target("http://127.0.0.1:9/", "json"), "d-1", Payload("application/json", content, b""))
    assert not is_writable(content) and write_curl(request, "webhook-1.bin").endswith("--data-binary @webhook-1.bin")
