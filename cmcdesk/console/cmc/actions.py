"""What one action of CMC's API is: its parameters, and a function that answers for a caller; how an answer is written.

`register` lists all of them. An answer is {"bounces": [record, …]} or the like, or a `Download`. The form of the XML is
ours, since CMC's is not known: `<response><bounces><record><created>…`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from flask import Response, jsonify, make_response

from cmcdesk.console.cmc.calls import Parameters
from cmcdesk.store.desk.models import ApiUserRow

Record = Mapping[str, str | int]
Lists = Mapping[str, Sequence[Record]]
Role = Literal["admin", "user"]
FORMATS = ("json", "xml")
CALLER_NAMES = ("api_user", "api_key")  # in every call
# XML 1.0 allows no other characters (production Char)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. zone: of the dates that are asked for and answered; own_only: sees what itself sent, nothing else."""

    api_user: str
    role: str
    zone: tzinfo
    own_only: bool

    @classmethod
    def of(cls, row: ApiUserRow) -> "Caller":
        """The caller that this API user is."""
        return cls(row.api_user, row.role, ZoneInfo(row.time_zone), row.own_only)


@dataclass(frozen=True, slots=True)
class Download:
    """A file as the answer, whatever the format of the call; kind: its media type."""

    name: str
    kind: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Action:
    """`/transaction/v2/RESOURCE/NAME.json`: required and allowed parameters (CALLER_NAMES among both).

    record: the keys of each record under `key`, for the description. roles: who may call it. What `answer` cannot take
    it refuses with CmcRefused."""

    resource: str
    name: str
    summary: str
    required: tuple[str, ...]
    names: tuple[str, ...]
    key: str
    record: tuple[str, ...]
    answer: Callable[[Caller, Parameters], Lists | Download]
    roles: tuple[Role, ...] = ("admin", "user")

    @property
    def path(self) -> str:
        """As in `/transaction/v2/` + path + `.json`."""
        return f"{self.resource}/{self.name}"


def write_answer(answer: Lists | Download, form: str) -> Response:
    """The HTTP answer; form: of FORMATS."""
    if isinstance(answer, Download):
        response = make_response(answer.octets)
        response.content_type = answer.kind
        response.headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
        return response
    if form == "json":
        return jsonify(answer)
    response = make_response(write_xml(answer))
    response.content_type = "application/xml; charset=utf-8"
    return response


def write_xml(answer: Lists) -> bytes:
    """A document; characters that XML cannot hold become U+FFFD."""
    root = Element("response")
    for key, records in answer.items():
        listed = SubElement(root, key)
        for record in records:
            written = SubElement(listed, "record")
            for name, value in record.items():
                SubElement(written, name).text = _NOT_XML.sub("\ufffd", str(value))
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
