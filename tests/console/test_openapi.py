"""Schemathesis plays our own OpenAPI document: what it allows is answered as it says, never with 500."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from tests.console.conftest import Console

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 4  # for each operation and mode: some seconds in all
#: Starts programs, which the world's own tests do.
ELSEWHERE = {"POST /api/v1/world/start"}
#: Parameters whose time would be waited for.
WAITS = ("timeout", "wait")
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\r\n"
    b"This is the mail system at host mx.example.\r\n\r\n<a@dest.example>: 550 5.1.1 User unknown\r\n"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own: what is made up here removes what other tests look at."""
    place = Placing(receiver_port=0, relay_port=0)
    with Desk(DeskOptions(folder=tmp_path_factory.mktemp("desk"), port=0, placing=place)) as desk:
        desk.start()
        yield desk


def test_every_operation_keeps_what_the_document_says(console: Console, document: dict[str, Any]) -> None:
    name = console.add_composition()
    console.send(name, b"Subject: hello\r\n\r\ntext\r\n")
    console.send(name, BOUNCE, sender="", to="r@back.example")
    schema = schemathesis.openapi.from_dict(document)
    schema.app = console.desk.app
    schema.config.update(base_url=console.base)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {operation.label for operation in operations} > ELSEWHERE
    faults: list[str] = []
    # What only reads comes first; what deletes, last.
    order = {"GET": 0, "DELETE": 2}
    for operation in sorted(operations, key=lambda each: order.get(each.method.upper(), 1)):
        if operation.label not in ELSEWHERE:
            faults += [fault for mode in GenerationMode for fault in play(operation, mode, console, name)]
    assert not faults, "\n".join(faults)


def play(operation: Any, mode: GenerationMode, console: Console, name: str) -> list[str]:
    """So many requests that the document allows, always the same ones. What was found: "" or one text."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def try_one(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        for key, known in (("id", 1), ("name", name)):
            if key in case.path_parameters and data.draw(st.booleans()):
                case.path_parameters[key] = known  # something that is there
        case.query.update({each.name: 0 for each in operation.query if each.name in WAITS})
        headers = {"Authorization": f"Bearer {console.token}"}
        case.call_and_validate(base_url=console.base, headers=headers, checks=CHECKS)

    try:
        try_one()
    except FailureGroup as found:
        return [f"{operation.label}, {mode.value}: {found}"]
    return []
