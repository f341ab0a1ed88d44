"""What a scenario can see. Each fact is a function from the world to ONE value; ``FACTS`` names them and their options.

Counts are of what came since the scenario began. A count of one or more webhooks is of distinct deliveries, since a
post may come twice (at least once is what is promised).
"""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.acceptance.api import pick
from simulator.acceptance.outside import (
    count_arrived,
    count_bounce_rows,
    count_disagreements,
    count_outbound_rows,
    count_suppressed,
    read_journey,
    read_sender,
)
from simulator.acceptance.world import Played, World
from simulator.load.source import write_message_id
from simulator.load.tally import describe_spread
from simulator.sink.inbox import Received, describe

Options = Mapping[str, Any]
DELIVERY_HEADER = "X-CMCDesk-Delivery"


@dataclass(frozen=True)
class Probe:
    """How to look, and the options it takes; ``final``: once the steps are over it changes no more."""

    look: Callable[[World, Options], Any]
    options: frozenset[str]
    final: bool = False


# -- what the receiver has


def count_mails(world: World, options: Options) -> int:
    """Mails stored, by composition, route, search."""
    return sum(1 for _ in world.api.list_new("mails", world.baseline.mails, **options))


def count_refusals(world: World, options: Options) -> int:
    """Refusals, by composition, gate, code and enhanced_status; a row of a flood counts as often as it says."""
    asked = {key: options[key] for key in ("composition", "gate") if key in options}
    rows = world.api.list_new("refusals", world.baseline.refusals, **asked)
    return sum(
        row["count"]
        for row in rows
        if options.get("code", row["code"]) == row["code"]
        and options.get("enhanced_status", row["enhanced_status"]) == row["enhanced_status"]
    )


def count_deliveries(world: World, options: Options) -> int:
    """Webhook deliveries, by state and composition."""
    return sum(1 for _ in world.api.list_new("deliveries", world.baseline.mails, **options))


def most_attempts(world: World, options: Options) -> int:
    """The most attempts that any one delivery took."""
    rows = world.api.list_new("deliveries", world.baseline.mails, **options)
    return max((row["attempts"] for row in rows), default=0)


def count_lost(world: World, options: Options) -> int:
    """Mails that were answered 250 and are not stored."""
    acknowledged, stored = _compare_ids(world.find(options["of"]), world)
    return len(acknowledged - set(stored))


def count_doubled(world: World, options: Options) -> int:
    """Mails that are stored more than once."""
    _, stored = _compare_ids(world.find(options["of"]), world)
    return len(stored) - len(set(stored))


def _compare_ids(played: Played, world: World) -> tuple[set[str], list[str]]:
    assert played.pool is not None
    run = played.pool.run
    acknowledged = {write_message_id(run, number) for number in played.tally.accepted_numbers}
    rows = world.api.list_new("mails", world.baseline.mails)
    ids = (f"<{str(row['message_id']).strip('<> ')}>" for row in rows)
    return acknowledged, [one for one in ids if one.startswith(f"<{run}.")]


def measure_spacing_at_server(world: World, options: Options) -> float | None:
    """Milliseconds from one stored mail of a session to its next, by the server's ``received_at``."""
    found = world.find(options["of"])
    assert found.pool is not None
    rows = [row for row in world.api.list_new("mails", world.baseline.mails) if found.pool.run in row["message_id"]]
    times: dict[Any, list[float]] = {}
    for row in reversed(rows):
        times.setdefault(row["session"], []).append(datetime.fromisoformat(row["received_at"]).timestamp())
    gaps = [late - early for session in times.values() for early, late in itertools.pairwise(session)]
    return _measure(gaps, options)


# -- what the sender saw


def count_replies(world: World, options: Options) -> int:
    """Mails by the reply that decided them: ``code`` (a number, or a pattern like "5.."), stage, enhanced_status."""
    tally, code = world.find(options["of"]).tally, str(options["code"])
    if not {"stage", "enhanced_status", "text"} & set(options):
        return sum(n for seen, n in tally.replies.items() if re.fullmatch(code, str(seen)))
    return sum(
        n
        for refusal, n in tally.refusals.items()
        if re.fullmatch(code, str(refusal.code))
        and options.get("stage", refusal.stage) == refusal.stage
        and options.get("enhanced_status", refusal.enhanced_status) == refusal.enhanced_status
        and options.get("text", "") in refusal.text
    )


def count_connections(world: World, options: Options) -> int:
    """Connections by the code of their greeting; ``text`` must be in it."""
    tally = world.find(options["of"]).tally
    if options.get("text", "") not in tally.greeting_texts.get(options["code"], ""):
        return 0
    return tally.greetings[options["code"]]


def measure_spacing(world: World, options: Options) -> float | None:
    """Milliseconds from one 250 of a session to its next, as the client saw them."""
    return _measure(world.find(options["of"]).tally.gap_seconds, options)


def measure_first(world: World, options: Options) -> float | None:
    """Milliseconds from connect to the session's first 250."""
    return _measure(world.find(options["of"]).tally.first_seconds, options)


def measure_turning_away(world: World, options: Options) -> float | None:
    """Milliseconds from connect to a greeting other than 220."""
    return _measure(world.find(options["of"]).tally.turned_away_seconds, options)


def measure_rate(world: World, options: Options) -> float:
    """Mails accepted a second."""
    return round(world.find(options["of"]).tally.rate(), 2)


def _measure(seconds: Any, options: Options) -> float | None:
    spread = describe_spread(seconds)
    return spread[options.get("measure", "mean")] if spread else None


# -- what the endpoint got


