"""The product with a fault built in, for showing that the oracle bites: `python -m … MUTANT serve`.

Nothing of this stands in the product: the statements are rewritten on their way to the database.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import Engine

_LOCK: Final = re.compile(r"\s+FOR (NO KEY )?UPDATE( SKIP LOCKED| NOWAIT)?", re.IGNORECASE)
_GUARDS: Final = re.compile(
    r"(bpm_process_instance\.lock_version = \S+|bpm_task\.state = \S+|bpm_task\.assignee IS (NOT DISTINCT FROM )?\S+)"
)
_PAUSE: Final = 0.1  # seconds between two commits, as on a slow disk


def two_transactions() -> None:
    """Commit what becomes of the state before the rows of history and of the instance: two transactions, not one."""

    @event.listens_for(Engine, "before_cursor_execute")
    def split(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("INSERT INTO bpm_history"):
            return
        raw = connection.connection.dbapi_connection
        if isinstance(raw, sqlite3.Connection):
            raw.execute("COMMIT")
            time.sleep(_PAUSE)
            raw.execute("BEGIN IMMEDIATE")
        else:
            raw.commit()
            time.sleep(_PAUSE)


def no_lock() -> None:
    """Read, think, write: no row is locked, no version is compared, the last writer wins."""
    from engine.store.database import SqliteDialect

    @event.listens_for(Engine, "before_cursor_execute", retval=True)
    def unguard(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        raw = connection.connection.dbapi_connection
        if isinstance(raw, sqlite3.Connection) and not raw.in_transaction and not statement.startswith("SELECT"):
            raw.execute("BEGIN IMMEDIATE")  # as the bare driver does it: at the first write, not before the reads
        if statement.startswith("UPDATE"):
            statement = _GUARDS.sub(r"(\1 OR 1 = 1)", statement)
        if statement.startswith("INSERT INTO bpm_history"):
            statement += " ON CONFLICT DO NOTHING"
        return _LOCK.sub("", statement), parameters

    SqliteDialect.do_begin = lambda _self, _connection: None  # type: ignore[method-assign]


MUTANTS: Final[dict[str, Callable[[], None]]] = {"two-transactions": two_transactions, "no-lock": no_lock}


def main() -> None:
    """Build the fault in, then be the command `saanphaen`."""
    from web.cli import main as product

    MUTANTS[sys.argv.pop(1)]()
    product()


if __name__ == "__main__":
    main()
