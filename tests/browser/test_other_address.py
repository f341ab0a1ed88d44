"""The console on another address than 127.0.0.1, as a container binds it: a browser is let in no further by that."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from ..conftest import StartServe

FORM = '<form method="post" action="{}/language"><input name="language" value="en"><button>go</button></form>'


@pytest.fixture
def foreign_page() -> Iterator[tuple[str, list[str]]]:
    """Address of a page of somebody else's, and what it shows."""
    shown: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shown[0].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", shown
    server.shutdown()
    server.server_close()


def test_token_host_and_origin_are_asked_for_there_too(
    browser: Browser, start_serve: StartServe, foreign_page: tuple[str, list[str]]
) -> None:
    served = start_serve("--console-bind", "0.0.0.0", "--allow-host", "desk.example")
    port = served.base.rpartition(":")[2].strip("/")
    here, elsewhere = f"http://localhost:{port}", f"http://127.0.0.2:{port}"
    context = browser.new_context(locale="en-US")
    page = context.new_page()

    def status(address: str) -> int | None:
        answer = page.goto(address)
        return answer.status if answer else None

    assert status(f"{here}/mails") == 401
    assert status(f"{elsewhere}/?token={served.note['token']}") == 421, "a name that is not allowed"
    assert status(f"{here}/?token={served.note['token']}") == 200 and status(f"{here}/mails") == 200
    address, shown = foreign_page
    shown.append(FORM.format(here))
    page.goto(address)
    with page.expect_response(f"{here}/language") as refused:
        page.click("button")
    assert refused.value.status in (401, 403)
    assert status(f"{here}/mails") == 200
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()
