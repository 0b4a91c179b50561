"""PostgreSQL without waiting for every statement: what needs no answer travels with the next that does.

The dialect keeps the order for whoever goes through SQLAlchemy: before any statement, savepoint or commit, what was put
aside is sent. Imported only where PostgreSQL is used: its driver is an extra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from typing_extensions import override

DRIVER: Final = "saanphaen"


@dataclass(frozen=True, slots=True)
class _Waiting:
    sql: str
    parameters: Any
    otherwise: Callable[[], Exception] | None  # raised unless exactly one row was changed


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that sends several statements in one journey."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting: list[_Waiting] = []

    def reads_one_moment(self, wanted: bool) -> None:  # noqa: FBT001 - what the next BEGIN says
        """Let the next transaction see the database as it is at its first question, or at each."""
        level = psycopg.IsolationLevel.REPEATABLE_READ if wanted else None
        if self.isolation_level is not level:
            self.isolation_level = level

    def ask(self, sql: str, parameters: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement whose answer is wanted, after all that was put aside."""
        if not self._waiting and self.pgconn.transaction_status != TransactionStatus.IDLE:
            return self.execute(sql, parameters)
        return self.ask_all([(sql, parameters)])[0]

    def ask_all(self, statements: Iterable[tuple[str, Any]]) -> list[psycopg.Cursor[tuple[Any, ...]]]:
        """Run statements, none of which needs the answer of another, in one journey with all that was put aside."""
        waiting, self._waiting = self._waiting, []
        with self.pipeline():
            cursors = [self.execute(each.sql, each.parameters) for each in waiting]
            asked = [self.execute(sql, parameters) for sql, parameters in statements]
        for cursor, each in zip(cursors, waiting, strict=True):
            if each.otherwise is not None and cursor.rowcount != 1:
                raise each.otherwise()
        return asked

    def later(self, sql: str, parameters: Any, otherwise: Callable[[], Exception] | None = None) -> None:
        """Put a statement aside until the next that is asked for, at the latest until the commit."""
        self._waiting.append(_Waiting(sql, parameters, otherwise))

    def send_waiting(self) -> None:
        """Send what was put aside."""
        if self._waiting:
            self.ask_all(())

    def forget_waiting(self) -> None:
        """Drop what was put aside: its transaction is given up."""
        self._waiting.clear()


class PostgresDialect(PGDialect_psycopg):
    """PostgreSQL whose connections know what waits."""

    supports_statement_cache = True

    @override
    def connect(self, *arguments: Any, **options: Any) -> Any:
        return Connection.connect(*arguments, **options)

    @override
    def do_execute(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        cursor.connection.send_waiting()
        cursor.execute(statement, parameters)

    @override
    def do_executemany(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        cursor.connection.send_waiting()
        cursor.executemany(statement, parameters)

    @override
    def do_execute_no_params(self, cursor: Any, statement: Any, context: Any = None) -> None:
        cursor.connection.send_waiting()
        cursor.execute(statement)

    @override
    def do_commit(self, dbapi_connection: Any) -> None:
        dbapi_connection.send_waiting()
        super().do_commit(dbapi_connection)  # type: ignore[no-untyped-call]

    @override
    def do_rollback(self, dbapi_connection: Any) -> None:
        dbapi_connection.forget_waiting()
        super().do_rollback(dbapi_connection)  # type: ignore[no-untyped-call]


registry.register(f"postgresql.{DRIVER}", __name__, "PostgresDialect")
