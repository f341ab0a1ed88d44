"""A received message made fit for the page."""

from cmcdesk.console.mails.message_view import (
    FRAME_OCTETS,
    HTML_SHOWN,
    count_parts,
    list_leaves,
    make_html_safe,
    take_tree,
)
from cmcdesk.mail.mime.message import read_message

PNG = b"iVBORw0KGgo="
RELATED = (
    b'Content-Type: multipart/related; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/html\r\n\r\n"
    b'<img src="cid:one"><img src="CID:two"><img src="cid:gone"><img src="https://evil.example/x.png">\r\n'
    b"--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\n" + PNG + b"\r\n"
    b"--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <two>\r\n\r\n<svg onload='x'/>\r\n--b--\r\n"
)


def test_pictures_that_the_mail_carries_are_put_in() -> None:
    html = make_html_safe(read_message(RELATED)).html
    assert f'src="data:image/png;base64,{PNG.decode()}"' in html
    assert '"CID:two"' in html and '"cid:gone"' in html, "only pictures that cannot act, and only those there are"


def test_leaves_are_counted_in_order() -> None:
    message = read_message(RELATED)
    assert [part.content_type for part in list_leaves(message.parts)] == ["text/html", "image/png", "image/svg+xml"]
    assert count_parts(message) == 3
    assert count_parts(read_message(b"\r\n\r\nplain")) == 1


def related(html: bytes, picture: bytes) -> bytes:
    return (
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + html
        + b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\n\r\n" + picture + b"\r\n--b--\r\n"
    )  # fmt: skip


def test_a_picture_that_is_named_many_times_is_put_in_as_often_as_there_is_room() -> None:
    few = make_html_safe(read_message(related(b'<img src="cid:one">' * 3, b"p" * 1000)))
    assert few.html.count("data:image/png;base64,") == 3 and not few.is_cut
    many = make_html_safe(read_message(related(b'<img src="cid:one">' * 20_000, b"p" * 100_000)))
    assert len(many.html) <= FRAME_OCTETS and many.is_cut
    assert many.html.count("data:image/png;base64,") > 20 and many.html.count("cid:one") > 19_000
    large = make_html_safe(read_message(related(b'<img src="cid:one">', b"p" * FRAME_OCTETS)))
    assert large.html == '<img src="cid:one">' and large.is_cut


def test_long_html_is_cut() -> None:
    for length, is_cut in ((HTML_SHOWN, False), (HTML_SHOWN + 1, True)):
        frame = make_html_safe(read_message(b"Content-Type: text/html\r\n\r\n" + b"a" * length))
        assert (len(frame.html), frame.is_cut) == (HTML_SHOWN, is_cut)


def test_the_tree_is_taken_in_its_order_up_to_a_number_of_parts() -> None:
    root = read_message(RELATED).parts
    for limit, shown, is_cut in ((4, 3, False), (3, 2, True), (1, 0, True)):
        branch, cut = take_tree(root, limit)
        assert (len(branch.children), cut) == (shown, is_cut)
    assert [each.part.content_type for each in take_tree(root, 3)[0].children] == ["text/html", "image/png"]
