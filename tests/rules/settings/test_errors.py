"""Errors as lines and paths; secrets are never shown."""

from cmcdesk.rules.settings.errors import FieldError, SettingsError, field_error, join_path, show_given


def test_a_line_says_field_message_and_what_was_given() -> None:
    error = field_error("receiving.interval_ms", 5, "out_of_range", minimum=10, maximum=10000)
    assert error.line("en") == "receiving.interval_ms: is out of range; allowed: an integer from 10 to 10000 (given: 5)"
    assert error.line("ja").endswith("10 から 10000 までの整数を指定してください（入力値: 5）")


def test_nothing_given_is_not_shown() -> None:
    assert FieldError("name", "", {"ja": "指定してください", "en": "is required"}).line("en") == "name: is required"


def test_join_path() -> None:
    assert join_path("composition[0]", "receiving", "bounce_domains", 2) == "composition[0].receiving.bounce_domains[2]"
    assert join_path("", "receiving", "size_kb") == "receiving.size_kb"


def test_show_given_is_one_short_line_without_secrets() -> None:
    assert show_given("name", "a\r\nb") == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"
    assert len(show_given("name", "x" * 1000)) == 101
    assert show_given("inbound_webhook[0].bearer", "token") == "********"
    assert show_given("endpoint", "https://user:token@example.com/") == "https://********@example.com/"
    assert show_given("inbound_webhook", {"name": "a", "api_key": "k", "more": [{"basic": "b"}]}) == (
        '{"name": "a", "api_key": "********", "more": [{"basic": "********"}]}'
    )


def test_settings_error_holds_all() -> None:
    problem = SettingsError([field_error("name", None, "required"), field_error("plan", None, "required")])
    assert str(problem) == "name: is required; plan: is required"
    assert [error.field for error in problem.errors] == ["name", "plan"]
