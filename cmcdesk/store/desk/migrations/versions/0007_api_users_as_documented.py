"""API users as CMC documents them: role, access to the transaction API, time zone, own sent data only."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_user", sa.Column("http_api", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("api_user", sa.Column("role", sa.String(), nullable=False, server_default="user"))
    op.add_column("api_user", sa.Column("time_zone", sa.String(), nullable=False, server_default="Asia/Tokyo"))
    op.add_column("api_user", sa.Column("own_only", sa.Boolean(), nullable=False, server_default=sa.false()))
