"""What HTML shows."""

from cmcdesk.mail.mime.visible import strip_html


def test_html_becomes_lines_without_what_is_not_seen() -> None:
    page = "<head><title>x</title></head><style>p{}</style><p>Your mail to<br>&lt;a@b.example&gt;</p><!-- no --><td>y"
    assert strip_html(page) == "Your mail to\n<a@b.example>\ny"


def test_what_is_never_closed_ends_with_the_text() -> None:
    assert strip_html("a<style>b<style>c") == "a"
    assert strip_html("a < b") == "a < b"
