"""/openapi.json: complete, and true."""

import re
from pathlib import Path
from typing import Any

from .conftest import Console


def test_every_route_of_the_api_is_described_and_nothing_else(console: Console, document: dict[str, Any]) -> None:
    routes = {
        (rule.rule.replace("<int:", "<"), method.lower())
        for rule in console.desk.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and not rule.rule.startswith("/api/v1/emails/")  # CMC's, of version 1
    }
    described = {
        (path.replace("{", "<").replace("}", ">"), method)
        for path, item in document["paths"].items()
        for method in item
        if path.startswith("/api/v1/")
    }
    assert described == routes and len(routes) > 15


def test_every_reference_resolves_and_every_operation_needs_the_token(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert set(find_references(document)) <= {f"#/components/schemas/{name}" for name in schemas}
    own = [
        item for path, item in document["paths"].items() if path.startswith("/api/v1/")
    ]  # CMC's have keys of their own
    operations = [operation for item in own for operation in item.values()]
    assert all(operation["security"] == [{"token": []}] and operation["summary"] for operation in operations)


def test_errors_are_described_as_they_are(console: Console, document: dict[str, Any]) -> None:
    told = document["paths"]["/api/v1/mails"]["get"]["responses"]["422"]["content"]["application/json"]["schema"]
    assert told == {"$ref": "#/components/schemas/Errors"}
    assert set(console.api("mails?limit=0").json) == set(document["components"]["schemas"]["Errors"]["properties"])


def find_references(node: Any) -> set[str]:
    """All `$ref` in a JSON document."""
    if isinstance(node, list):
        return set().union(*map(find_references, node))
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(find_references, node.values()))


def test_every_operation_is_listed_in_the_documentation(document: dict[str, Any]) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    operations = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    assert operations - set(re.findall(r"`([A-Z]+ /[^`]*)`", page)) == set()
