"""Run by alembic, which imports it anew for each upgrade; the connection and its transaction are `migrating`'s."""

from alembic import context

from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.lesson_runs import LessonRunRow
from cmcdesk.store.desk.outbound_events import OutboundEventRow

TABLES = (BlockRow, LessonRunRow, OutboundEventRow)  # of modules beside `models`, so that the metadata has those too

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES[0].metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
)
with context.begin_transaction():
    context.run_migrations()
