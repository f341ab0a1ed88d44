"""配信停止: suppressed addresses, errors by address, terms of the batch; bounces that are the MTA's own reports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bounce", sa.Column("own_report", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "block",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("composition", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("occurred", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("removed_at", sa.Double(), nullable=True),
        sa.Column("removal", sa.String(), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    active = sa.text("removed_at IS NULL")
    op.create_index("block_active", "block", ["composition", "email"], unique=True, sqlite_where=active)
    op.create_index("block_list", "block", ["composition", "number"], sqlite_where=active)
    op.create_index("block_age", "block", ["composition", "created_at"], sqlite_where=active)
    op.create_index("block_exempt", "block", ["composition", "email"], sqlite_where=sa.text("exempt"))
    op.create_index("block_removed", "block", ["removed_at"], sqlite_where=sa.text("removed_at IS NOT NULL"))
    op.create_table(
        "block_error",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("composition", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("occurred", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("composition", "email", "status"),
    )
    op.create_index("block_error_counted", "block_error", ["counted_at", "id"])
    op.create_table(
        "block_terms",
        sa.Column("composition", sa.String(), nullable=False),
        sa.Column("run_at", sa.String(), nullable=False),
        sa.Column("watch_days", sa.Integer(), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("next_run_at", sa.Double(), nullable=False),
        sa.Column("last_run_at", sa.Double(), nullable=True),
        sa.Column("evaluated_until", sa.Double(), nullable=False),
        sa.Column("requested_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("composition"),
    )
