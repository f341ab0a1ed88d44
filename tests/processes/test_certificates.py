"""The own CA: made once, private, and what it issues is taken by a client that trusts it and by no other."""

import ssl
import stat
import threading
from pathlib import Path

import pytest

from cmcdesk.processes.certificates import BadCertificate, issue_context, load_context, read_ca, read_ca_certificate


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """A handshake in memory. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (asking, answering):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass


def trust(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=read_ca_certificate(folder).decode("ascii"))


def test_the_ca_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = read_ca(tmp_path)
    assert read_ca(tmp_path) == first
    assert b"PRIVATE KEY" in first and b"PRIVATE KEY" not in read_ca_certificate(tmp_path)
    assert stat.S_IMODE((tmp_path / "tls" / "ca.pem").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "tls").iterdir()] == ["ca.pem"]


def test_two_that_make_it_at_the_same_time_get_one(tmp_path: Path) -> None:
    made: list[bytes] = []
    makers = [threading.Thread(target=lambda: made.append(read_ca(tmp_path))) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(set(made)) == 1 and len(made) == 4


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "pro.smtps.jp", "127.0.0.3"])
def test_what_it_issues_is_trusted_for_its_names(tmp_path: Path, name: str) -> None:
    shake_hands(issue_context(tmp_path, ("pro.smtps.jp", "127.0.0.3", "0.0.0.0")), trust(tmp_path), name)


def test_it_is_not_trusted_for_another_name_nor_by_who_does_not_know_the_ca(tmp_path: Path) -> None:
    context = issue_context(tmp_path, ())
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        shake_hands(context, trust(tmp_path), "other.example.com")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, ssl.create_default_context(), "localhost")


def test_own_files_are_used_and_bad_ones_are_named(tmp_path: Path) -> None:
    import trustme

    ca = trustme.CA()
    leaf = ca.issue_cert("mail.example.com")
    certificate, key, broken = tmp_path / "c.pem", tmp_path / "k.pem", tmp_path / "broken.pem"
    certificate.write_bytes(leaf.cert_chain_pems[0].bytes())
    key.write_bytes(leaf.private_key_pem.bytes())
    broken.write_text("nothing")
    client = ssl.create_default_context(cadata=ca.cert_pem.bytes().decode("ascii"))
    shake_hands(load_context(certificate, key), client, "mail.example.com")
    for pair, word in [
        ((tmp_path / "none.pem", None), "no such file"),
        ((certificate, tmp_path / "none.pem"), "none.pem: no such file"),
        ((broken, key), "broken.pem"),
        ((certificate, None), "c.pem"),
    ]:
        with pytest.raises(BadCertificate, match=word):
            load_context(*pair)
