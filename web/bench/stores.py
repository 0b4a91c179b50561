"""The stores that are measured: fresh databases on SQLite and PostgreSQL, and what their durability is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import make_url, text

from engine import open_database, upgrade
from web.bench.throwaway_postgres import Postgres, find_binaries, throw_away_server

_MEMORY: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min"}


class NoServer(Exception):
    """Expected a PostgreSQL on which databases may be made, but the one that was named is none."""


class Store(Protocol):
    """A kind of database."""

    name: str
    durability: str
    kept: dict[str, object]  # what one measure of a run leaves to the next

    def database(self, *, empty: bool = False) -> str:
        """Make a database, with the product's tables unless it shall be empty, and return its url."""
        ...

    def drop(self, url: str) -> None:
        """Remove a database that was made."""
        ...


class SqliteStore:
    """Files in a folder of their own."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template: Path | None = None
        self.kept: dict[str, object] = {}
        self.durability = _sqlite_durability(f"sqlite:///{folder / 'probe.db'}")

    def database(self, *, empty: bool = False) -> str:
        """Make a file and return its url."""
        path = self._folder / f"bench-{next(self._numbers)}.db"
        if not empty:
            shutil.copyfile(self._made_template(), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove the file with what stands beside it."""
        path = Path(url.removeprefix("sqlite:///"))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def _made_template(self) -> Path:
        if self._template is None:
            path = self._folder / "template.db"
            engine = open_database(f"sqlite:///{path}")
            upgrade(engine)
            engine.dispose()
            self._template = path
        return self._template


class PostgresStore:
    """Databases on a server."""

    name = "postgresql"

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self.kept: dict[str, object] = {}
        self.durability = _postgres_durability(server.admin_url)

    def database(self, *, empty: bool = False) -> str:
        """Make a database and return its url."""
        return self._server.create_empty() if empty else self._server.create()

    def drop(self, url: str) -> None:
        """Remove the database."""
        self._server.drop(url)


@contextmanager
def sqlite_store() -> Iterator[SqliteStore]:
    """Open a folder for files; all of it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="saanphaen-bench-") as folder:
        yield SqliteStore(Path(folder))


@contextmanager
def postgres_store(url: str | None) -> Iterator[PostgresStore | None]:
    """Open a server: the given one, else a throw-away one; None where this machine has no PostgreSQL.

    On a server that is given, databases of our own are made and removed; what is there stays as it is.
    """
    if url is not None:
        if make_url(url).get_backend_name() != "postgresql":
            raise NoServer("Expected the url of a PostgreSQL, postgresql://…, but it is another one.")
        with _prepared(url) as store:
            yield store
        return
    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    with throw_away_server(binaries, _MEMORY) as own, _prepared(own) as store:
        yield store


@contextmanager
def _prepared(url: str) -> Iterator[PostgresStore]:
    from psycopg import Error

    server = Postgres(url, prefix="saanphaen_bench")
    try:
        server.prepare()
    except Error as error:
        first = next(iter(str(error).splitlines()), "it does not say why")
        raise NoServer(f"Expected a PostgreSQL on which databases may be made, but: {first}") from error
    try:
        yield PostgresStore(server)
    finally:
        server.close()


def _sqlite_durability(url: str) -> str:
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            version = connection.scalar(text("SELECT sqlite_version()"))
            mode = connection.scalar(text("PRAGMA journal_mode"))
            synchronous = connection.scalar(text("PRAGMA synchronous"))
    finally:
        engine.dispose()
    words = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
    return f"SQLite {version}: journal_mode={mode}, synchronous={words.get(int(synchronous), synchronous)}"


def _postgres_durability(url: str) -> str:
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            shown = {
                name: connection.scalar(text(f"SHOW {name}"))  # fixed names
                for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
            }
    finally:
        engine.dispose()
    version = str(shown.pop("server_version")).split()[0]
    return f"PostgreSQL {version}: " + ", ".join(f"{name}={value}" for name, value in shown.items())
