"""The world outside in a scenario: what is done to its DNS, mails that come by MX, and what can be seen of the loop
there and in cmcdesk: outbound rows, bounces, journeys, and whether all of them agree."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from simulator.acceptance.world import Played, StepFailed, World
from simulator.load.source import write_message_id
from simulator.load.tally import Tally
from simulator.load.traffic_plan import TRAFFIC_OPTIONS, make_load, make_traffic
from simulator.world.file import make_zone
from simulator.world.world import RunningWorld

Options = Mapping[str, Any]
RECORDS = ("mx", "a", "cname", "answer")
FINAL = ("succeeded", "failed")


def find_outside(world: World) -> RunningWorld:
    """The world around the cmcdesk under test. Raises StepFailed where there is none."""
    if world.outside is None:
        raise StepFailed("this cmcdesk was not started with a world around it")
    return world.outside


# -- what can be done


def enter_records(world: World, options: Options) -> None:
    """Give ``domain`` these records; none: the name goes."""
    zones = find_outside(world).zones
    records = {key: options[key] for key in RECORDS if key in options}
    if records:
        zones.put(make_zone({"name": options["domain"], **records}, "dns"))
    else:
        zones.remove(options["domain"])


def send_by_mx(world: World, name: str, options: Options) -> Played:
    """A form mail from a server elsewhere, to where the MX of its recipient's domain leads; where that is nowhere,
    nothing is sent."""
    outside = find_outside(world)
    traffic = make_traffic({**{key: one for key, one in options.items() if key in TRAFFIC_OPTIONS}, "mail": "form"})
    hosts = outside.zones.find_mail_hosts(traffic.to[0].rpartition("@")[2]) or []
    places = [(address, outside.forwards[address]) for _, address in hosts if address in outside.forwards]
    if not places:
        return world.played.setdefault(name, Played(Tally()))
    load, pool = make_load(traffic, *places[0])
    world.evidence.watch(name, load)
    return world.played.setdefault(name, Played(load.tally, load, pool, world.loops.submit(load.run())))


def run_batch(world: World, options: Options) -> None:
    """配信停止: once mails ``failed`` (address → how many), run the batch of the composition with ``conditions`` (error
    status → errors) and wait for its end; all other error statuses do not count."""
    name = str(options.get("composition", world.first_composition))
    for address, wanted in options.get("failed", {}).items():
        failed = {"composition": name, "recipient": address, "state": "failed"}
        world.wait_until(
            lambda asked=failed, least=wanted: count_outbound_rows(world, asked) >= least,  # type: ignore[misc]
            f"{wanted} mails to {address} to fail",
        )
    path = f"compositions/{name}/suppression"
    conditions = world.api.do("GET", path)["conditions"]
    for status, one in conditions.items():
        occurrences = options["conditions"].get(status)
        one |= {"enabled": occurrences is not None, "occurrences": occurrences or one["occurrences"]}
    world.api.do("PUT", path, {"run_at": "00:00", "watch_days": None, "conditions": conditions})
    world.api.do("POST", f"{path}/run")
    world.wait_until(lambda: not world.api.do("GET", path)["running"], "the batch of the suppression")


def lift(world: World, options: Options) -> None:
    """Free ``email``, ``how`` = "cancel" (this time) or "delete" (for good); nothing happens where it is free."""
    for row in _list_suppressed(world, options):
        if options["how"] == "delete":
            world.api.do("DELETE", f"suppressed/{row['id']}")
        else:
            world.api.do("POST", f"suppressed/{row['id']}/cancel")


# -- what can be seen


def count_outbound_rows(world: World, options: Options) -> int:
    """Recipients of relayed mails, by state, composition, recipient (a part of it), error_status."""
    asked = {key: one for key, one in options.items() if key != "error_status"}
    rows = world.api.list_new("outbound", world.baseline.mails, **asked)
    status = options.get("error_status")
    return sum(row["mail_id"] is not None and status in (None, row["error_status"]) for row in rows)


def count_suppressed(world: World, options: Options) -> int:
    """Addresses that get no mail of the composition, by email."""
    return len(_list_suppressed(world, options))


def _list_suppressed(world: World, options: Options) -> list[Mapping[str, Any]]:
    asked = {"composition": options.get("composition", world.first_composition)}
    asked |= {"email": options["email"], "exactly": "true"} if "email" in options else {}
    return list(world.api.do("GET", "suppressed", **asked)["suppressed"])


def count_bounce_rows(world: World, options: Options) -> int:
    """Bounces of the error log, by composition, recipient, error_status."""
    status = options.get("error_status")
    asked = {key: options[key] for key in ("composition", "recipient") if key in options}
    rows = world.api.list_new("bounces", world.baseline.mails, **asked)
    return sum(status in (None, row["error_status"]) for row in rows)


def count_arrived(world: World, options: Options) -> int:
    """Mails that a mail server of the world took: by ``host``, ``sender``, ``recipient``."""
    found = find_outside(world).postbox.arrived(options.get("host", ""), world.baseline.arrived, 100_000)
    return sum(
        bool(one.octets)
        and options.get("sender", one.sender) == one.sender
        and options.get("recipient", one.recipients[0]) in one.recipients
        for one in found
    )


def read_sender(world: World, options: Options) -> str | None:
    """The envelope sender of the newest mail that the world took or refused, at ``host``."""
    found = find_outside(world).postbox.arrived(options.get("host", ""), world.baseline.arrived, 100_000)
    return found[-1].sender if found else None


def read_journey(world: World, options: Options) -> str | None:
    """Where the journey of the mail of step ``of`` stands: its last station and the state of that ("mx broken")."""
    played = world.find(options["of"])
    if played.pool is None:
        return None
    wanted = write_message_id(played.pool.run, 0)
    rows = world.api.list_new("mails", world.baseline.mails)
    mail_id = next((row["id"] for row in rows if wanted.strip("<>") in row["message_id"]), None)
    if mail_id is None:
        return None
    stations = world.api.do("GET", f"mails/{mail_id}/journey")
    return f"{stations[-1]['station']} {stations[-1]['state']}"


def count_disagreements(world: World, options: Options) -> int:
    """Recipients of which the delivery log, the destinations, the error log and the event webhook on ``path`` do not
    say the same: one final state each; delivered where it says succeeded; a bounce and an event for each that failed or
    was returned later (``later``: the domains that do so)."""
    rows = [row for row in world.api.list_new("outbound", world.baseline.mails) if row["mail_id"] is not None]
    log = {(row["recipient"], row["mail_id"]): row["state"] for row in rows}
    doubled = len(rows) - len(log)
    unfinished = sum(state not in FINAL for state in log.values())
    said = Counter(recipient for (recipient, _), state in log.items() if state == "succeeded")
    taken = Counter[str]()
    for one in find_outside(world).postbox.arrived("", world.baseline.arrived, 100_000):
        if one.octets and one.sender:
            taken.update(one.recipients)
    later = tuple(options.get("later", ()))
    due = Counter(recipient for (recipient, _), state in log.items() if state == "failed" or recipient.endswith(later))
    bounces = Counter(row["recipient"] for row in world.api.list_new("bounces", world.baseline.mails))
    return (
        doubled
        + unfinished
        + sum(
            sum(((one - other) + (other - one)).values())
            for one, other in ((said, taken), (due, bounces), (due, _count_events(world, options["path"])))
        )
    )


def _count_events(world: World, path: str) -> Counter[str]:
    """Failed recipients that the posts on this path tell of, each post once."""
    posts = {
        post.header("X-CMCDesk-Delivery"): post for post in world.sink.inbox.list(path, world.baseline.posts, 100_000)
    }
    events: Counter[str] = Counter()
    for post in posts.values():
        events.update(one["to"] for one in json.loads(post.body)["event"]["bounces"])
    return events
