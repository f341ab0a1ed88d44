"""No request, whatever it holds, is answered with 500: every operation and every page, with what strangers send."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from tests.console.conftest import Console

DEEP = "[" * 100_000 + "]" * 100_000
HUGE = (str(2**63), str(-(2**63) - 1), "9" * 5000, "1e999", "NaN")
TEXTS = ("", "\0", "a\0b", "\ud800", "％＿", "'\"", "x" * 70_000, "../..", "-1", "0", *HUGE)
HOSTILE_JSON = (
    DEEP,
    '{"settings":' + DEEP + "}",
    '{"a":' * 50_000 + "1" + "}" * 50_000,
    "null",
    "7",
    '"\\ud800"',
    "[]",
    "{}",
    "{",
    "",
    '{"subdomain":"\\ud800","name":"\\ud800"}',
    '{"subdomain":"a\\u0000b"}',
    '{"number":' + "9" * 400 + ',"version":' + "9" * 400 + "}",
    '{"number":' + "9" * 5000 + "}",
    '{"number":NaN,"version":1e999}',
    '{"settings":{"receiving":{"size_kb":' + "9" * 400 + '}},"version":-9223372036854775809}',
    '{"settings":{"name":"\\ud800","inbound_webhook":[{"name":"\\ud83d","endpoint":"http://\\ud800/"}]}}',
    '{"mails":[' + "9" * 40 + '],"before_id":' + "9" * 40 + "}",
    '{"api_user":"\\ud800","api_key":"\\udfff"}',
    '{"error_status":' + "9" * 30 + ',"status":"\\ud800"}',
)


def list_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(method, path, names of query parameters) of all that the API says it has."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            parameters = operation.get("parameters", [])
            yield method.upper(), path, [each["name"] for each in parameters if each["in"] == "query"]


def fill_path(path: str, value: str) -> str:
    return re.sub(r"\{[^}]+\}|<[^>]+>", quote(value.encode("utf-8", "surrogatepass"), safe="") or "x", path)


def call(console: Console, method: str, url: str, data: str | None = None) -> int:
    client = console.desk.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {console.token}", "Content-Type": "application/json"}
    octets = data.encode("utf-8", "surrogatepass") if data is not None else None
    return client.open(url, method=method, base_url=console.base, headers=headers, data=octets).status_code


DISPLAY = {"language": "en", "time_zone": "UTC", "theme": "dark"}
WEBHOOKS = [
    {"name": "a", "endpoint": "http://127.0.0.1:9/", "format": "json", "condition": [{"header": "To", "pattern": "x"}]}
]
#: Names that bodies of the API hold, so that what is made up reaches the code behind them.
NAMES = st.sampled_from(
    ("settings", "version", "name", "subdomain", "receiving", "size_kb", "inbound_webhook", "condition", "header",
     "pattern", "endpoint", "mails", "before_id", "number", "count", "filter", "language", "days", "text", "status")
)  # fmt: skip
NUMBERS = st.integers() | st.floats() | st.sampled_from((2**31, 2**53, 2**63, -(2**63) - 1, 10**400))
TEXT = st.text(st.characters(), max_size=30)  # lone surrogates and NUL among them
LEAVES = st.none() | st.booleans() | NUMBERS | TEXT | NAMES
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXT, inner, max_size=4), max_leaves=12
)


def replace_somewhere(data: st.DataObject, tree: Any) -> Any:
    """The tree with a made up value in one place, which may be the tree itself."""
    steps: list[tuple[Any, Any]] = []
    node = tree
    while isinstance(node, dict | list) and node and (not steps or data.draw(st.integers(0, 3))):
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        steps.append((node, key))
        node = node[key]
    made_up = data.draw(JSON)
    if not steps:
        return made_up
    steps[-1][0][steps[-1][1]] = made_up
    return tree


def is_waiting(path: str) -> bool:
    """A long poll would wait for its mail."""
    return path.endswith("/wait")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own: what is made up here may change or remove what other tests look at."""
    place = Placing(receiver_port=0, relay_port=0)
    with Desk(DeskOptions(folder=tmp_path_factory.mktemp("desk"), port=0, placing=place)) as desk:
        desk.start()
        yield desk


