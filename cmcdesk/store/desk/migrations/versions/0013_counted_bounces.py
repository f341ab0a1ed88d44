"""Bounces are counted in an index alone; a mail on its way out is found by its Message-ID."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["created_at", "final", "composition", "error_status", "override", "recipient"]
    op.create_index("bounce_counted", "bounce", columns)
    op.create_index("outbound_message", "outbound", ["message_id"], sqlite_where=sa.text("message_id <> ''"))