def count_webhooks(world: World, options: Options) -> int:
    """Distinct deliveries that arrived at ``path``, whose ``fields`` are so (a value is a pattern, searched)."""
    posts = world.sink.inbox.list(options.get("path", ""), world.baseline.posts, 100_000)
    answered = options.get("answered")
    chosen = [
        post for post in posts if answered in (None, post.answered) and _has_fields(post, options.get("fields", {}))
    ]
    return len({one.header(DELIVERY_HEADER) or str(one.id) for one in chosen})


def count_unnotified(world: World, options: Options) -> int:
    """Mails that were answered 250 and of which no post has come to ``path``."""
    played = world.find(options["of"])
    assert played.pool is not None
    stamp = re.compile(rb"%b\.(\d{10})@" % played.pool.run.encode())  # JSON may write the < before it as \u003C
    posts = world.sink.inbox.list(options.get("path", ""), world.baseline.posts, 100_000)
    told = {int(found[1]) for post in posts if (found := stamp.search(post.body))}
    return len(set(played.tally.accepted_numbers) - told)


def _has_fields(post: Received, wanted: Mapping[str, str]) -> bool:
    return not wanted or all(
        re.search(pattern, str(read_field(post, name) or "")) is not None for name, pattern in wanted.items()
    )


def read_webhook(world: World, options: Options) -> Any:
    """One ``field`` of the newest post at ``path``, as ``read_field`` names it."""
    posts = world.sink.inbox.list(options.get("path", ""), world.baseline.posts, 100_000)
    return read_field(posts[-1], options["field"]) if posts else None


def read_field(post: Received, name: str) -> Any:
    """A form field, else a JSON key, else by prefix ``file:`` (file name of that field) or ``header:``."""
    if name.startswith("header:"):
        return post.header(name.removeprefix("header:"))
    shown = describe(post)
    if name.startswith("file:"):
        return next((file["filename"] for file in shown["files"] if f"file:{file['field']}" == name), None)
    return shown["form"].get(name, pick(shown["json"], name))


# -- what the console says


def read_composition(world: World, options: Options) -> Any:
    """A ``field`` of the composition's row: state, applied_revision, sessions …"""
    return world.api.composition(_composition(world, options)).get(options["field"])


def read_draft(world: World, options: Options) -> Any:
    """A setting (dotted ``field``) of the draft."""
    return pick(world.api.do("GET", f"compositions/{_composition(world, options)}/draft")["settings"], options["field"])


def read_applied(world: World, options: Options) -> Any:
    """A setting (dotted ``field``) of the newest applied revision."""
    return pick(world.api.applied_settings(_composition(world, options)), options["field"])


def count_changes(world: World, options: Options) -> int:
    """Differences between draft and applied settings."""
    return len(world.api.do("GET", f"compositions/{_composition(world, options)}/diff")["changes"])


def read_status(world: World, options: Options) -> int | None:
    """The HTTP status that a save, apply or rollback step was answered with."""
    answer = world.answers.get(options["of"])
    return answer.status if answer else None


def read_error_fields(world: World, options: Options) -> str | None:
    """The fields that the answer's errors name, joined by commas."""
    answer = world.answers.get(options["of"])
    return ", ".join(answer.fields) if answer else None


def _composition(world: World, options: Options) -> str:
    return str(options.get("composition", world.first_composition))


_OF, _IN = frozenset({"of"}), frozenset({"composition"})
FACTS: Mapping[str, Probe] = {
    "mails": Probe(count_mails, _IN | {"route", "search"}),
    "refusals": Probe(count_refusals, _IN | {"gate", "code", "enhanced_status"}),
    "deliveries": Probe(count_deliveries, _IN | {"state"}),
    "attempts": Probe(most_attempts, _IN | {"state"}),
    "lost": Probe(count_lost, _OF),
    "doubled": Probe(count_doubled, _OF),
    "spacing_at_server_ms": Probe(measure_spacing_at_server, _OF | {"measure"}),
    "replies": Probe(count_replies, _OF | {"code", "stage", "enhanced_status", "text"}, final=True),
    "connections": Probe(count_connections, _OF | {"code", "text"}, final=True),
    "spacing_ms": Probe(measure_spacing, _OF | {"measure"}, final=True),
    "first_ms": Probe(measure_first, _OF | {"measure"}, final=True),
    "turned_away_ms": Probe(measure_turning_away, _OF | {"measure"}, final=True),
    "rate": Probe(measure_rate, _OF, final=True),
    "webhooks": Probe(count_webhooks, frozenset({"path", "fields", "answered"})),
    "unnotified": Probe(count_unnotified, _OF | {"path"}),
    "webhook": Probe(read_webhook, frozenset({"path", "field"})),
    "composition": Probe(read_composition, _IN | {"field"}),
    "draft": Probe(read_draft, _IN | {"field"}),
    "applied": Probe(read_applied, _IN | {"field"}),
    "changes": Probe(count_changes, _IN),
    "status": Probe(read_status, _OF, final=True),
    "error_fields": Probe(read_error_fields, _OF, final=True),
    "outbound": Probe(count_outbound_rows, _IN | {"state", "recipient", "error_status"}),
    "suppressed": Probe(count_suppressed, _IN | {"email"}),
    "bounces": Probe(count_bounce_rows, _IN | {"recipient", "error_status"}),
    "arrived": Probe(count_arrived, frozenset({"host", "sender", "recipient"})),
    "sender": Probe(read_sender, frozenset({"host"})),
    "journey": Probe(read_journey, _OF),
    "disagreements": Probe(count_disagreements, frozenset({"path", "later"})),
}
