"""What bulk statements need of the two databases: numbers, dice, moments; indexes and checks set aside meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

# Large primes, one a die: the same throw for the same number, and two dice that know nothing of each other.
_DICE: Final = (1_103_515_249, 1_220_703_133, 1_664_525_021, 1_597_334_677, 1_812_433_253, 1_566_083_941, 1_181_783_497)
_FACES: Final = 2_147_483_647
_ROOM_KB: Final = 400_000


class Sql:
    """One connection's way of saying it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_postgresql = connection.dialect.name == "postgresql"

    @staticmethod
    def numbers(count: int) -> str:
        """Return a CTE `numbers(i)` of 0 up to a count."""
        last = count - 1
        return f"WITH RECURSIVE numbers(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {last})"  # noqa: E501, S608

    @staticmethod
    def die(which: int, number: str, faces: str | int) -> str:
        """Return the throw of a die with so many faces, 0 and up, for a number."""
        return f"((({number}) + 1) * {_DICE[which]} % {_FACES} / 7 % ({faces}))"

    def moment(self, seconds: str) -> str:
        """Return a moment of seconds since 1970."""
        if self.is_postgresql:
            return f"to_timestamp({seconds})"
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"

    def iso(self, column: str) -> str:
        """Return a moment's column as ISO 8601 in UTC, for JSON."""
        if self.is_postgresql:
            return f'to_char({column}, \'YYYY-MM-DD"T"HH24:MI:SS"+00:00"\')'
        return f"strftime('%Y-%m-%dT%H:%M:%S+00:00', {column})"

    @property
    def never(self) -> str:
        """The moment that stands for none."""
        return "timestamptz '9999-12-31 00:00:00+00'" if self.is_postgresql else "'9999-12-31 00:00:00.000000'"

    @property
    def no_hash(self) -> str:
        """32 bytes that stand where a hash would."""
        return f"'\\x{'00' * 32}'::bytea" if self.is_postgresql else "zeroblob(32)"

    @property
    def no(self) -> str:
        """The value false."""
        return "false" if self.is_postgresql else "0"

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Set indexes and the checks of foreign keys aside, and make them anew at the end, with fresh statistics."""
        if self.is_postgresql:
            indexes = self.run(
                "SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname"
                " WHERE i.schemaname = current_schema() AND c.oid IS NULL"
            )
            self._check(on=False)
        else:
            self.run(f"PRAGMA cache_size = -{_ROOM_KB}")
            indexes = self.run("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        for name, _made in indexes:
            self.run(f'DROP INDEX "{name}"')
        yield
        for _name, made in indexes:
            self.run(made)
        if self.is_postgresql:
            self._check(on=True)
            self._number_on()
            self.run("ANALYZE")
        else:
            self.run("PRAGMA cache_size = -16384")

    def _check(self, *, on: bool) -> None:
        """Let PostgreSQL check foreign keys or not; who may not say so waits a little longer."""
        try:
            with self._connection.begin_nested():
                self.run(f"SET LOCAL session_replication_role = {'origin' if on else 'replica'}")
        except ProgrammingError:
            return

    def _number_on(self) -> None:
        """Let PostgreSQL count on after the ids that were given."""
        owned = self.run(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND column_name = 'id' AND column_default LIKE 'nextval%'"
        )
        for (table,) in owned:
            self.run(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"  # noqa: S608
            )

    def learn(self, *tables: str) -> None:
        """Let PostgreSQL look at tables that were just written; SQLite needs no figures for these statements."""
        if self.is_postgresql:
            for table in tables:
                self.run(f"ANALYZE {table}")

    def run(self, statement: str) -> list[tuple[str, ...]]:
        """Run a statement as it stands."""
        found = self._connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return [tuple(row) for row in found] if found.returns_rows else []
