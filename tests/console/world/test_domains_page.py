"""The page of the domain doctor."""

import re
from collections.abc import Callable
from typing import Any

from tests.console.conftest import Console


def grades(page: str, domain: str) -> dict[str, str]:
    """Step → grade of one domain's table."""
    part = page.partition(f'data-domain="{domain}"')[2].partition("</section>")[0]
    return dict(re.findall(r'data-step="(\w+)" data-grade="(\w+)"', part))


def test_the_steps_of_a_domain_as_they_are_done(in_world: Console, wait_for: Callable[..., Any]) -> None:
    name = in_world.add_composition()
    wait_for(lambda: in_world.place(name)[0] in in_world.api("world").json["forwards"])
    mx = {"kind": "MX", "value": f"{name}.smtps.jp", "preference": "10"}
    own = f"return.{name}.smtps.jp"
    before = grades(in_world.get("/world/domains").text, own)
    assert before == dict.fromkeys(["mx", "address", "receiving", "allowed", "envelope"], "good")
    in_world.change(name, {"advanced": {"envelope_from": {"rewrite": True, "domain": f"bounce.{name}.example"}}})
    assert grades(in_world.get("/world/domains/list").text, f"bounce.{name}.example") == {
        "mx": "bad", "receiving": "good", "allowed": "bad", "envelope": "bad",
    }  # fmt: skip
    in_world.post("/world/dns", mx | {"name": f"bounce.{name}.example"})
    in_world.change(name, {"receiving": {"bounce_domains": [f"bounce.{name}.example"]}})
    assert in_world.api(f"compositions/{name}/apply", "POST").status_code == 200
    after = grades(in_world.get("/world/domains", Accept_Language="ja").text, f"bounce.{name}.example")
    assert set(after.values()) == {"good"}


def test_without_a_world_the_dns_is_not_judged(console: Console) -> None:
    page = console.get("/world/domains?address=info@test.example&dns=real&far=yes")
    assert page.status_code == 200
    assert 'data-step="mx" data-grade="unknown"' in console.get("/world/domains").text
