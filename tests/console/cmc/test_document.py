"""/openapi.json tells of CMC's path, and what it tells is so."""

from typing import Any

from ..conftest import Console

PATH = "/transaction/v2/bounces/list.json"


def test_the_document_tells_of_cmcs_path_and_its_parameters(console: Console, document: dict[str, Any]) -> None:
    operation = document["paths"][PATH]["post"]
    assert operation["security"] == [] and operation["summary"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    client = console.desk.app.test_client(use_cookies=False)
    answer = client.post(PATH, base_url=console.base, json={})
    assert sorted(error["field"] for error in answer.json["errors"]) == sorted(schema["required"])
    told = operation["responses"]["4XX"]["content"]["application/json"]["schema"]["properties"]["errors"]["items"]
    assert set(answer.json["errors"][0]) == set(told["required"])
    unknown = client.post(PATH, base_url=console.base, json=dict.fromkeys(schema["properties"], "x"))
    assert unknown.status_code == 401  # none of them is unknown
