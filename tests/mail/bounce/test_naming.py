"""Addresses in text."""

import pytest

from cmcdesk.mail.bounce.naming import HOLE, address_at, hide_addresses


@pytest.mark.parametrize(
    ("line", "template", "addresses"),
    [
        ("<a@b.example>: no", f"<{HOLE}>: no", ["a@b.example"]),
        ("SMTP=a@b.example; on", f"SMTP={HOLE}; on", ["a@b.example"]),
        ("a=b@c.example.", f"{HOLE}.", ["a=b@c.example"]),
        ("「a@b.example」へ", f"「{HOLE}」へ", ["a@b.example"]),
        ('<"joe x"@b.example>: no', f"<{HOLE}>: no", ['"joe x"@b.example']),
        ("<a@[192.0.2.7]>: no", f"<{HOLE}>: no", ["a@[192.0.2.7]"]),
        ('"a@b.example":', f'"{HOLE}":', ["a@b.example"]),
        ("送信先：a@b.example", f"送信先：{HOLE}", ["a@b.example"]),
        ("a @ b", "a @ b", []),
        ("@@@@", "@@@@", []),
    ],
)
def test_addresses_are_hidden_in_one_pass(line: str, template: str, addresses: list[str]) -> None:
    hidden, found = hide_addresses(line)
    assert found == addresses
    assert hidden.startswith(template[:-1])


def test_a_hole_leads_back_to_its_address() -> None:
    template, addresses = hide_addresses("from a@x.example to b@y.example")
    assert address_at(template, template.rindex(HOLE), addresses) == "b@y.example"
