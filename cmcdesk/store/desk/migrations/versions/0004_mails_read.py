"""Which mails a person has opened."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_mail",
        sa.Column("log_id", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "mail_id"),
    )
    op.create_table(
        "read_up_to",
        sa.Column("log_id", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("log_id"),
    )
