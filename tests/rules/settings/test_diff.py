"""The changes between two states, setting by setting."""

from typing import Any

from cmcdesk.rules.settings import (
    Change,
    Composition,
    check_composition,
    defaults_of,
    describe_path,
    diff,
    diff_smtp_users,
    is_same,
)


def make(*filters: dict[str, Any], **receiving: Any) -> Composition:
    return check_composition({"name": "pro", "receiving": receiving, "inbound_webhook": list(filters)})


def make_filter(name: str, **other: Any) -> dict[str, Any]:
    condition = [{"header": "To", "pattern": "info@"}]
    return {"name": name, "endpoint": "https://example.com/", "condition": condition, **other}


def brief(changes: list[Change]) -> list[tuple[str, Any, Any]]:
    return [(change.field, change.old, change.new) for change in changes]


def test_no_change() -> None:
    assert diff(make(make_filter("a")), make(make_filter("a"))) == []


def test_a_value_with_its_label_and_effect() -> None:
    (change,) = diff(make(max_sessions=10), make(max_sessions=5))
    setting = describe_path("receiving.max_sessions")
    assert setting
    assert (change.field, change.old, change.new) == ("receiving.max_sessions", 10, 5)
    assert (change.label, change.effect) == (setting.label, setting.effect)
    assert change.as_data()["label"]["ja"] == "最大接続数"


def test_lists_say_what_was_added_and_removed() -> None:
    before, after = ["a.example.com", "b.example.com"], ["b.example.com", "c.example.com"]
    (change,) = diff(make(inbound_domains=before), make(inbound_domains=after))
    assert (change.old, change.new) == (before, after)
    assert (change.added, change.removed) == (["c.example.com"], ["a.example.com"])


def test_a_list_in_another_order_is_a_change_too() -> None:
    (change,) = diff(make(inbound_domains=["a.jp", "b.jp"]), make(inbound_domains=["b.jp", "a.jp"]))
    assert (change.added, change.removed) == ([], [])


def test_filters_go_by_name() -> None:
    old = make(make_filter("kept"), make_filter("gone"))
    new = make(make_filter("new"), make_filter("kept", enabled=False))
    changes = diff(old, new)
    assert [change.field for change in changes] == [
        'inbound_webhook["new"]',
        'inbound_webhook["kept"].enabled',
        'inbound_webhook["gone"]',
    ]
    assert (changes[0].old, changes[0].added) == (None, ["new"])
    assert changes[1].label == {"ja": "kept: 有効", "en": "kept: Enabled"}
    assert (changes[2].new, changes[2].removed) == (None, ["gone"])


def test_the_order_of_filters_is_a_change_of_its_own() -> None:
    (change,) = diff(make(make_filter("a"), make_filter("b")), make(make_filter("b"), make_filter("a")))
    assert (change.field, change.old, change.new) == ("inbound_webhook", ["a", "b"], ["b", "a"])


def test_conditions_read_as_lines() -> None:
    both_conditions = [{"header": "To", "pattern": "info@"}, {"header": "Subject", "pattern": "お問い合わせ"}]
    (change,) = diff(make(make_filter("a")), make(make_filter("a", condition=both_conditions)))
    assert change.field == 'inbound_webhook["a"].condition'
    assert (change.added, change.removed) == (["Subject: お問い合わせ"], [])


def test_secrets_are_masked_but_their_change_is_told() -> None:
    old, new = make(make_filter("a", api_key="one")), make(make_filter("a", api_key="two", basic="u:p"))
    assert brief(diff(old, new)) == [
        ('inbound_webhook["a"].api_key', "********", "********"),
        ('inbound_webhook["a"].basic', "", "********"),
    ]
    (whole,) = diff(make(), new)
    assert (whole.new["api_key"], whole.new["bearer"]) == ("********", "")


def test_what_was_never_applied_is_new_in_every_setting() -> None:
    changes = diff(None, defaults_of("pro", "pro"))
    assert {change.old for change in changes} == {None}
    assert [change.field for change in changes][:4] == ["name", "plan", "subdomain", "receiving.max_sessions"]


def test_what_an_older_program_saved_is_the_same_as_its_defaults() -> None:
    now = make(make_filter("a"), max_sessions=5).as_data()
    older = {key: value for key, value in now.items() if key != "event_webhook"}
    assert is_same(older, now) and is_same(now, older)
    assert not is_same(older, make(make_filter("a"), max_sessions=6).as_data())
    assert is_same(None, None) and not is_same(None, now) and not is_same(now, None)


def test_settings_that_cannot_be_read_are_the_same_as_themselves_only() -> None:
    now = make().as_data()
    unreadable = {**now, "subdomain": "-"}
    assert is_same(unreadable, dict(unreadable))
    assert not is_same(unreadable, now)


def test_who_may_relay_differs_by_name_and_key_and_no_key_is_told() -> None:
    assert diff_smtp_users({"a": "x"}, {"a": "x"}) == []
    (change,) = diff_smtp_users({"a": "x", "gone": "y", "same": "s"}, {"a": "z", "new": "n", "same": "s"})
    assert (change.added, change.removed) == (["a", "new"], ["a", "gone"])
    assert change.new == ["a", "new", "same"] and change.effect["ja"]
