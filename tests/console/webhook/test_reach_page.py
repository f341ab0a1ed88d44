"""Where webhooks may go, on its page: errors by field, and the way there from a refused delivery."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmcdesk.processes.certificates import read_ca_certificate

from ..conftest import Console

PAGE = "/api-settings/webhook/hosts"
NOTHING = {"hosts": [], "ca_file": ""}


@pytest.fixture(autouse=True)
def as_before(console: Console) -> Iterator[None]:
    yield
    assert console.api("webhook-reach", "PUT", NOTHING).status_code == 200


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
