"""The manual's steps as a checklist: each done, left out, and done wrong."""

from dataclasses import replace
from typing import Any

import pytest

from cmcdesk.rules.domain_steps import (
    DomainFacts,
    EndpointAnswer,
    MxAnswer,
    list_domains,
    list_steps,
    worst,
)

DOMAIN, HOST, PLACE = "return.example.com", "pro.smtps.jp", "127.0.0.1:10026"


def settings(bounce: str = DOMAIN, rewrite: bool = True, domain: str = DOMAIN, inbound: str = "") -> dict[str, Any]:
    return {
        "receiving": {"bounce_domains": [bounce] if bounce else [], "inbound_domains": [inbound] if inbound else []},
        "advanced": {"envelope_from": {"rewrite": rewrite, "domain": domain}},
        "inbound_webhook": [],
    }


WELL = DomainFacts(
    "bounce", DOMAIN, HOST, settings(), settings(), PLACE, MxAnswer("NOERROR", ((10, HOST),), PLACE)
)  # fmt: skip
FORM = "mailform.example.com"
INBOUND = DomainFacts(
    "inbound", FORM, HOST, settings(inbound=FORM), settings(inbound=FORM), PLACE,
    MxAnswer("NOERROR", ((10, HOST),), PLACE), f"info@{FORM}", ("form",), (EndpointAnswer("form", "http://localhost/"),),
)  # fmt: skip


def grades(facts: DomainFacts) -> dict[str, str]:
    return {step.name: step.grade for step in list_steps(facts)}


def test_all_done_right_is_well() -> None:
    assert grades(WELL) == dict.fromkeys(["mx", "address", "receiving", "allowed", "envelope"], "good")
    assert grades(INBOUND) == dict.fromkeys(["mx", "address", "receiving", "allowed", "filter", "endpoint"], "good")
    assert worst(list_steps(WELL)) == worst(list_steps(INBOUND)) == "good"


@pytest.mark.parametrize(
    ("change", "step", "grade", "told"),
    [
        ({"mx": MxAnswer("NXDOMAIN")}, "mx", "bad", "NXDOMAIN"),
        ({"mx": MxAnswer("NOERROR")}, "mx", "bad", "no MX record"),
        ({"mx": MxAnswer("TIMEOUT")}, "mx", "bad", "does not answer"),
        ({"mx": MxAnswer("SERVFAIL")}, "mx", "bad", "SERVFAIL"),
        ({"mx": MxAnswer("NOERROR", ((10, "mx.other.example"),))}, "mx", "bad", "only other hosts: 10 mx.other"),
        ({"mx": None}, "mx", "unknown", "No DNS"),
        ({"mx": MxAnswer("NOERROR", ((5, "a.example"), (10, HOST)), PLACE)}, "lowest", "bad", "a.example is tried"),
        ({"mx": MxAnswer("NOERROR", ((10, HOST),), "")}, "address", "bad", "no address"),
        ({"mx": MxAnswer("NOERROR", ((10, HOST),), "127.0.0.9:25")}, "address", "bad", "127.0.0.9:25"),
        ({"receiving": None}, "receiving", "bad", "does not receive"),
        ({"live": None, "receiving": None}, "receiving", "bad", "does not receive"),
        ({"draft": settings(""), "live": settings("")}, "allowed", "bad", "not entered"),
        ({"live": settings("")}, "allowed", "bad", "not reflected"),
        ({"draft": settings("")}, "allowed", "note", "live still"),
        ({"live": settings(rewrite=False)}, "envelope", "bad", "not reflected"),
        ({"draft": settings(rewrite=False), "live": settings(rewrite=False)}, "envelope", "note", "not rewritten"),
        (
            {"draft": settings(domain="x.example"), "live": settings(domain="x.example")},
            "envelope",
            "note",
            "x.example",
        ),
    ],
)
def test_each_step_left_out_or_done_wrong_is_told(change: dict[str, Any], step: str, grade: str, told: str) -> None:
    found = next(one for one in list_steps(replace(WELL, **change)) if one.name == step)
    assert found.grade == grade and told in found.found["en"]
    assert (found.mend["ja"] != "") == (grade == "bad" or (step == "envelope" and grade == "note"))


def test_an_inbound_domain_needs_a_filter_that_matches_and_an_endpoint_that_answers() -> None:
    none = list_steps(replace(INBOUND, matching=(), endpoints=()))
    assert [(step.name, step.grade) for step in none][-1] == ("filter", "bad")
    assert none[-1].found["en"].startswith("no live notification matches info@")  # reads well with 0, 1 and more
    down = EndpointAnswer("form", "http://localhost/", {"ja": "止まっている", "en": "it is down"})
    (*_, last) = list_steps(replace(INBOUND, endpoints=(down,)))
    assert (last.name, last.grade, last.found["en"]) == ("endpoint", "bad", "it is down")


def test_domains_saved_and_live_are_looked_at_once_each() -> None:
    draft, live = settings(domain="new.example", inbound=FORM), settings()
    assert list(list_domains(draft, live)) == [
        ("bounce", DOMAIN), ("bounce", "new.example"), ("inbound", FORM),
    ]  # fmt: skip
    assert list(list_domains(settings(rewrite=False), None)) == [("bounce", DOMAIN)]
