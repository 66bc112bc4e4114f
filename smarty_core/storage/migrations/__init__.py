"""The one Alembic environment: `env.py` runs it, `versions/` holds the core's steps, `history` reads and repairs."""
