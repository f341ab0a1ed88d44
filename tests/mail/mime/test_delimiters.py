"""Delimiter lines."""

from cmcdesk.mail.mime.delimiters import guess_boundary, split_multipart


def split(octets: bytes, boundary: bytes) -> tuple[list[bytes], bool]:
    extents, closed = split_multipart(octets, (0, len(octets)), boundary, 100)
    return [octets[start:end] for start, end in extents], closed


def test_the_line_end_before_a_delimiter_is_its_own() -> None:
    assert split(b"pre\r\n--b\r\none\r\n\r\n--b \t\r\ntwo\n--b--\r\nepilogue\r\n--b\r\nx", b"b") == (
        [b"one\r\n", b"two"],
        True,
    )


def test_a_longer_boundary_is_another() -> None:
    assert split(b"--b\none\n--bb\n--b--x\n--b--\n", b"b") == ([b"one\n--bb\n--b--x"], True)


def test_not_closed_and_empty() -> None:
    assert split(b"--b\none", b"b") == ([b"one"], False)
    assert split(b"--b\n--b--", b"b") == ([b""], True)
    assert split(b"text --b\n", b"b") == ([], False)
    assert split(b"--b", b"b") == ([b""], False)


def test_odd_characters() -> None:
    boundary = b"=_?(a b)'+,./:=*[x]"
    assert split(b"--" + boundary + b"\nx\n--" + boundary + b"--", boundary) == ([b"x"], True)


def test_guess() -> None:
    octets = b"intro\n-- \nsignature\n--real\nContent-Type: text/plain\n\nx\n--real--\n"
    assert guess_boundary(octets, 0, len(octets)) == b"real"
    assert guess_boundary(b"-- \nno", 0, 6) == b""
