"""What the demo does, deed by deed, on a console."""

from cmcdesk.console.demo.deeds import count_facts, do_act, find_own, find_scene_page, halt
from cmcdesk.console.demo.scenes import Act
from cmcdesk.store.desk.compositions import list_compositions
from cmcdesk.store.desk.database import reading

from ...conftest import WaitFor
from ..conftest import Console


def test_settings_are_saved_and_reflected_by_their_paths(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        before = find_own()
        with reading(console.desk._engine) as session:
            assert before.name == list_compositions(session)[0].name
        do_act(Act("reflect", {"receiving.interval_ms": 123, "event_webhook.endpoint": "{catcher}"}))
        after = find_own()
        assert after.live["receiving"]["interval_ms"] == 123 and after.applied_revision != before.applied_revision
        assert after.live["event_webhook"]["endpoint"].startswith("http://127.0.0.1:")
        do_act(
            Act(
                "reflect",
                {
                    "receiving.interval_ms": before.live["receiving"]["interval_ms"],
                    "event_webhook": before.live["event_webhook"],
                },
            )
        )
        assert find_own().live == before.live


def test_what_is_sent_is_counted_and_halted(console: Console, wait_for: WaitFor) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        before = count_facts()
        do_act(Act("send", {"mail": "plain", "to": "info@foreign.example.net", "seconds": "60", "rate": "20"}))

    def is_refused() -> bool:
        with console.desk.app.test_request_context("/", base_url=console.base):
            return count_facts()["refusals"] > before["refusals"]

    wait_for(is_refused)
    with console.desk.app.test_request_context("/", base_url=console.base):
        halt({})
        assert find_scene_page("/refusals/{refusal}").rpartition("/")[2].isdigit()
        assert find_scene_page("/monitor") == "/monitor"
    runs = console.desk.app.extensions["simulator_runs"]
    wait_for(lambda: not any(run.is_running for run in runs.list_runs()))
