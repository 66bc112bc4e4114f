"""Marks of programmes beside the digest of their day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('epg_day', sa.Column('marks', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("steps are not taken back; restore a backup instead")
