"""サーバ構成 as pages and API show them."""

import dataclasses

from cmcdesk.console.compositions.view import find_view, list_names, list_views

from ..conftest import Console


def test_states(console: Console) -> None:
    name = console.add_composition(apply=False)
    with console.desk.app.test_request_context("/", base_url=console.base):
        view = find_view(name)
        assert view is not None and view.applied is None and view.state == "updating" and view.live is view.draft
        pro = find_view("pro")
        assert pro is not None and pro.state == "operating" and pro.live is pro.applied
        deaf = dataclasses.replace(pro, placement=dataclasses.replace(pro.placement, receiving=None))
        assert deaf.state == "not_receiving"
        assert dataclasses.replace(pro, has_changes=True).state == "updating"


def test_order_is_that_of_the_addresses(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert list_names()[:3] == ["pro", "sandbox", "transactional-email"]
        assert [view.name for view in list_views()] == list_names()
        assert find_view("nothing") is None
