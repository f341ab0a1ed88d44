"""A small program of the kind that is tested against cmcdesk: a contact form, and a list of addresses not to write to.

It knows nothing of cmcdesk: an SMTP server to send to, a webhook that CMC calls, and CMC's bounces API.
"""

import json
import smtplib
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen


class Shop:
    """smtp: host and port; api: the address of CMC's API."""

    def __init__(self, smtp: tuple[str, int], api: str) -> None:
        self.smtp, self.api = smtp, api
        self.tickets: list[str] = []  # subjects of the mails that the webhook brought
        self.suppressed: set[str] = set()

    def send_form(self, visitor: str, subject: str, text: str) -> None:
        """What a visitor typed, as a mail to the shop's own address."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = visitor, "info@mailform.example.com", subject
        mail.set_content(text)
        with smtplib.SMTP(*self.smtp, timeout=10) as client:
            client.send_message(mail)

    def take_webhook(self, content: bytes) -> None:
        """CMC's Inbound Webhook, as JSON."""
        self.tickets.append(json.loads(content)["subject"])

    def read_bounces(self, user: str, key: str) -> None:
        """Addresses that failed for good are written to no more."""
        asked = json.dumps({"api_user": user, "api_key": key, "server_composition": "pro"}).encode()
        request = Request(
            f"{self.api}/transaction/v2/bounces/list.json", asked, {"Content-Type": "application/json"}, method="POST"
        )
        with urlopen(request, timeout=10) as answer:
            self.suppressed |= {each["to"] for each in json.load(answer)["bounces"]}


def serve_webhooks(shop: Shop) -> ThreadingHTTPServer:
    """A web server on a free port; its caller runs and ends it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shop.take_webhook(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
