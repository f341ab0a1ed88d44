"""接続IP設定: who gets in where, and that nobody is shut out by himself."""

import re
from collections.abc import Iterator

import pytest

from cmcdesk.console.desk.connected_ips import SETTING, ConnectedIp, is_let_in
from cmcdesk.console.frame.database import save_desk_setting

from ..conftest import Console

PLACE, FAR = "/account/connected-ips", "192.0.2.7"
SEND, LIST = "/api/v2/emails/send.json", "/transaction/v2/bounces/list.json"


@pytest.fixture(autouse=True)
def leave_none(console: Console) -> Iterator[None]:
    """Other tests share the desk."""
    yield
    save_desk_setting(console.desk._services.engine, SETTING, {})


def ask(console: Console, path: str, peer: str, method: str = "GET") -> tuple[int, str]:
    client = console.desk.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {console.token}", "Accept-Language": "en"}
    answer = client.open(
        path, method=method, base_url=console.base, headers=headers, environ_overrides={"REMOTE_ADDR": peer}
    )
    return answer.status_code, answer.text


def list_ips(console: Console) -> dict[str, tuple[bool, bool, bool]]:
    found = console.api("connected-ips").json["connected_ips"]
    return {each["address"]: (each["console"], each["transaction"], each["sending"]) for each in found}


def test_with_none_everybody_gets_in_and_then_only_who_is_ticked(console: Console) -> None:
    far = ConnectedIp(address=FAR, console=False, transaction=True, sending=False)
    for target in ("console", "transaction", "sending"):
        assert is_let_in([], FAR, target) and is_let_in([], None, target)
        assert is_let_in([far], FAR, target) == (target == "transaction")
        assert is_let_in([far], "127.0.0.1", target) == is_let_in([far], "::1", target) == (target == "console")
        assert is_let_in([far], f"::ffff:{FAR}", target) == (target == "transaction")
        assert not is_let_in([far], "192.0.2.8", target) and not is_let_in([far], None, target)


def test_each_target_is_held_against_the_list(console: Console) -> None:
    assert ask(console, "/api/v1/status", FAR)[0] == 200
    ticks = {"console": False, "transaction": False, "sending": True}
    assert console.api(f"connected-ips/{FAR}", "PUT", ticks).json == ticks | {"address": FAR}
    assert list_ips(console) == {"127.0.0.1": (True, True, True), FAR: (False, False, True)}
    status, told = ask(console, "/api/v1/status", FAR)
    assert status == 403 and f"{FAR} may not connect" in told
    assert ask(console, "/api/v1/status", "127.0.0.1")[0] == 200
    status, told = ask(console, LIST, FAR, "POST")
    assert status == 403 and "90-017" in told and f"{FAR} is not registered" in told
    assert ask(console, SEND, FAR, "POST")[0] == 400 and ask(console, LIST, "127.0.0.1", "POST")[0] == 400
    assert ask(console, SEND, "192.0.2.8", "POST")[0] == 403
    console.api(f"connected-ips/{FAR}", "PUT", {"console": True, "transaction": True, "sending": False})
    assert ask(console, "/api/v1/status", FAR)[0] == 200 and ask(console, SEND, FAR, "POST")[0] == 403


def test_nobody_is_shut_out_by_himself(console: Console) -> None:
    client = console.desk.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {console.token}", "Accept-Language": "en"}
    far = {"base_url": console.base, "headers": headers, "environ_overrides": {"REMOTE_ADDR": FAR}}
    refused = client.put("/api/v1/connected-ips/192.0.2.8", json={}, **far)
    assert refused.status_code == 422 and f"shut out the address that you use now, {FAR}" in refused.text
    assert list_ips(console) == {}
    assert client.put(f"/api/v1/connected-ips/{FAR}", json={}, **far).status_code == 200
    refused = client.delete(f"/api/v1/connected-ips/{FAR}", **far)
    assert refused.status_code == 409 and FAR in list_ips(console)
    refused = console.api("connected-ips/127.0.0.1", "DELETE")
    assert refused.status_code == 409 and "goes last" in refused.text
    assert console.api(f"connected-ips/{FAR}", "DELETE").status_code == 204
    assert console.api("connected-ips/127.0.0.1", "DELETE").status_code == 204
    assert list_ips(console) == {} and console.api(f"connected-ips/{FAR}", "DELETE").status_code == 404


def test_addresses_are_kept_in_one_form_and_others_refused(console: Console) -> None:
    console.api("connected-ips/2001:DB8:0::1", "PUT", {"console": False})
    console.api("connected-ips/::ffff:192.0.2.7", "PUT", {})
    assert list(list_ips(console)) == ["127.0.0.1", "2001:db8::1", FAR]
    for wrong in ("192.0.2.0%2F24", "host", "192.0.2"):
        refused = console.api(f"connected-ips/{wrong}", "PUT", {})
        assert refused.status_code in (404, 422), wrong
    assert len(list_ips(console)) == 3


def test_the_page_registers_changes_and_removes(console: Console) -> None:
    assert "every address may connect" in console.get(PLACE).text
    assert console.post(PLACE, {"address": FAR, "sending": "true"}).location == PLACE
    assert list_ips(console)[FAR] == (False, False, True)
    assert console.post(PLACE, {"address": FAR, "console": "true"}).location == PLACE
    assert list_ips(console)[FAR] == (True, False, False)
    page = console.get(f"{PLACE}?address={FAR}").text
    assert f'value="{FAR}"' in page and re.search(r'name="console" value="true" checked', page)
    assert not re.search(r'name="sending" value="true" checked', page)
    wrong = console.post(PLACE, {"address": "192.0.2.0/24", "console": "true"})
    assert wrong.status_code == 422 and 'value="192.0.2.0/24"' in wrong.text and "networks are not taken" in wrong.text
    refused = console.post(f"{PLACE}/127.0.0.1/remove")
    assert refused.status_code == 422 and "goes last" in refused.text
    told = console.api("operation-log/operations").json["operations"][:2]
    assert [(each["function"], each["name"]) for each in told] == [("connected_ip", FAR)] * 2
    for address in (FAR, "127.0.0.1"):
        assert console.post(f"{PLACE}/{address}/remove").location == PLACE
    assert console.post(f"{PLACE}/{FAR}/remove").status_code == 404 and list_ips(console) == {}
