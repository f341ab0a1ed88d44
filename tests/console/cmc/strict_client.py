"""A client of CMC's bounces API that is as strict as the public ones, over real HTTP.

What they demand together: keys matched without regard to case and no unknown one; every value a string; `errors` looked
for in 2xx and 4xx; 200 or 204 only; `status` read as an integer and `created` as a date; JSON or form bodies; the host
name api.smtps.jp.
"""

import http.client
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

PATH = "/transaction/v2/bounces/list.json"
FIELDS = {
    name.lower(): name
    for name in ("created", "status", "from", "to", "messageId", "returnPath", "subject", "apiData", "reason")
}


class ApiError(Exception):
    """What the server refused."""

    def __init__(self, status: int, errors: list[dict[str, Any]]) -> None:
        super().__init__(" ".join(f"{error['message']} ({error['code']})" for error in errors))
        self.status, self.errors = status, errors
        for error in errors:
            assert set(error) == {"code", "field", "message"}, error
            assert all(type(value) is str for value in error.values()), error

    @property
    def fields(self) -> list[str]:
        """The names of the parameters that are wrong."""
        return [error["field"] for error in self.errors]


@dataclass(frozen=True)
class Bounce:
    """One record, as a typed client holds it."""

    values: dict[str, str]
    status: int
    created: datetime


def read_bounce(record: dict[str, Any]) -> Bounce:
    """Raises where the public clients would throw."""
    values: dict[str, str] = {}
    for key, value in record.items():
        if key.lower() not in FIELDS:
            raise ValueError(f"Invalid property: {key}")
        if type(value) is not str:
            raise TypeError(f"{key} must be a string, not {value!r}")
        values[FIELDS[key.lower()]] = value
    missing = set(FIELDS.values()) - set(values)
    if missing:
        raise ValueError(f"must not be accessed before initialization: {missing}")
    created = datetime.strptime(values["created"], "%Y-%m-%d %H:%M:%S")
    return Bounce(values, int(values["status"]), created)


@dataclass
class StrictClient:
    """One API user at one server composition."""

    port: int
    api_user: str
    api_key: str
    server_composition: str

    def list(self, form: bool = False, language: str = "en", **parameters: Any) -> list[Bounce]:
        """Parameters as the API names them. form: urlencoded, search_option as a JSON string."""
        given = {"api_user": self.api_user, "api_key": self.api_key, "server_composition": self.server_composition}
        content = given | parameters
        if form:
            texts = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in content.items()}
            return self.post(urlencode(texts).encode(), "application/x-www-form-urlencoded", language)
        return self.post(json.dumps(content).encode(), "application/json", language)

    def post(self, body: bytes, content_type: str, language: str = "en") -> "list[Bounce]":
        """The bounces of the answer, or ApiError."""
        headers = {"Content-Type": content_type, "Accept-Language": language}
        status, text = self.call("POST", PATH, body, headers)
        content = json.loads(text) if text else {}
        if content.get("errors"):
            raise ApiError(status, content["errors"])
        assert status in (200, 204), (status, text)
        assert isinstance(content["bounces"], list)
        return [read_bounce(record) for record in content["bounces"]]

    def call(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, str]:
        """(status, content) of one request that names CMC's host."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, {"Host": "api.smtps.jp"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()
