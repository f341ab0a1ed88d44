"""HTTP heads and chunks."""

import pytest

from simulator.sink.http_protocol import BadRequest, read_chunks, read_head


def test_a_head_keeps_the_order_and_case_of_its_fields() -> None:
    head = read_head(b"POST /a/b?c=d HTTP/1.1\r\nHost: x:1\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 12")
    assert (head.method, head.path, head.query, head.length, head.close) == ("POST", "/a/b", "c=d", 12, False)
    assert head.headers[1:3] == (("X-One", "1"), ("x-one", "2"))


def test_when_the_connection_ends() -> None:
    assert read_head(b"GET / HTTP/1.0\r\nA: b").close
    assert not read_head(b"GET / HTTP/1.0\r\nConnection: Keep-Alive").close
    assert read_head(b"GET / HTTP/1.1\r\nConnection: close").close


def test_chunks_wait_for_their_end_and_tell_what_they_took() -> None:
    whole = b"4;note=1\r\nWiki\r\nC\r\npedia in\r\nch\r\n0\r\n\r\n"
    for cut in range(len(whole)):
        assert read_chunks(bytearray(whole[:cut])) is None
    assert read_chunks(bytearray(whole + b"POST")) == (b"Wikipedia in\r\nch", len(whole))


@pytest.mark.parametrize("octets", [b"zz\r\n", b"-1\r\n", b"fffffffff\r\n", b"1\r\nABC\r\n"])
def test_bad_chunks(octets: bytes) -> None:
    with pytest.raises(BadRequest):
        read_chunks(bytearray(octets))
