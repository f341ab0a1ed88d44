"""Options of a load, from command line or scenario."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from simulator.load.client import RemoteTarget
from simulator.load.shape import Constant, Ramp
from simulator.load.source import BadSize
from simulator.load.traffic_plan import BadTraffic, choose_shape, make_load, make_traffic


@pytest.mark.parametrize("mail", ["plain", "form", "bounce"])
def test_each_kind_of_mail_is_addressed_as_told(mail: str) -> None:
    options = {"mail": mail, "to": ["a@x.example", "b@y.example"], "sender": "", "size": "20k", "count": 3}
    load, pool = make_load(make_traffic(options), "127.0.0.1", 25)
    prepared, stamp = pool.take(0)
    assert (prepared.sender, prepared.recipients) == ("", ("a@x.example", "b@y.example"))
    assert len(stamp + prepared.octets) == prepared.size == 20 * 1024
    assert load.plan.count == 3


def test_a_form_carries_what_was_asked_for() -> None:
    options = {"mail": "form", "subject": "お問い合わせ", "charset": "iso-2022-jp", "header_from": "x@c.example"}
    mail = make_load(make_traffic(options), "127.0.0.1", 25)[1].take(0)[0]
    message = message_from_bytes(mail.octets, policy=default)
    assert message["Subject"] == "お問い合わせ"
    assert message["From"].addresses[0].addr_spec == mail.sender == "x@c.example"


def test_without_an_end_it_is_one_mail_and_bounces_go_to_the_return_address() -> None:
    assert make_traffic({}).count == 1
    assert make_traffic({"seconds": 2}).count is None
    assert make_traffic({"mail": "bounce"}).to == ("bounce@return.example.com",)


def test_shapes() -> None:
    assert choose_shape(make_traffic({})) is None
    assert choose_shape(make_traffic({"rate": 5})) == Constant(5)
    assert choose_shape(make_traffic({"rate": 5, "shape": "ramp", "peak": 9, "period": 2})) == Ramp(5, 9, 2)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"colour": 1}, BadTraffic),
        ({"mail": "letter"}, BadTraffic),
        ({"mail": "bounce", "kind": "nobody/knows"}, BadTraffic),
        ({"mail": "form", "size": "10"}, BadTraffic),
        ({"shape": "ramp"}, BadTraffic),
        ({"sessions": 0}, BadTraffic),
        ({"size": "big"}, BadSize),
    ],
)
def test_what_cannot_be_is_told(options: dict[str, Any], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        make_load(make_traffic(options), "127.0.0.1", 25)


def test_another_machine_is_refused_before_anything_is_made() -> None:
    with pytest.raises(RemoteTarget):
        make_load(make_traffic({}), "192.0.2.1", 25)
