"""Apply, replace, remove, reorder, roll back, resume: what is sent, and what is recorded afterwards."""

import hashlib
import smtplib
from typing import Any

import pytest

from cmcdesk.applying import (
    ApplyRefused,
    Place,
    apply,
    apply_drafts,
    remove,
    reorder,
    replace_all,
    resume,
    roll_back,
)
from cmcdesk.rules.settings import check_composition, defaults_of
from cmcdesk.store.desk.api_users import create_api_user, remove_api_user
from cmcdesk.store.desk.compositions import UnknownComposition, UnknownRevision, get_composition, list_revisions
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import CompositionRow, RevisionRow

ALL_THREE = [("pro", 1, "127.0.0.1"), ("sandbox", 1, "127.0.0.2"), ("transactional-email", 1, "127.0.0.3")]


def history_of(desk: Any, name: str) -> list[tuple[int, str]]:
    with reading(desk.engine) as session:
        return [(row.number, row.state) for row in list_revisions(session, name)]


def test_resume_applies_the_first_compositions_of_a_fresh_installation(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    assert recorder.told() == ALL_THREE
    assert [desk.applied_number(name) for name, _, _ in ALL_THREE] == [1, 1, 1]


def test_resume_sends_what_is_live_and_leaves_drafts_alone(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    desk.change("pro", max_sessions=7)
    resume(desk.engine, recorder, place)
    assert recorder.told() == ALL_THREE
    assert recorder.sets[-1] == recorder.sets[0]


def test_apply_sends_the_whole_set_with_the_new_revision_of_one(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    desk.change("sandbox", inbound_domains=["mailform.example.com"])
    desk.change("pro", max_sessions=7)  # saved, not applied: stays out
    assert apply(desk.engine, "sandbox", recorder, place) == 2
    assert recorder.told() == [ALL_THREE[0], ("sandbox", 2, "127.0.0.2"), ALL_THREE[2]]
    sent = {entry["settings"]["name"]: entry["settings"] for entry in recorder.sets[-1]}
    assert sent["sandbox"]["receiving"]["inbound_domains"] == ["mailform.example.com"]
    assert sent["pro"]["receiving"]["max_sessions"] == 10
    assert history_of(desk, "sandbox") == [(2, "applied"), (1, "applied")]
    assert desk.applied_number("sandbox") == 2


def test_the_revision_is_on_disk_before_the_mail_server_hears_of_it(desk: Any, recorder: Any, place: Place) -> None:
    seen: list[list[tuple[int, str]]] = []
    recorder.meanwhile = lambda: seen.append(history_of(desk, "pro"))
    apply(desk.engine, "pro", recorder, place)
    assert seen == [[(1, "applying")]]


def test_a_refused_apply_leaves_all_as_it_was(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    desk.change("pro", max_sessions=7)
    before = desk.dump()
    recorder.answer = {
        "ok": False,
        "errors": [{"composition": "pro", "field": "receiving.max_sessions", "message": "no"}],
    }
    with pytest.raises(ApplyRefused) as refused:
        apply(desk.engine, "pro", recorder, place)
    assert [error.field for error in refused.value.errors] == ["pro.receiving.max_sessions"]
    assert desk.dump() == before
    assert history_of(desk, "pro") == [(2, "refused"), (1, "applied")]
    recorder.answer = {"ok": True}
    assert apply(desk.engine, "pro", recorder, place) == 3  # a number is never used twice


def test_an_apply_without_an_answer_leaves_all_as_it_was(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    before = desk.dump()
    recorder.answer = TimeoutError("no answer within 10 s")
    with pytest.raises(ApplyRefused, match="no answer within 10 s") as refused:
        apply(desk.engine, "pro", recorder, place)
    assert "以前のまま" in refused.value.errors[0].message["ja"]
    assert desk.dump() == before
    with reading(desk.engine) as session:
        assert "no answer" in list_revisions(session, "pro")[0].reason


def test_several_are_applied_all_or_none(desk: Any, recorder: Any, place: Place) -> None:
    assert apply_drafts(desk.engine, ["pro", "sandbox"], recorder, place) == {"pro": 1, "sandbox": 1}
    assert recorder.told() == ALL_THREE[:2]
    recorder.answer = ConnectionError("gone")
    with pytest.raises(ApplyRefused):
        apply_drafts(desk.engine, ["pro", "transactional-email"], recorder, place)
    assert [desk.applied_number(name) for name, _, _ in ALL_THREE] == [1, 1, None]


def test_a_draft_that_no_longer_validates_is_not_sent(desk: Any, recorder: Any, place: Place) -> None:
    with transaction(desk.engine) as session:
        row = get_composition(session, "pro")
        row.draft = {**row.draft, "receiving": row.draft["receiving"] | {"max_sessions": 0, "interval_ms": 1}}
    with pytest.raises(ApplyRefused) as refused:
        apply(desk.engine, "pro", recorder, place)
    assert [error.field for error in refused.value.errors] == ["receiving.max_sessions", "receiving.interval_ms"]
    assert recorder.sets == []
    assert history_of(desk, "pro") == []


def test_a_subdomain_that_another_still_has_live_is_refused(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    with transaction(desk.engine) as session:
        pro = get_composition(session, "pro")
        pro.draft = {**pro.draft, "subdomain": "moved"}
    with pytest.raises(ApplyRefused) as refused:
        replace = [check_composition({"name": "thief", "subdomain": "pro"})]
        with transaction(desk.engine) as session:
            from cmcdesk.store.desk.compositions import insert_composition

            insert_composition(session, replace[0], 3.0)
        apply(desk.engine, "thief", recorder, place)
    assert [error.field for error in refused.value.errors] == ["subdomain"]


def test_an_edit_during_the_apply_stays_a_draft(desk: Any, recorder: Any, place: Place) -> None:
    desk.change("pro", max_sessions=7)
    recorder.meanwhile = lambda: desk.change("pro", max_sessions=8)
    apply(desk.engine, "pro", recorder, place)
    with reading(desk.engine) as session:
        assert get_composition(session, "pro").draft["receiving"]["max_sessions"] == 8
        assert list_revisions(session, "pro")[0].settings["receiving"]["max_sessions"] == 7


def test_replace_all_takes_the_list_of_the_file_in_its_order(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    compositions = [defaults_of("pro", "shop"), defaults_of("standard", "sandbox")]
    assert replace_all(desk.engine, compositions, recorder, place) == {"shop": 1, "sandbox": 2}
    assert recorder.told() == [("shop", 1, "127.0.0.1"), ("sandbox", 2, "127.0.0.2")]
    with reading(desk.engine) as session:
        with pytest.raises(UnknownComposition):
            get_composition(session, "pro")
        row = get_composition(session, "shop")
        assert (row.draft, row.applied_number, row.position) == (compositions[0].as_data(), 1, 0)


def test_replace_all_that_is_refused_changes_no_composition(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    before = desk.dump()
    recorder.answer = {"ok": False, "errors": []}
    with pytest.raises(ApplyRefused):
        replace_all(desk.engine, [defaults_of("pro", "shop")], recorder, place)
    assert [row for row in desk.dump() if row[-1] is None] == before  # "shop" only as a removed one, for its history


def test_remove_sends_the_set_without_it_and_moves_the_later_ones_up(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    remove(desk.engine, "pro", recorder, place)
    assert recorder.told() == [("sandbox", 1, "127.0.0.1"), ("transactional-email", 1, "127.0.0.2")]
    remove(desk.engine, "sandbox", recorder, place)
    with pytest.raises(ApplyRefused, match="last"):
        remove(desk.engine, "transactional-email", recorder, place)
    with reading(desk.engine) as session:  # what matched under a revision of a removed one can still be looked up
        assert session.query(RevisionRow).join(CompositionRow).filter(CompositionRow.name == "pro").count() == 1


def test_reorder_moves_the_addresses(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    reorder(desk.engine, ["sandbox", "transactional-email", "pro"], recorder, place)
    assert [name for name, _, _ in recorder.told()] == ["sandbox", "transactional-email", "pro"]
    resume(desk.engine, recorder, place)
    assert recorder.told()[-1] == ("pro", 1, "127.0.0.3")
    with pytest.raises(ApplyRefused, match="each once"):
        reorder(desk.engine, ["sandbox", "pro"], recorder, place)


def test_roll_back_makes_an_old_revision_the_draft(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    desk.change("pro", max_sessions=7)
    apply(desk.engine, "pro", recorder, place)
    roll_back(desk.engine, "pro", 1)
    with reading(desk.engine) as session:
        row = get_composition(session, "pro")
        assert (row.draft["receiving"]["max_sessions"], row.applied_number) == (10, 2)
    assert apply(desk.engine, "pro", recorder, place) == 3
    with pytest.raises(UnknownRevision):
        roll_back(desk.engine, "pro", 99)


def test_an_apply_bites_at_the_real_mail_server(desk: Any, mail_server: Any, place: Place) -> None:
    resume(desk.engine, mail_server, place)
    host, port = mail_server.address_of("pro")
    with smtplib.SMTP(host, port) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(10240 * 1024)
        desk.change("pro", size_kb=1, inbound_domains=["mailform.example.com"])
        assert apply(desk.engine, "pro", mail_server, place) == 2
        client.ehlo()
        assert client.esmtp_features["size"] == str(10240 * 1024)  # a session in flight keeps the old settings
    with smtplib.SMTP(host, port) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "1024"
        client.mail("a@example.org")
        assert client.rcpt("info@mailform.example.com")[0] == 250
        assert client.rcpt("info@elsewhere.example.com")[0] == 550


def test_who_may_relay_goes_to_the_mail_server_with_the_composition_that_is_reflected(
    desk: Any, recorder: Any, place: Place
) -> None:
    resume(desk.engine, recorder, place)
    with transaction(desk.engine) as session:
        create_api_user(session, "app@example.com", 1.0, "key-of-the-app", smtp=True)
        create_api_user(session, "http-only", 1.0)
    apply(desk.engine, "sandbox", recorder, place)
    app = {"app@example.com": hashlib.sha256(b"key-of-the-app").hexdigest()}
    assert [entry["smtp_users"] for entry in recorder.sets[-1]] == [{}, app, {}]
    with transaction(desk.engine) as session:
        remove_api_user(session, "app@example.com")
    resume(desk.engine, recorder, place)
    assert [entry["smtp_users"] for entry in recorder.sets[-1]] == [{}, app, {}], "live until the next reflecting"
    apply_drafts(desk.engine, ["pro", "sandbox"], recorder, place)
    assert [entry["smtp_users"] for entry in recorder.sets[-1]] == [{}, {}, {}]
    assert "key-of-the-app" not in str(recorder.sets)
