"""Mails on their way out know which API user submitted them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbound", sa.Column("api_user", sa.String(), nullable=False, server_default=sa.text("''")))