def test_no_body_is_answered_with_500(console: Console, document: dict[str, Any]) -> None:
    faults = [
        (method, path, body[:60])
        for method, path, _ in list_operations(document)
        if method in ("POST", "PUT", "PATCH", "DELETE")
        for body in HOSTILE_JSON
        if call(console, method, fill_path(path, "1"), body) >= 500
        or call(console, method, fill_path(path, "pro"), body) >= 500
    ]
    assert not faults, faults


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_that_is_made_up_is_answered_with_500(
    console: Console, document: dict[str, Any], data: st.DataObject
) -> None:
    changing = sorted({(method, path) for method, path, _ in list_operations(document) if method != "GET"})
    method, path = data.draw(st.sampled_from(changing))
    body = json.dumps(data.draw(JSON))
    assert call(console, method, fill_path(path, "1"), body) < 500, (method, path, body)


def test_no_settings_with_a_made_up_value_are_answered_with_500(console: Console) -> None:
    name = console.add_composition(apply=False)
    console.change(name, {"inbound_webhook": WEBHOOKS})
    draft = console.api(f"compositions/{name}/draft").json
    assert draft["settings"]["inbound_webhook"][0]["condition"]

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def try_one(data: st.DataObject) -> None:
        made_up = replace_somewhere(data, copy.deepcopy(draft["settings"]))
        version = console.api(f"compositions/{name}/draft").json["version"]
        body = json.dumps({"settings": made_up, "version": version})
        assert call(console, "PUT", f"/api/v1/compositions/{name}/draft", body) < 500, body

    try_one()


def test_no_path_and_no_query_is_answered_with_500(console: Console, document: dict[str, Any]) -> None:
    faults = []
    for method, path, names in list_operations(document):
        if method != "GET" or is_waiting(path):
            continue
        for text in TEXTS:
            value = quote(text.encode("utf-8", "surrogatepass"))
            queries = [f"{name}={value}" for name in names if len(value) < 30_000] or [""]
            urls = [f"{fill_path(path, '1')}?{query}" for query in queries]
            urls += [fill_path(path, text)] if "{" in path and len(text) < 10_000 else []
            faults += [(url[:120], code) for url in urls if (code := call(console, "GET", url)) >= 500]
    assert not faults, faults


def test_no_page_is_answered_with_500(console: Console) -> None:
    faults = []
    fields = (
        "composition",
        "before",
        "after",
        "query",
        "text",
        "status",
        "route",
        "gate",
        "tab",
        "state",
        "limit",
        "p",
    )
    for rule in console.desk.app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.rule.startswith(("/stream", "/static", "/api/v1/mails/wait")):
            continue
        for text in ("\0", "\ud800", "'\"％", *HUGE):
            value = quote(text.encode("utf-8", "surrogatepass"))
            query = "&".join(f"{name}={value}" for name in fields)
            for url in [f"{fill_path(rule.rule, '1')}?{query}", *[fill_path(rule.rule, text)] * ("<" in rule.rule)]:
                answer = console.get(url)
                faults += [(url[:120], answer.status_code)] if answer.status_code >= 500 else []
                answer.close()
    assert not faults, faults


def test_no_form_is_answered_with_500(console: Console) -> None:
    forms: list[dict[str, str]] = [{}, {"version": "9" * 400, "index": "9" * 30}]
    forms += [
        dict.fromkeys(
            ("name", "subdomain", "query", "version", "packed", "into", "count", "days", "pattern", "value", "filter",
             "receiving.size_kb", "receiving.bounce_domains", "inbound_webhook[0].name", "api_user", "back", "next"),
            text,
        )
        for text in ("\0", "\ud800", "9" * 400, "[" * 1000, "x" * 70_000)
    ]  # fmt: skip
    forms.append({f"inbound_webhook[{n}].condition[{n}].header": "x" for n in range(900)})
    forms.append({"inbound_webhook[99999999999].name": "x", "a" + "[0]" * 2000: "y", "a" + ".b" * 3000: "z"})
    bodies = [
        "&".join(f"{quote(key)}={quote(value.encode('utf-8', 'surrogatepass'))}" for key, value in form.items())
        for form in forms
    ]
    faults = []
    for rule in console.desk.app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/simulator"):
            continue
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "X-CSRFToken": console.csrf,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        for octets in bodies:
            for path in {fill_path(rule.rule, part) for part in ("1", "pro")}:
                answer = console.client.post(path, base_url=console.base, data=octets, headers=headers)
                faults += [(path, octets[:80], answer.status_code)] if answer.status_code >= 500 else []
                answer.close()
        usual = console.client.post("/display", base_url=console.base, data=DISPLAY, headers=headers)
        assert usual.status_code == 303, f"the session's token has to hold, else nothing behind it is reached: {rule}"
    assert not faults, faults
