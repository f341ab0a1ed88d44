"""One refusal over the API, with what was said in its session."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from cmcdesk.console.frame.api_errors import refuse_missing
from cmcdesk.console.frame.api_shapes import COMMON, Errors, format_instant
from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.mails.mail_shapes import DialogueLine, DialogueShape, RefusalDetail, RefusalPath
from cmcdesk.console.mails.mails_api import shape_refusal
from cmcdesk.mail.smtp.dialogue import Dialogue, Line
from cmcdesk.store.maillog.dialogues import read_dialogue

refusals = APIBlueprint(
    "api_refusals", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="mails")], abp_responses=COMMON
)


@refusals.get("/refusals/<int:id>", responses={200: RefusalDetail, 404: Errors})
def get_refusal(path: RefusalPath) -> dict[str, Any]:
    """One refusal: its row, and the last lines of its session's dialogue."""
    log = current_mail_log()
    row = log.get_refusal(path.id) if log else None
    if log is None or row is None:
        refuse_missing("id", path.id)
    dialogue = read_dialogue(log, row)
    shape = shape_dialogue(dialogue) if dialogue else None
    return RefusalDetail(**shape_refusal(row).model_dump(), dialogue=shape).as_json()


def shape_dialogue(dialogue: Dialogue) -> DialogueShape:
    """A dialogue as the API gives it."""
    return DialogueShape(
        began_at=format_instant(dialogue.began) or "",
        is_cut=dialogue.is_cut,
        lines=[_shape_line(line) for line in dialogue.lines],
    )


def _shape_line(line: Line) -> DialogueLine:
    is_mail = isinstance(line.said, int)
    return DialogueLine(
        at=line.at, by=line.by, text=None if is_mail else str(line.said), octets=int(line.said) if is_mail else None
    )
