"""Alembic's scripts for desk.db. A new one: `python -m cmcdesk.store.desk.migrating "what it does"`, then read it."""
