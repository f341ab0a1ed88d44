"""The world as it is asked and changed over HTTP while it runs (see world.py for the paths)."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, unquote

from simulator.sink.http_protocol import Answer, Request, answer_json
from simulator.sink.sink import int_of
from simulator.world.dns import Question, Zones
from simulator.world.file import MANNERS, BadWorld, Host, change_host, check_keys, make_zone
from simulator.world.postbox import Postbox

PREFIX = "/_world/"


class Control:
    """Answers requests. Changed in place: `hosts` (by name), whose manners may change, and `forwards`, by where the
    service says that it receives."""

    def __init__(
        self, zones: Zones, hosts: dict[str, Host], postbox: Postbox, forwards: dict[str, int],
        questions: Callable[[], list[Question]],
    ) -> None:  # fmt: skip
        self._zones = zones
        self._hosts = hosts
        self._postbox = postbox
        self._forwards = forwards
        self._questions = questions
        self._receiving: set[str] = set()  # addresses of the service

    def answer(self, request: Request) -> Answer:
        """Take one request and say how to answer it; what is wrong in it is a 400 with a sentence."""
        if not request.path.startswith(PREFIX):
            return answer_json({"error": f"no {request.method} {request.path} here"}, 404)
        place = [unquote(part) for part in request.path.removeprefix(PREFIX).split("/")]
        try:
            return self._read(place, request.query) if request.method == "GET" else self._change(place, request)
        except BadWorld as fault:
            return answer_json({"error": str(fault)}, 400)

    def _read(self, place: list[str], query: str) -> Answer:
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        after, limit = int_of(asked.get("after"), 0), int_of(asked.get("limit"), 1000)
        match place:
            case ["zones"]:
                return answer_json({"zones": [asdict(zone) for zone in self._zones.all()]})
            case ["hosts"]:
                return answer_json({"hosts": [self._describe(host) for host in self._hosts.values()]})
            case ["arrived"]:
                host = asked.get("host", "")
                is_newest = "newest" in asked
                found = self._postbox.newest(host, limit) if is_newest else self._postbox.arrived(host, after, limit)
                return answer_json({"arrived": [one.describe() for one in found]})
            case ["arrived", number, "octets"]:
                kept = self._postbox.find(int_of(number, 0))
                return Answer(200, kept.octets, "message/rfc822") if kept else Answer(404)
            case ["returned"]:
                tries = (
                    self._postbox.newest_returned(limit) if "newest" in asked else self._postbox.returned(after, limit)
                )
                return answer_json({"returned": [one.describe() for one in tries]})
            case ["questions"]:
                return answer_json({"questions": [asdict(question) for question in self._questions()]})
        return answer_json({"error": f"no {'/'.join(place)} here"}, 404)

    def _change(self, place: list[str], request: Request) -> Answer:
        match request.method, place:
            case "PUT", ["zones", name]:
                zone = make_zone({**_read_object(request.body), "name": name}, "zone")
                self._zones.put(zone)
                return answer_json(asdict(zone))
            case "DELETE", ["zones", name]:
                return Answer(204) if self._zones.remove(name.lower()) else Answer(404)
            case "PUT", ["hosts", name] if name.lower() in self._hosts:
                return self._change_host(name.lower(), _read_object(request.body))
            case "PUT", ["receivers"]:
                return self._take_receivers(_read_object(request.body))
        return answer_json({"error": f"no {request.method} {'/'.join(place)} here"}, 404)

    def _change_host(self, name: str, data: dict[str, Any]) -> Answer:
        check_keys(name, data, MANNERS)
        self._hosts[name] = change_host(self._hosts[name], data, name)
        return answer_json(self._describe(self._hosts[name]))

    def _take_receivers(self, receivers: dict[str, Any]) -> Answer:
        places: dict[str, tuple[str, int]] = {}
        for name, place in receivers.items():
            address, _, port = str(place).rpartition(":")
            if not port.isdigit() or not 0 < int(port) < 65536:
                raise BadWorld(f"{name}: {place!r}; ADDRESS:PORT was expected")
            places[make_zone({"name": name, "a": [address]}, "receiver").name] = (address, int(port))
        ports = dict(places.values())
        if taken := [address for address, port in places.values() if ports[address] != port or self._is_host(address)]:
            raise BadWorld(f"port 25 of {taken[0]} can lead to one server only")
        self._zones.put_receivers({name: address for name, (address, _) in places.items()})
        for address in self._receiving - ports.keys():
            del self._forwards[address]
        self._receiving = set(ports)
        self._forwards.update(ports)
        return answer_json({"forwards": self._forwards})

    def _is_host(self, address: str) -> bool:
        return any(host.address == address for host in self._hosts.values())

    def _describe(self, host: Host) -> dict[str, Any]:
        taken, refused = self._postbox.count(host.name)
        return asdict(host) | {"port": self._forwards.get(host.address), "taken": taken, "refused": refused}


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise BadWorld("a JSON object was expected")
    return data
