"""A received message made fit for the page."""

from cmcdesk.console.message_view import count_parts, list_leaves, make_html_safe
from cmcdesk.mail.message import read_message

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
