"""Alembic's scripts for desk.db. A new one: `python -m cmcdesk.store.migrating "what it does"`, then read it."""
