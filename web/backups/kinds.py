"""Finds the kind of database that a url names."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import URL, make_url

from web.backups.errors import BackupRefused
from web.backups.postgresql import PostgresqlStore
from web.backups.sqlite import SqliteStore
from web.backups.stores import Store


def store_at(url: str) -> Store:
    """Return the database that a url names.

    Raises:
        BackupRefused: It is neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    kinds: dict[str, Callable[[URL], Store]] = {"sqlite": SqliteStore, "postgresql": PostgresqlStore}
    kind = kinds.get(parsed.get_backend_name())
    if kind is None:
        raise BackupRefused(f"Expected a url of SQLite or PostgreSQL, but got {parsed.get_backend_name()!r}.")
    return kind(parsed)
