"""The database as the engine needs it: SQLite that survives power loss, PostgreSQL in UTC, writers locked at BEGIN."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import StaticPool
from typing_extensions import override

from engine.errors import InvalidArgument
from engine.store.pooling import read_pooling

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_IDLE: Final = 1.0  # seconds after which a connection is asked whether it is still there


class _Connection(sqlite3.Connection):
    """A connection that knows whether its next transaction will write; it waits for no network, so nothing waits."""

    will_write = False
    ask = sqlite3.Connection.execute

    def ask_all(self, statements: Iterable[tuple[str, Any]]) -> list[sqlite3.Cursor]:
        """Run statements one after another."""
        return [self.execute(sql, parameters) for sql, parameters in statements]

    def later(self, sql: str, parameters: Any, otherwise: Callable[[], Exception] | None = None) -> None:
        """Run a statement whose answer nobody wants, unless it changes anything but one row."""
        changed = self.execute(sql, parameters).rowcount
        if otherwise is not None and changed != 1:
            raise otherwise()


class SqliteDialect(SQLiteDialect_pysqlite):
    """SQLite whose transactions begin when they begin.

    The driver's own BEGIN comes at the first write, too late for read-modify-write.
    """

    supports_statement_cache = True

    @override
    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("BEGIN IMMEDIATE" if dbapi_connection.will_write else "BEGIN")


registry.register("sqlite.saanphaen", __name__, "SqliteDialect")


def begin(connection: Connection, *, writes: bool) -> RootTransaction:
    """Begin a transaction: one that only reads sees one moment, from its first question to its last.

    On SQLite one that will write waits for its turn here, not in the middle.
    """
    raw: Any = connection.connection.dbapi_connection
    if not isinstance(raw, _Connection):
        raw.reads_one_moment(not writes)
        return connection.begin()
    raw.will_write = writes
    try:
        return connection.begin()
    finally:
        raw.will_write = False


def open_database(url: str | URL, *, busy_timeout_ms: int = 10_000, pool_size: int = 5) -> Engine:
    """Make the SQLAlchemy engine for a url: `sqlite://` (in memory), `sqlite:///file.db` or `postgresql://…`.

    Raises:
        InvalidArgument: The url names another database.
    """
    parsed = make_url(url)
    name = parsed.get_backend_name()
    if name == "sqlite":
        return _open_sqlite(parsed, busy_timeout_ms)
    if name == "postgresql":
        return _open_postgresql(parsed, pool_size)
    raise InvalidArgument(f"Expected a url of SQLite or PostgreSQL, but got {name!r}.")


def is_in_memory(url: URL) -> bool:
    """Tell whether the url names a database that lives in this process only."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _open_sqlite(url: URL, busy_timeout_ms: int) -> Engine:
    options: dict[str, Any] = {
        "hide_parameters": True,  # what people wrote belongs into no error and no log
        "connect_args": {"check_same_thread": False, "timeout": busy_timeout_ms / 1000, "factory": _Connection},
    }
    if is_in_memory(url):
        options["poolclass"] = StaticPool
    engine = create_engine(url.set(drivername="sqlite+saanphaen"), **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {busy_timeout_ms}",
            "journal_size_limit = 67108864",
            "wal_autocheckpoint = 4000",  # a page that changes often is written back once, not each time
            "cache_size = -16384",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _open_postgresql(url: URL, pool_size: int) -> Engine:
    from engine.store.postgresql import DRIVER

    url, options = read_pooling(url)
    engine = create_engine(
        url.set(drivername=f"postgresql+{DRIVER}"),
        pool_size=pool_size,
        max_overflow=pool_size * 2,
        hide_parameters=True,
        connect_args=options,
    )

    @event.listens_for(engine, "checkin")
    def note(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def test(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        """Ask a connection that has been idle whether the server is still there; a busy one is not asked each time."""
        if time.monotonic() - entry.info.get("used", math.inf) < _IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return engine
