"""The catalogue of bounces in words."""

from typing import Any

from cmcdesk.console.simulator.bounce_kinds import (
    HAPPENED,
    SENDERS,
    group_kinds,
    name_language,
    name_sender,
    sorted_by_cause,
)
from cmcdesk.console.simulator.simulator_page import list_bounce_kinds

from ..conftest import Console


def labels(console: Console, language: str) -> dict[str, str]:
    """Kind → sender and label in a language."""
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": language}):
        groups = group_kinds(list_bounce_kinds())
        return {kind.name: f"{group.label} — {kind.label}" for group in groups for kind in group.kinds}


def test_every_kind_has_a_name_of_its_own_in_both_languages(console: Console) -> None:
    english, japanese = labels(console, "en"), labels(console, "ja")
    assert len(english) == len(set(english.values())) == len(set(japanese.values())) == len(japanese) > 130
    assert english["postfix/unknown-user"] == "Postfix — Unknown user: no such user"
    assert japanese["exchange/over-quota-de"] == "Microsoft Exchange — 容量オーバー: メールボックスの容量超過, ドイツ語"
    assert english["postfix/delayed"].endswith("a warning of delay, not final")
    assert japanese["replies/out-of-office-ja"] == "バウンスではないメール（応答・苦情） — 不在通知, 日本語"


def test_no_word_of_the_catalogue_is_left_without_its_translation(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        kinds = list_bounce_kinds()
    words = {kind["name"].partition("/")[2].removesuffix(f"-{kind['language']}") for kind in kinds}
    assert words == set(HAPPENED)
    assert {kind["sender"] for kind in kinds} == {*SENDERS, "replies"}


def test_kinds_go_by_cause(console: Console) -> None:
    def kind(name: str, status: int | None, final: bool = True) -> dict[str, Any]:
        return {"name": name, "error_status": status, "final": final}

    kinds = [kind("a", 99), kind("b", None), kind("c", 3, False), kind("d", 3), kind("e", 1)]
    assert [each["name"] for each in sorted_by_cause(kinds)] == ["e", "d", "c", "a", "b"]
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert name_sender("new") == "new" and name_language("xx") == "xx"
