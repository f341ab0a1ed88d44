"""The world outside in a scenario: records entered and taken back, mails by MX, and disagreements that are counted."""

import smtplib
from dataclasses import replace

import pytest

from simulator.acceptance.outside import (
    count_arrived,
    count_disagreements,
    count_outbound_rows,
    count_suppressed,
    enter_records,
    lift,
    read_sender,
    run_batch,
    send_by_mx,
)
from simulator.acceptance.world import StepFailed, World


def test_records_are_entered_and_are_gone_in_the_next_scenario(world: World) -> None:
    assert world.outside
    enter_records(world, {"domain": "return.tidy.example", "mx": [[10, "mx.accepts.example"]]})
    enter_records(world, {"domain": "accepts.example"})
    assert world.outside.zones.find_mail_hosts("return.tidy.example") and not world.outside.zones.find_mail_hosts(
        "accepts.example"
    )
    world.begin(({"name": "pro", "plan": "pro", "subdomain": "pro"},))
    assert world.outside.zones.find_mail_hosts("return.tidy.example") is None
    assert world.outside.zones.find_mail_hosts("accepts.example")


def test_a_mail_goes_where_the_mx_leads_or_nowhere(world: World) -> None:
    world.begin(({"name": "pro", "plan": "pro", "subdomain": "pro"},))
    sent = send_by_mx(world, "there", {"to": "info@accepts.example"})
    assert sent.future and sent.future.result(20) is not None
    assert count_arrived(world, {"host": "mx.accepts.example", "recipient": "info@accepts.example"}) == 1
    assert (
        read_sender(world, {"host": "mx.accepts.example"}) and read_sender(world, {"host": "mx.busy.example"}) is None
    )
    assert send_by_mx(world, "nowhere", {"to": "info@no-such.example"}).future is None


def test_what_only_a_destination_knows_of_is_a_disagreement(world: World) -> None:
    world.begin(({"name": "pro", "plan": "pro", "subdomain": "pro"},))
    assert world.outside and count_disagreements(world, {"path": "/events"}) == 0
    (host,) = [one for one in world.outside.hosts if one.name == "mx.accepts.example"]
    with smtplib.SMTP(host.address, world.outside.forwards[host.address], timeout=10) as client:
        client.sendmail("stranger@example.com", ["a@accepts.example"], b"Subject: x\r\n\r\nx\r\n")
    assert count_disagreements(world, {"path": "/events"}) == 1


def test_without_a_world_a_step_says_so(world: World) -> None:
    with pytest.raises(StepFailed, match="with a world around it"):
        enter_records(replace(world, outside=None), {"domain": "a.example"})


def test_an_address_is_suppressed_once_its_mails_failed_and_is_lifted(world: World) -> None:
    world.begin(({"name": "lifts", "plan": "pro", "subdomain": "lifts", "relay": {"interval_ms": 10}},))
    with smtplib.SMTP(*world.address_of("lifts", "relay"), timeout=10) as client:
        client.sendmail("info@example.com", ["gone@unknown.example"], b"Subject: x\r\n\r\nx\r\n")
    run_batch(world, {"failed": {"gone@unknown.example": 1}, "conditions": {"2": 1}})
    asked = {"email": "Gone@unknown.example"}
    assert count_suppressed(world, asked) == 1 and count_suppressed(world, {"email": "other@unknown.example"}) == 0
    assert count_outbound_rows(world, {"recipient": "gone@unknown.example", "error_status": 2}) == 1
    lift(world, asked | {"how": "cancel"})
    assert count_suppressed(world, asked) == 0
    lift(world, asked | {"how": "delete"})
