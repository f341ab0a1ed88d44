"""What happened to mails on their way out, an event a row, with counts by minute and quarter of an hour; made for the rows
that are there already out of their tries."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = ("header_from", "message_id", "subject", "api_data", "source_ip")
COUNTED = ("queued", "succeeded", "failed", "deferred", "blocked")
EVENTS = "INSERT INTO outbound_event(outbound_id, at, composition, api_user, status, reason, sender_ip, error_status) "
QUEUED = "SELECT id, queued_at, composition, api_user, 'queued', '', '', NULL FROM outbound WHERE own_id IS NULL"
# The last try of a row that has ended is its end; a row may have ended without one (cancelled).
TRIED = """
SELECT o.id, a.at + a.milliseconds / 1000.0, o.composition, o.api_user, 'deferred',
  trim(trim(coalesce(a.code, '') || ' ' || a.enhanced) || ' ' || a.text) ||
    CASE WHEN a.command <> '' AND a.code IS NOT NULL THEN ' (in reply to ' || a.command || ')' ELSE '' END, '', NULL
FROM outbound o JOIN outbound_attempt a ON a.outbound_id = o.id
WHERE o.own_id IS NULL AND a.outcome = 'transient' AND (o.ended_at IS NULL OR a.number < o.attempts
  OR o.state = 'failed' AND o.text = 'cancelled in the queue')
ORDER BY a.id
"""
ENDED = """
SELECT id, ended_at, composition, api_user, state,
  CASE WHEN state = 'succeeded' THEN '' ELSE trim(trim(coalesce(code, '') || ' ' || enhanced) || ' ' || text) ||
    CASE WHEN command <> '' AND code IS NOT NULL THEN ' (in reply to ' || command || ')' ELSE '' END END, '', error_status
FROM outbound WHERE own_id IS NULL AND ended_at IS NOT NULL
"""
COUNTS = """
INSERT INTO outbound_count(composition, span, slot, api_user, queued, succeeded, failed, deferred, blocked)
SELECT composition, {span}, CAST(at AS INTEGER) / {span} * {span}, api_user, sum(status = 'queued'),
  sum(status = 'succeeded'), sum(status = 'failed' AND coalesce(error_status, 0) NOT IN (10, 11)),
  sum(status = 'deferred'), sum(status = 'failed' AND coalesce(error_status, 0) IN (10, 11))
FROM outbound_event GROUP BY 1, 3, 4
"""


def upgrade() -> None:
    for name in WORDS:
        op.add_column("outbound", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "outbound_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbound_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("composition", sa.String(), nullable=False),
        sa.Column("api_user", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sender_ip", sa.String(), nullable=False),
        sa.Column("error_status", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["outbound_id"], ["outbound.id"], ondelete="CASCADE"),
    )
    op.create_table(
        "outbound_count",
        sa.Column("composition", sa.String(), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("api_user", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        sa.PrimaryKeyConstraint("composition", "span", "slot", "api_user"),
        sqlite_with_rowid=False,
    )
    for rows in (QUEUED, TRIED, ENDED):
        op.execute(EVENTS + rows)
    for span in (60, 900):
        op.execute(COUNTS.format(span=span))
    op.create_index("outbound_event_row", "outbound_event", ["outbound_id"])
    op.create_index("outbound_event_time", "outbound_event", ["composition", "at", "outbound_id", "status", "api_user"])
