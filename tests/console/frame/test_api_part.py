"""What the API's document says of an operation is made when it is asked for, once, and then stays."""

from threading import Thread
from typing import Any

from flask_openapi3.models.info import Info

from cmcdesk.console.frame.api_part import ApiApp, ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape


class Thing(Shape):
    """One thing."""

    name: str


def make_part() -> ApiPart:
    part = ApiPart("api_things", __name__, "things", errors={404: Errors})

    @part.get("/things/<string:name>", responses={200: Thing})
    def get_thing() -> Thing:
        """One of them."""
        return Thing(name="it")

    return part


def make_app(part: ApiPart) -> ApiApp:
    app = ApiApp(__name__, info=Info(title="things", version="1"))
    app.add_part(part)
    return app


def test_operations_answer_before_they_are_described() -> None:
    part = make_part()
    assert make_app(part).test_client().get("/api/v1/things/it").json == {"name": "it"}
    assert not part.paths and not part.components_schemas


def test_the_document_tells_of_all_that_was_declared() -> None:
    document = make_app(make_part()).api_doc
    told = document["paths"]["/api/v1/things/{name}"]["get"]
    assert told["summary"] == "One of them." and told["tags"] == ["things"] and told["security"] == [{"token": []}]
    assert set(told["responses"]) == {"200", "401", "404", "422"}
    assert document["tags"] == [{"name": "things"}] and {"Thing", "Errors"} <= set(document["components"]["schemas"])


def test_two_applications_that_share_a_part_tell_the_same_when_asked_at_once() -> None:
    part = make_part()
    apps = [make_app(part) for _ in range(4)]
    told: list[dict[str, Any]] = []
    askers = [Thread(target=lambda app=app: told.append(app.api_doc)) for app in apps]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert len(told) == 4 and all(document == told[0] for document in told)
    assert told[0]["paths"]
