"""Takes a person's name out of what the engine keeps, the audit trail too, so that every chain still proves itself.

A line of history from which something is taken keeps its hash, so that the chain hangs together as before. What it
reads now is attested by a later line of the same chain, `values_erased`, under the name and the reason of who took it
out: verification accepts exactly that text and no other. Whoever still has the old text (a backup, a copy) can prove it
by the old hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Table, bindparam, func, literal, or_, select, update

from engine.execution.run import lock_run
from engine.execution.trail import GENESIS, Line, digest
from engine.execution.transaction import Transaction
from engine.services.authority import check
from engine.services.chains import ERASED
from engine.store import Base, HistoryRow

_H: Final = HistoryRow.__table__.c
_LINES_AT_ONCE: Final = 500
_JSON: Final = {
    "bpm_process_instance": ("variables",),
    "bpm_state_part": ("data",),
    "bpm_job": ("payload",),
    "bpm_message": ("variables",),
    "bpm_outbox": ("payload",),
    "bpm_command": ("answer",),
}
_TEXT: Final = {
    "bpm_process_instance": ("end_reason",),
    "bpm_job": ("error",),
    "bpm_incident": ("message",),
    "bpm_deployment": ("note",),
    "bpm_process_definition": ("note",),
}
Progress = Callable[[int, int], None]
"""Told how many chains of how many are done."""


@dataclass(frozen=True, slots=True)
class Found:
    """In how many rows of a table something stands."""

    table: str
    rows: int


class Erasure:
    """Finds and takes out a text wherever people may have typed it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def find(self, text: str) -> list[Found]:
        """Count the rows in which a text stands, the lines of history first; tables without any are left out."""
        counted = [("bpm_history", self._count(_table("bpm_history"), ("details",), _as_json(text)))]
        for name, columns in _JSON.items():
            counted.append((name, self._count(_table(name), columns, _as_json(text))))
        for name, columns in _TEXT.items():
            counted.append((name, self._count(_table(name), columns, text)))
        return [Found(name, rows) for name, rows in counted if rows]

    def erase(self, text: str, instead: str, *, reason: str, progress: Progress | None = None) -> int:
        """Put another text in the place of one, everywhere; returns how many lines of history it stood in.

        Raises:
            NotAuthorized: The actor may not.
            ValueError: The text is so short that it would be found in the middle of others.
        """
        check(self._tx, "erase")
        if len(text.strip()) < SHORTEST:
            raise ValueError(f"Expected at least {SHORTEST} signs to take out, but got {len(text.strip())}.")
        lines = self._erase_history(text, instead, reason, progress)
        for name, columns in _JSON.items():
            self._replace(_table(name), columns, _as_json(text), _as_json(instead))
        for name, columns in _TEXT.items():
            self._replace(_table(name), columns, text, instead)
        return lines

    def _erase_history(self, text: str, instead: str, reason: str, progress: Progress | None) -> int:
        chains = self._tx.connection.scalars(
            select(_H.instance_id)
            .where(self._stands_in(_H.details, _as_json(text)))
            .distinct()
            .order_by(_H.instance_id)
        ).all()
        total = 0
        for done, instance_id in enumerate(chains, 1):
            total += self._erase_chain(instance_id, text, instead, reason)
            if progress is not None:
                progress(done, len(chains))
        return total

    def _erase_chain(self, instance_id: int, text: str, instead: str, reason: str) -> int:
        run = lock_run(self._tx, instance_id)
        previous = func.lag(_H.hash).over(order_by=_H.seq).label("previous")
        lines = select(HistoryRow.__table__, previous).where(_H.instance_id == instance_id).subquery()
        which = select(lines).where(self._stands_in(lines.c.details, _as_json(text))).order_by(lines.c.seq)
        changed: dict[int, str] = {}
        for rows in _batches(self._tx.connection.execute(which).all()):
            attested = {}
            for row in rows:
                details = _dumps(_replaced(orjson.loads(row.details), text, instead))
                line = Line(instance_id, row.seq, row.at, row.actor, row.capacity, row.kind, row.element_id, details)
                attested[str(row.seq)] = digest(bytes(row.previous or GENESIS), line).hex()
                changed[row.seq] = details
            run.record(ERASED, None, {"lines": attested, "reason": reason}, by=self._tx.actor)
        run.save()
        change = (
            update(HistoryRow)
            .where(_H.instance_id == bindparam("run"), _H.seq == bindparam("line"))
            .values(details=bindparam("now"))
        )
        for seq, details in changed.items():
            self._tx.connection.execute(change, {"run": instance_id, "line": seq, "now": details})
        return len(changed)

    def _count(self, table: Table, columns: Iterable[str], text: str) -> int:
        found = or_(*(self._stands_in(table.c[column], text) for column in columns))
        statement = select(func.count()).select_from(table).where(found)
        return int(self._tx.connection.execute(statement).scalar_one())

    def _replace(self, table: Table, columns: Iterable[str], text: str, instead: str) -> None:
        for name in columns:
            column = table.c[name]
            if name == "data":
                self._replace_bytes(table, text.encode(), instead.encode())
                continue
            changed = (
                update(table).where(self._stands_in(column, text)).values({name: func.replace(column, text, instead)})
            )
            self._tx.connection.execute(changed)

    def _replace_bytes(self, table: Table, text: bytes, instead: bytes) -> None:
        """Replace in the state of runs, each under its lock: who works on one now would write the old state back."""
        runs = select(table.c.instance_id).where(self._stands_in(table.c.data, text)).distinct()
        for run in self._tx.connection.scalars(runs.order_by(table.c.instance_id)).all():
            lock_run(self._tx, run)
        keys = list(table.primary_key.columns)
        found = select(*keys, table.c.data).where(self._stands_in(table.c.data, text))
        for *key, data in self._tx.connection.execute(found).all():
            same = [column == value for column, value in zip(keys, key, strict=True)]
            changed = update(table).where(*same).values(data=bytes(data).replace(text, instead))
            self._tx.connection.execute(changed)

    def _stands_in(self, column: ColumnElement[Any], text: str | bytes) -> ColumnElement[bool]:
        if self._tx.connection.dialect.name == "sqlite":
            return func.instr(column, text) > 0
        if isinstance(text, bytes) or column.name == "data":
            sought = text if isinstance(text, bytes) else text.encode()
            return func.position(literal(sought).op("IN")(column)) > 0
        return func.strpos(column, text) > 0


SHORTEST: Final = 4
"""Signs of the shortest text that may be taken out."""


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _as_json(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]


def _dumps(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _replaced(value: Any, text: str, instead: str) -> Any:
    if isinstance(value, str):
        return value.replace(text, instead)
    if isinstance(value, list):
        return [_replaced(each, text, instead) for each in value]
    if isinstance(value, dict):
        return {_replaced(key, text, instead): _replaced(each, text, instead) for key, each in value.items()}
    return value


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), _LINES_AT_ONCE):
        yield rows[start : start + _LINES_AT_ONCE]
