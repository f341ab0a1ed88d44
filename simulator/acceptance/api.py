"""The HTTP API of the cmcdesk under test, as any other program would use it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import requests

PAGE = 200
TIMEOUT = 30.0  # seconds for one call; an apply waits for the mail server


class ApiFailed(Exception):
    """A call that must succeed did not; the text says which and what was answered."""


class Answer(NamedTuple):
    """Status and JSON of one call ({} where there is none)."""

    status: int
    data: Any

    @property
    def fields(self) -> list[str]:
        """The fields that the errors of the answer name, sorted."""
        return sorted({str(error.get("field")) for error in self.data.get("errors", [])})


class Api:
    """Calls below ``url`` (which may carry ``?token=``); kept connection, no proxy."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url)
        self.url = f"{parts.scheme}://{parts.netloc}/api/v1/"
        self._session = requests.Session()
        self._session.trust_env = False
        token = token or parse_qs(parts.query).get("token", [""])[0]
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def call(self, method: str, path: str, body: Any = None, **asked: Any) -> Answer:
        """One call, whatever its status. Raises ApiFailed if there is no answer."""
        try:
            got = self._session.request(method, self.url + path, json=body, params=asked, timeout=TIMEOUT)
        except requests.RequestException as fault:
            raise ApiFailed(f"{method} {path}: {fault}") from fault
        is_json = "json" in got.headers.get("Content-Type", "")
        return Answer(got.status_code, got.json() if is_json and got.content else {})

    def do(self, method: str, path: str, body: Any = None, **asked: Any) -> Any:
        """One call that must succeed; its JSON. Raises ApiFailed."""
        answer = self.call(method, path, body, **asked)
        if answer.status >= 300:
            raise ApiFailed(f"{method} {path}: {answer.status} {answer.data}")
        return answer.data

    def list_new(self, kind: str, after: int, **asked: Any) -> Iterator[Mapping[str, Any]]:
        """Rows of mails and refusals with ids above ``after``, of others with mails above it; newest first."""
        key = "id" if kind in ("mails", "refusals") else "mail_id"
        before: dict[str, int] = {}
        while True:
            page = self.do("GET", kind, limit=PAGE, **before, **asked)
            for row in page[kind]:
                if row[key] is not None and row[key] <= after:
                    return
                yield row
            if not page.get("next"):
                return
            before = {"before": page["next"]}

    def newest(self, kind: str) -> int:
        """The highest id of mails or refusals; 0 if there are none."""
        rows = self.do("GET", kind, limit=1)[kind]
        return int(rows[0]["id"]) if rows else 0

    def composition(self, name: str) -> Mapping[str, Any]:
        """One composition's row. Raises ApiFailed if there is none."""
        rows = self.do("GET", "compositions")["compositions"]
        found = next((row for row in rows if row["name"] == name), None)
        if found is None:
            raise ApiFailed(f"no composition {name!r}; there are {', '.join(row['name'] for row in rows)}")
        return dict(found)

    def applied_settings(self, name: str) -> Any:
        """The settings of the newest applied revision."""
        revisions = self.do("GET", f"compositions/{name}/revisions")["revisions"]
        applied = [revision for revision in revisions if revision["state"] == "applied"]
        if not applied:
            raise ApiFailed(f"{name} has no applied revision")
        return max(applied, key=lambda one: int(one["number"]))["settings"]


def pick(data: Any, path: str) -> Any:
    """The value at a dotted path ("receiving.interval_ms", "inbound_webhook.0.enabled"); None where there is none."""
    for key in path.split("."):
        try:
            data = data[int(key)] if isinstance(data, list) else data[key]
        except (LookupError, TypeError, ValueError):
            return None
    return data


def put_in(data: Any, path: str, value: Any) -> None:
    """Set the value at a dotted path, making tables on the way."""
    *way, last = path.split(".")
    for key in way:
        data = data[int(key)] if isinstance(data, list) else data.setdefault(key, {})
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value
