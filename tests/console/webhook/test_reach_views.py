"""Where webhooks may go, over the API; and that it is kept to when one is sent."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cmcdesk.processes.certificates import issue_context, read_ca_certificate

from ..conftest import Console

NOTHING = {"hosts": [], "ca_file": ""}


@pytest.fixture(autouse=True)
def as_before(console: Console) -> Iterator[None]:
    yield
    assert console.api("webhook-reach", "PUT", NOTHING).status_code == 200


@pytest.fixture
def https_endpoint(tmp_path: Path) -> Iterator[str]:
    """Answers 200 to any POST, with a certificate of a CA of its own (`tmp_path/ca.pem`)."""
    (tmp_path / "ca.pem").write_bytes(read_ca_certificate(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.socket = issue_context(tmp_path, ()).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/hook"
    server.shutdown()
    server.server_close()
    thread.join(5)


class Answering(BaseHTTPRequestHandler):
    """Takes every POST."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_the_list_is_kept_and_checked(console: Console, tmp_path: Path) -> None:
    assert console.api("webhook-reach").json == NOTHING
    given = {"hosts": ["App", "10.0.0.5"], "ca_file": ""}
    assert console.api("webhook-reach", "PUT", given).json == {"hosts": ["10.0.0.5", "app"], "ca_file": ""}
    assert console.api("webhook-reach").json["hosts"] == ["10.0.0.5", "app"]
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing")
    for wrong, field in (
        ({"hosts": ["app", "169.254.169.254"]}, "hosts[1]"),
        ({"hosts": ["http://app"]}, "hosts[0]"),
        ({"ca_file": str(tmp_path / "none.pem")}, "ca_file"),
        ({"ca_file": str(broken)}, "ca_file"),
    ):
        answer = console.api("webhook-reach", "PUT", wrong)
        assert answer.status_code == 422 and answer.json["errors"][0]["field"] == field
    assert console.api("webhook-reach").json["hosts"] == ["10.0.0.5", "app"]


def test_a_call_is_told_in_its_language_what_is_wrong(console: Console) -> None:
    for wrong, told in (
        ({"hosts": ["http://app"]}, "ホスト名でもアドレスでもありません"),
        ({"hosts": ["169.254.169.254"]}, "リンクローカル"),
        ({"ca_file": "/nowhere/ca.pem"}, "CA ファイルとして使用できません"),
    ):
        [error] = console.api("webhook-reach", "PUT", wrong, language="ja").json["errors"]
        assert error["message"].startswith(told)


def deliver(console: Console, endpoint: str) -> dict[str, object]:
    """One mail to this endpoint; its delivery after the first attempt."""
    webhook = {"name": "form", "endpoint": endpoint, "condition": [{"header": "Subject", "pattern": "x"}]}
    name = console.add_composition(apply=False)
    console.change(name, {"inbound_webhook": [webhook]})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    mail = console.send(name, b"From: a@sender.example\r\nSubject: x\r\n\r\n")
    [row] = console.api(f"deliveries?mail_id={mail}&composition={name}&wait=10").json["deliveries"]
    while not row["attempts"]:
        row = console.api(f"deliveries/{row['id']}").json
    detail: dict[str, object] = console.api(f"deliveries/{row['id']}").json
    return detail


def test_a_webhook_over_https_with_an_own_ca_is_delivered_once_the_ca_is_known(
    console: Console, https_endpoint: str, tmp_path: Path
) -> None:
    refused = deliver(console, https_endpoint)
    assert refused["state"] == "waiting" and "CERTIFICATE_VERIFY_FAILED" in str(refused["attempt_log"])
    given = {"hosts": [], "ca_file": str(tmp_path / "ca.pem")}
    assert console.api("webhook-reach", "PUT", given).status_code == 200
    again = console.api(f"deliveries/{refused['id']}/retry", "POST").json
    [row] = console.api(f"deliveries?mail_id={again['mail_id']}&state=delivered&wait=20").json["deliveries"]
    assert (row["id"], row["state"]) == (refused["id"], "delivered")


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("https://169.254.169.254/", "link-local"),
        ("http://app.internal:1/hook", "not listed"),
        ("https://10.255.255.1/hook", "not listed"),
    ],
)
def test_what_is_not_listed_is_never_called(console: Console, endpoint: str, why: str) -> None:
    if endpoint.startswith("http://169"):
        webhook = {"name": "f", "endpoint": endpoint, "condition": [{"header": "To", "pattern": "x"}]}
        draft = console.api("compositions/pro/draft").json["settings"] | {"inbound_webhook": [webhook]}
        assert console.api("compositions/pro/draft", "PUT", {"settings": draft}).status_code == 422
        return
    told = deliver(console, endpoint)
    assert told["state"] == "waiting" and why in str(told["attempt_log"])


PAGE = "/api-settings/webhook/hosts"


def test_what_is_saved_on_the_page_is_what_the_api_gives(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(read_ca_certificate(tmp_path))
    answer = console.post(PAGE, {"hosts": "App\n\n 10.0.0.5 \n", "ca_file": str(file)})
    assert answer.status_code == 303
    assert console.api("webhook-reach").json == {"hosts": ["10.0.0.5", "app"], "ca_file": str(file)}
    page = console.get(PAGE).text
    assert ">10.0.0.5\napp</textarea>" in page and str(file) in page


@pytest.mark.parametrize(
    ("hosts", "file", "told"),
    [
        ("app\n169.254.169.254", "", "link-local"),
        ("http://app", "", "without http://"),
        ("\n".join(f"h{number}" for number in range(101)), "", "No more than 100 hosts"),
        ("app", "/nowhere/ca.pem", "there is no such file"),
        ("app", __file__, "it holds no certificate"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_lost(console: Console, hosts: str, file: str, told: str) -> None:
    answer = console.post(PAGE, {"hosts": hosts, "ca_file": file})
    assert answer.status_code == 422
    assert told in answer.text and answer.text.count("field-error") == 1
    assert f">{hosts}</textarea>" in answer.text and f'value="{file}"' in answer.text
    assert console.api("webhook-reach").json == NOTHING


def test_a_test_that_is_refused_leads_to_the_page_with_the_host_filled_in(console: Console) -> None:
    form = {
        "inbound_webhook[0].name": "form",
        "inbound_webhook[0].endpoint": "http://app.internal:8080/hook",
        "inbound_webhook[0].condition[0].header": "To",
        "inbound_webhook[0].condition[0].pattern": "x",
    }
    name = console.add_composition(apply=False)
    said = console.post(f"/api-settings/webhook/inbound/{name}/test-notification", form).text
    assert "app.internal is not listed as a destination of webhooks" in said and f"{PAGE}?add=app.internal" in said
    page = console.get(f"{PAGE}?add=app.internal").text
    assert ">app.internal</textarea>" in page and 'id="offered"' in page
    assert console.api("webhook-reach").json == NOTHING
