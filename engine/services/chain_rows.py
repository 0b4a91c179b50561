"""Reads heads and lines of all chains out of a database, raw and in one state, for their verification."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import orjson
from sqlalchemy import Connection, text

from engine.services.chains import Head, LineRow, Marks, Progress, Seen, verify_chains
from engine.views import AuditFinding

_AT_ONCE: Final = 2_000
_COUNT: Final = text("SELECT count(*) FROM bpm_process_instance")
_COUNT_LINES: Final = text("SELECT count(*) FROM bpm_history")
_HEADS: Final = text("SELECT id, history_count, history_head FROM bpm_process_instance ORDER BY id")
# The moment as it is hashed; what we did not write so becomes NULL, which no hash covers.
_SQLITE_MOMENT: Final = (
    "CASE WHEN typeof(at) = 'text' AND length(CAST(at AS BLOB)) = 26 AND substr(at, 11, 1) = ' '"
    " THEN substr(at, 1, 10) || 'T' || substr(at, 12) || '+00:00' END"
)
_POSTGRESQL_MOMENT: Final = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
_LINES: Final = {
    dialect: text(
        f"SELECT instance_id, seq, {moment}, actor, capacity, kind, element_id, details, hash"  # noqa: S608 (constants)
        " FROM bpm_history ORDER BY instance_id, seq"
    ).columns()
    for dialect, moment in (("sqlite", _SQLITE_MOMENT), ("postgresql", _POSTGRESQL_MOMENT.replace(":", "\\:")))
}


def verify_chains_of(
    connection: Connection,
    *,
    found: Callable[[AuditFinding], None],
    anchored: Marks | None = None,
    progress: Progress | None = None,
) -> Seen:
    """Verify all chains of a database in one state, whoever writes meanwhile; of any revision since the first.

    Args:
        connection: In a transaction that has read nothing yet.
        found: Told of every chain that does not hold.
        anchored: What anchors say.
        progress: Told now and then.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    total = connection.execute(_COUNT).scalar_one()
    with _any_text(connection):
        return verify_chains(
            _heads(connection),
            _lines(connection),
            found=found,
            anchored=anchored,
            total=total,
            progress=progress,
        )


def write_history(connection: Connection, file: BinaryIO, progress: Progress | None = None) -> int:
    """Write all lines of a database in one state: the hash of each, a blank, and what was hashed; return how many.

    Args:
        connection: In a transaction that has read nothing yet.
        file: Open for writing bytes.
        progress: Told how many lines of how many are written.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    total, done = connection.execute(_COUNT_LINES).scalar_one(), 0
    for row in _lines(connection):
        file.write(row[8].hex().encode() + b" " + orjson.dumps(row[:8]) + b"\n")
        done += 1
        if progress is not None and done % _AT_ONCE == 0:
            progress(done, total)
    return done


def _heads(connection: Connection) -> Iterator[Head]:
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(_HEADS):
        yield Head(*row)


def _lines(connection: Connection) -> Iterator[LineRow]:
    result = connection.execution_options(yield_per=_AT_ONCE).execute(_LINES[connection.dialect.name])
    for rows in result.partitions():
        yield from rows


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """Let SQLite hand out texts that are no UTF-8, as a forger may leave them: they count as altered."""
    raw: Any = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    raw.text_factory = _decode
    try:
        yield
    finally:
        raw.text_factory = str


def _decode(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
