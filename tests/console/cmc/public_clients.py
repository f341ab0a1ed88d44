"""What the public clients of CMC's send API put on the wire, each in its own way, as read from their sources; and how
strict each is with the answer. For those that no registry has; that of PyPI is run itself (`test_clients.py`).

A client is a function: address of the server, host name, an `Asked` → the Message-ID, or `Refused` as the client would
tell it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

PATH = "/api/v2/emails/send.json"


class Refused(Exception):
    """What the client raises, with what it shows."""


@dataclass
class Asked:
    """One mail, in the words of the API."""

    api_user: str
    api_key: str
    to: list[tuple[str, str]]  # name, address
    sender: tuple[str, str]
    subject: str = "件名 subject"
    text: str = "本文\nline 2"
    html: str = ""
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    reply_to: tuple[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, bytes, str]] = field(default_factory=list)  # name, octets, media type

    def caller(self) -> dict[str, Any]:
        """What every client sends first."""
        return {"api_user": self.api_user, "api_key": self.api_key}

    def parts(self) -> dict[str, tuple[str, bytes, str]]:
        """attachment1 … as parts of a form."""
        return {f"attachment{number}": file for number, file in enumerate(self.files, 1)}


Client = Callable[[str, str, Asked], str]


def _post(base: str, host: str, **more: Any) -> requests.Response:
    headers = {"Host": host, "User-Agent": "test"} | more.pop("headers", {})
    return requests.post(base + PATH, headers=headers, timeout=30, **more)


def _pair(named: tuple[str, str]) -> dict[str, str]:
    return {"name": named[0], "address": named[1]}


def _only_200(answer: requests.Response) -> str:
    """Ruby and PyPI: everything but 200 is an error whose body must be JSON."""
    told = json.loads(answer.text)
    if answer.status_code != 200:
        raise Refused(" ".join(f"{each['message']} ({each['code']})" for each in told["errors"]))
    return str(told["id"])


def send_as_php(base: str, host: str, asked: Asked) -> str:
    """2025-09: JSON text inside of JSON; what is unset is ""; cc and bcc have no names."""

    def write(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    data = asked.caller() | {
        "subject": asked.subject, "text": asked.text, "html": asked.html, "charset": "UTF-8", "envfrom": "",
        "to": json.dumps([{"address": address, "name": name} for name, address in asked.to]),
        "from": write({"address": asked.sender[1], "name": asked.sender[0]}),
    }  # fmt: skip
    if asked.reply_to:
        data["replyto"] = write({"address": asked.reply_to[1], "name": asked.reply_to[0]})
    for name in ("cc", "bcc"):
        if getattr(asked, name):
            data[name] = json.dumps([{"address": address} for address in getattr(asked, name)])
    if asked.headers:
        data["headers"] = json.dumps([{"name": name, "value": value} for name, value in asked.headers.items()])
    if asked.files:
        fields = {name: (None, value) for name, value in data.items() if value}
        fields["attachments"] = (None, str(len(asked.files)))
        answer = _post(base, host, files=fields | asked.parts())
    else:
        answer = _post(base, host, json=data)
    told = answer.json()
    if answer.status_code >= 500:
        raise Refused("Server error")
    if told.get("errors"):
        assert all(type(value) is str for each in told["errors"] for value in each.values())
        raise Refused("; ".join(each["message"] for each in told["errors"]))
    assert type(told["id"]) is str  # ?string under strict types
    return str(told["id"])


def send_as_npm(base: str, host: str, asked: Asked) -> str:
    """Nested; cc and bcc always there; headers an object; replyto a text. With files a form, objects as JSON text."""
    data = asked.caller() | {
        "to": [_pair(each) for each in asked.to],
        "cc": [{"address": address} for address in asked.cc],
        "bcc": [{"address": address} for address in asked.bcc],
        "from": _pair(asked.sender), "subject": asked.subject, "text": asked.text,
    }  # fmt: skip
    given = {"html": asked.html, "replyto": asked.reply_to and asked.reply_to[1], "headers": asked.headers}
    data |= {name: value for name, value in given.items() if value} | {"charset": "UTF-8"}
    if asked.files:
        fields = {
            name: (None, json.dumps(value) if isinstance(value, dict | list) else str(value))
            for name, value in (data | {"attachments": len(asked.files)}).items()
        }
        answer = _post(base, host, files=fields | asked.parts())
    else:
        answer = _post(base, host, json=data, headers={"Accept-Encoding": "gzip, deflate"})
    if answer.status_code >= 300:
        raise Refused("{}")  # it answers an empty object
    return str(answer.json()["id"])


def send_as_ruby(base: str, host: str, asked: Asked) -> str:
    """0.4.2: headers only where they are empty; with files only to and from are JSON text, replyto a hash as it is."""
    data = asked.caller() | {
        "to": [_pair(each) for each in asked.to], "from": _pair(asked.sender), "subject": asked.subject,
        "text": asked.text,
    }  # fmt: skip
    if asked.reply_to:
        data["replyto"] = _pair(asked.reply_to)
    if not asked.headers:
        data["headers"] = []
    data["charset"] = "UTF-8"
    if asked.html:
        data["html"] = asked.html
    if not asked.files:
        return _only_200(_post(base, host, json=data, headers={"Accept": "application/json"}))
    data |= {"attachments": len(asked.files), "to": json.dumps(data["to"]), "from": json.dumps(data["from"])}
    fields: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, dict):  # Hash#to_s
            value = (
                "{" + ", ".join(f":{key}=>{json.dumps(text, ensure_ascii=False)}" for key, text in value.items()) + "}"
            )
        if value != []:  # an empty array is no part at all
            fields[name] = (None, str(value))
    return _only_200(_post(base, host, files=fields | asked.parts()))


def send_as_java(base: str, host: str, asked: Asked) -> str:
    """2025-09: nested, what is empty left out; headers a list; the answer a map of texts or it is an error."""
    data = asked.caller() | {
        "subject": asked.subject, "text": asked.text, "html": asked.html,
        "replyto": _pair(asked.reply_to) if asked.reply_to else {}, "charset": "UTF-8",
        "headers": [{"name": name, "value": value} for name, value in asked.headers.items()],
        "from": _pair(asked.sender), "to": [_pair(each) for each in asked.to],
    }  # fmt: skip
    data = {name: value for name, value in data.items() if value}
    if asked.files:
        fields = {name: (None, value if isinstance(value, str) else json.dumps(value)) for name, value in data.items()}
        answer = _post(base, host, files=fields | {"attachments": (None, str(len(asked.files)))} | asked.parts())
    else:
        body = json.dumps(data, ensure_ascii=False).encode()
        answer = _post(base, host, data=body, headers={"Content-Type": "application/json; charset=UTF-8"})
    told = json.loads(answer.text)
    if all(type(value) is str for value in told.values()):
        return str(told["id"])
    raise Refused("; ".join(each["message"] for each in told["errors"]))


def send_as_laravel(base: str, host: str, asked: Asked) -> str:
    """A public mail transport: nested, headers a list, Accept-Language en, 200 alone is good; no files."""
    data = asked.caller() | {
        "to": [_pair(each) for each in asked.to], "from": _pair(asked.sender), "subject": asked.subject,
        "text": asked.text, "html": asked.html,
        "headers": [{"name": name, "value": value} for name, value in asked.headers.items()],
    }  # fmt: skip
    answer = _post(base, host, json=data, headers={"Accept-Language": "en"})
    if answer.status_code != 200:
        raise Refused(answer.text)
    return str(answer.json()["id"])


CLIENTS: dict[str, Client] = {
    "php": send_as_php,
    "npm": send_as_npm,
    "ruby": send_as_ruby,
    "java": send_as_java,
    "laravel": send_as_laravel,
}
