"""Many rows in little time: copies of a row that the product itself wrote, made inside the database."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from engine import Base, open_database

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CHUNK: Final = 100_000


def clone(connection: Connection, table: str, where: str, count: int, changes: Mapping[str, str]) -> None:
    """Insert copies of the rows of a table that match, numbered `n` from 1 to `count`.

    Args:
        connection: In a transaction.
        table: The table's name.
        where: Which rows are copied, as SQL.
        count: How many copies of each.
        changes: SQL for the columns that differ, over `n` and the copied row.
    """
    columns = [column.name for column in Base.metadata.tables[table].columns]
    values = ", ".join(changes.get(name, name) for name in columns)
    statement = text(
        "WITH RECURSIVE numbers (n) AS"  # noqa: S608 - our own names
        " (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
        f" INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, numbers WHERE {where}"
    )
    for first in range(1, count + 1, _CHUNK):
        connection.execute(statement, {"first": first, "last": min(first + _CHUNK - 1, count)})
    if "id" in columns and connection.dialect.name == "postgresql":
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608
        )


def settle(url: str) -> None:
    """Let PostgreSQL look at what was filled in, as its own housekeeping does sooner or later; SQLite has none."""
    database = open_database(url)
    try:
        with closing(database.raw_connection()) as connection:
            driver = connection.driver_connection
            assert driver is not None
            if database.dialect.name == "sqlite":
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return
            connection.rollback()
            driver.autocommit = True
            driver.execute("VACUUM ANALYZE")
            driver.autocommit = False
    finally:
        database.dispose()
