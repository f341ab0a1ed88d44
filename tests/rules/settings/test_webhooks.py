"""The event webhook's settings: defaults, plans, file, form, diff. What is refused: tests/bad_settings/event_*.toml."""

from cmcdesk.rules.settings import (
    EventWebhook,
    check_composition,
    check_compositions,
    defaults_of,
    diff,
    read_form,
    read_settings_file,
    write_settings_file,
)

CHOSEN = {"endpoint": "https://www.example.com/event", "bounces": True, "api_key": "hidden-key"}


def test_nothing_is_sent_by_default() -> None:
    event = defaults_of("pro", "pro").event_webhook
    assert event == EventWebhook()
    assert (event.endpoint, event.bounces, event.version, event.time_zone, event.format) == (
        "", False, 2, "Asia/Tokyo", "form",
    )  # fmt: skip


def test_the_standard_plan_may_change_it_and_the_file_keeps_it() -> None:
    given = [{"name": "sandbox", "event_webhook": CHOSEN | {"format": "json", "time_zone": "UTC"}}, {"name": "pro"}]
    compositions = check_compositions(given)
    text = write_settings_file(compositions)
    assert read_settings_file(text) == compositions
    assert text.count("event_webhook") == 1  # what is not used is not written


def test_a_form_field_becomes_its_type() -> None:
    fields = [
        ("event_webhook.endpoint", "https://www.example.com/event"),
        ("event_webhook.bounces", "false"),
        ("event_webhook.bounces", "on"),
        ("event_webhook.version", "１"),
    ]
    read = read_form(fields)
    assert read == {"event_webhook": {"endpoint": "https://www.example.com/event", "bounces": True, "version": 1}}
    assert check_composition({"name": "pro"} | read).event_webhook.version == 1


def test_a_change_is_told_by_field_its_secret_masked() -> None:
    changes = diff(defaults_of("pro", "pro"), check_composition({"name": "pro", "event_webhook": CHOSEN}))
    assert [(change.field, change.old, change.new) for change in changes] == [
        ("event_webhook.endpoint", "", "https://www.example.com/event"),
        ("event_webhook.bounces", False, True),
        ("event_webhook.api_key", "", "********"),
    ]


def test_secrets_are_not_in_what_a_log_would_show() -> None:
    assert "hidden-key" not in repr(check_composition({"name": "pro", "event_webhook": CHOSEN}))
