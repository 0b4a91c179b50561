"""Reads the audit trail back out of a dump of PostgreSQL, into a SQLite file in which it can be verified."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from web.backups.errors import NoBackup

_TABLES: Final = {
    "bpm_process_instance": ("id", "history_count", "history_head"),
    "bpm_history": ("instance_id", "seq", "at", "actor", "capacity", "kind", "element_id", "details", "hash"),
}
_MADE: Final = (
    "CREATE TABLE bpm_process_instance (id INTEGER PRIMARY KEY, history_count, history_head)",
    """CREATE TABLE bpm_history (instance_id INTEGER, seq INTEGER, at TEXT, actor, capacity, kind, element_id, details,
    hash, PRIMARY KEY (instance_id, seq)) WITHOUT ROWID""",
)
_NUMBERS: Final = frozenset({"id", "history_count", "instance_id", "seq"})
_BYTES: Final = frozenset({"history_head", "hash"})
_COPY: Final = re.compile(r"COPY (?:\w+\.)?(\w+) \((.+)\) FROM stdin;\n\Z")
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_AT_ONCE: Final = 10_000


@contextmanager
def as_sqlite(pg_restore: str, dump: Path, folder: Path) -> Iterator[Connection]:
    """Open the audit trail of a dump; the file for it stands in `folder` meanwhile.

    Raises:
        NoBackup: pg_restore cannot read the dump.
    """
    path = folder / "chains.sqlite"
    path.unlink(missing_ok=True)
    try:
        _fill(path, pg_restore, dump)
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()
    finally:
        path.unlink(missing_ok=True)


def _fill(path: Path, pg_restore: str, dump: Path) -> None:
    chosen = [f"--table={table}" for table in _TABLES]
    target = sqlite3.connect(path, isolation_level=None)
    running = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL, found on the path
        [pg_restore, "--data-only", "--no-owner", *chosen, "--file=-", str(dump)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        for statement in ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = OFF", *_MADE, "BEGIN"):
            target.execute(statement)
        assert running.stdout is not None
        with TextIOWrapper(running.stdout, encoding="utf-8", newline="\n") as lines:
            for line in lines:
                begun = _COPY.match(line)
                if begun and begun[1] in _TABLES:
                    _load(target, begun[1], [name.strip().strip('"') for name in begun[2].split(",")], lines)
        target.execute("COMMIT")
        said = running.stderr.read().decode("utf-8", "replace") if running.stderr is not None else ""
        if running.wait():
            raise NoBackup(f"Expected a dump of PostgreSQL, but: {' '.join(said.split()) or 'it cannot be read.'}")
    except (sqlite3.Error, ValueError, UnicodeError, OverflowError) as error:
        raise NoBackup("Expected the audit trail in the dump, but it cannot be read.") from error
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()
        if running.stderr is not None:
            running.stderr.close()
        target.close()


def _load(target: sqlite3.Connection, table: str, columns: list[str], lines: Iterator[str]) -> None:
    wanted = _TABLES[table]
    places = [(columns.index(name), name) for name in wanted]
    insert = f"INSERT INTO {table} ({', '.join(wanted)}) VALUES ({', '.join('?' for _ in wanted)})"  # noqa: S608 (ours)

    def rows() -> Iterator[list[object]]:
        for line in lines:
            if line == "\\.\n":
                return
            fields = line[:-1].split("\t")
            yield [_value(name, fields[place]) for place, name in places]

    found = rows()
    while batch := list(islice(found, _AT_ONCE)):
        target.executemany(insert, batch)


def _value(name: str, field: str) -> object:
    if field == "\\N":
        return None
    if name in _NUMBERS:
        return int(field)
    if name in _BYTES:
        return bytes.fromhex(field.removeprefix("\\\\x"))
    if name == "at":
        moment = dt.datetime.fromisoformat(field).astimezone(dt.UTC).replace(tzinfo=None)
        return moment.isoformat(" ", "microseconds")
    return _ESCAPE.sub(_unescaped, field) if "\\" in field else field


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])
