"""API users who may relay mails by SMTP, and those that each revision told the mail server of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_user", sa.Column("smtp", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("revision", sa.Column("smtp_users", sa.JSON(), nullable=False, server_default="{}"))
