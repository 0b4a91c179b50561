"""SQLite: copied by its own online backup, out of one state, and put back by changing the file's name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from engine import SystemClock, open_database
from web.backups.archive import DUMPS, Tell
from web.backups.errors import BackupRefused, NoBackup, TargetInUse
from web.backups.manifest import AuditState
from web.backups.stores import Dump, counts_of, named_files, proof, revision_of

_PAGES_AT_ONCE = 2_000
_COPYING = "Copying the database"
_PATIENCE = 5.0  # seconds that a writer may hold the database before it counts as in use


class SqliteStore:
    """The database of one file."""

    name = "sqlite"

    def __init__(self, url: URL) -> None:
        if url.database in (None, "", ":memory:"):
            raise BackupRefused("Expected a database in a file or on a server, but this one lives in memory only.")
        self._path = Path(str(url.database))

    def dump(self, folder: Path, tell: Tell) -> Dump:
        """Copy the database page by page out of one state; writers go on meanwhile."""
        if not self._path.is_file():
            raise BackupRefused(f"Expected a database at {self._path}, but there is none.")
        path = folder / DUMPS[self.name]
        self._copy(path, tell)
        with _alone(path) as connection:
            _ensure_whole(connection)
            revision = revision_of(connection)
            if revision is None:
                raise BackupRefused(f"Expected a database of Saanphaen, but {self._path} is none.")
            audit, findings = proof(connection, tell)
            return Dump(
                path=path,
                store=self.name,
                store_version=sqlite3.sqlite_version,
                revision=revision,
                counts=counts_of(connection),
                audit=audit,
                findings=findings,
                files=named_files(connection),
            )

    def prove(self, dump: Path, folder: Path, tell: Tell) -> AuditState:
        """Verify the pages and the audit trail of a copy."""
        del folder
        with _alone(dump) as connection:
            _ensure_whole(connection)
            return proof(connection, tell)[0]

    @contextmanager
    def target(self) -> Iterator[SqliteTarget]:
        """Open the file as one to restore into."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        target = SqliteTarget(self._path)
        target.ensure_unused()
        yield target

    def _copy(self, path: Path, tell: Tell) -> None:
        source = open_database(f"sqlite:///{self._path}")
        copy = sqlite3.connect(path)
        try:
            with source.connect() as connection, connection.begin():
                connection.execute(text("SELECT count(*) FROM sqlite_master"))  # from here on one state is read
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                size = raw.execute("PRAGMA page_size").fetchone()[0]
                raw.backup(
                    copy,
                    pages=_PAGES_AT_ONCE,
                    progress=lambda _status, left, total: tell(_COPYING, (total - left) * size, total * size),
                )
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a journal beside it
        finally:
            copy.close()
            source.dispose()


class SqliteTarget:
    """The file that is to be replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_empty, self.is_ours = True, False
        if path.exists() and path.stat().st_size:
            with _alone(path, timeout=_PATIENCE) as connection:
                self.is_ours = revision_of(connection) is not None
                self.is_empty = not connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one()

    def ensure_unused(self) -> None:
        """Refuse a file that another process has open.

        Raises:
            TargetInUse: One has.
        """
        if not self._path.exists():
            return
        connection = sqlite3.connect(self._path, timeout=_PATIENCE)
        try:
            # Leaving the write-ahead log needs the file for oneself alone, and writes back what is in the log.
            if connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
                raise TargetInUse
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise TargetInUse from error
            raise
        finally:
            connection.close()

    def load(self, dump: Path, *, counts: Mapping[str, int], audit: AuditState, tell: Tell) -> str:
        """Prove the copy, then change the names: the old file stays beside the new one."""
        with _alone(dump) as connection:
            if counts_of(connection) != dict(counts) or proof(connection, tell)[0].heads != audit.heads:
                raise NoBackup("Expected the rows that the manifest counts, but the dump holds others.")
        self.ensure_unused()
        kept = None
        if self._path.exists() and not self.is_empty:
            stamp = SystemClock().now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
            kept = self._path.with_name(f"{self._path.name}.before-restore-{stamp}")
            os.link(self._path, kept)  # under both names for a moment, so that there is always a database
        dump.chmod(0o600)
        dump.replace(self._path)
        return f"The database that was there is kept as {kept}." if kept else ""


@contextmanager
def _alone(path: Path, *, timeout: float = 0.0) -> Iterator[Connection]:
    """Open a file that nobody writes to, and leave it as it is."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": timeout})
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _ensure_whole(connection: Connection) -> None:
    said = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
    if said != "ok":
        raise NoBackup(f"Expected a sound database, but SQLite finds: {said}")
