"""The story as data: its pages are there, its deeds and facts are known, its texts are in both languages."""

from typing import get_args

from cmcdesk.console.demo.deeds import DEEDS
from cmcdesk.console.demo.scenes import SCENES, Deed, Fact, bounce, notify
from cmcdesk.console.simulator.bounce_kinds import HAPPENED
from cmcdesk.console.simulator.traffic_form import Traffic, find_faults
from cmcdesk.rules.texts import translate

from ..conftest import Console


def test_scenes_name_what_is_there(console: Console) -> None:
    assert set(get_args(Deed)) == set(DEEDS)
    assert len({scene.name for scene in SCENES}) == len(SCENES) and sum(scene.seconds for scene in SCENES) < 330
    for scene in SCENES:
        page = scene.page.replace("/{refusal}", "").replace("{journey}", "/mails")
        assert console.get(page).status_code == 200, scene.name
        assert set(scene.first) | set(scene.until) <= set(get_args(Fact))
        assert translate("ja", scene.caption) != scene.caption and translate("ja", scene.title) != scene.title


def test_what_is_sent_is_what_the_form_of_the_simulator_takes() -> None:
    for scene in SCENES:
        for act in scene.acts:
            if act.do == "send":
                fields = {"to": "info@mailform.example.com", **{key: str(value) for key, value in act.values.items()}}
                assert find_faults(Traffic.from_form(fields)) == {}, scene.name
    assert bounce("docomo/unknown-user").values["kind"].__str__().partition("/")[2] in HAPPENED
    assert notify("http://x")["endpoint"] == "http://x"
