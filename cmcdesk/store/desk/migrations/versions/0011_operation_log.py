"""操作ログ: logins, and who changed what."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("peer", sa.String(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "operation_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
    )
    for table in ("login_log", "operation_log"):
        op.create_index(f"{table}_at", table, ["at"])
        op.create_index(f"{table}_account", table, ["account", "at"])
