"""A process instance locked by this transaction: its row, its audit trail, and the compare-and-swap that saves both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ScalarSelect, bindparam, false, insert, select, update

from engine import codec
from engine.errors import ConcurrentUpdate, InstanceNotActive, InstanceNotFound
from engine.execution.models import Deployed
from engine.execution.rows import Columns
from engine.execution.trail import GENESIS, Line, digest
from engine.execution.transaction import Transaction
from engine.ports import SYSTEM, Actor
from engine.states import InstanceState
from engine.store import HistoryRow, InstanceRow
from engine.store.prepared import Prepared, first_rows

_I: Final = InstanceRow.__table__.c
_BY_ID: Final = select(InstanceRow.__table__).where(_I.id == bindparam("key"))
_SELECT: Final = Prepared(_BY_ID)
# NO KEY UPDATE: rows of other transactions may still point at the instance (a message on its way to it).
_LOCK: Final = Prepared(_BY_ID.with_for_update(key_share=True))
_LOCK_OR_SKIP: Final = Prepared(_BY_ID.with_for_update(key_share=True, skip_locked=True))
_INSERT: Final = Prepared(insert(InstanceRow).returning(_I.id))
_SAVED: Final = ("state", "ended_at", "end_reason", "incidents", "variables", "root_id")
_UPDATE: Final = Prepared(
    update(InstanceRow)
    .where(_I.id == bindparam("key"), _I.lock_version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in (*_SAVED, "lock_version", "history_count", "history_head")})
    .values(anchored=false())
)
_HISTORY: Final = Prepared(insert(HistoryRow))


class Run:
    """One locked instance; every change of it is saved once, with its lines of history."""

    def __init__(self, tx: Transaction, row: Columns) -> None:
        self.tx = tx
        self.id: int = row["id"]
        self.definition_id: int = row["definition_id"]
        self.business_key: str | None = row["business_key"]
        self.state = InstanceState(row["state"])
        self.started_at: dt.datetime = row["started_at"]
        self.started_by: str = row["started_by"]
        self.ended_at: dt.datetime | None = row["ended_at"]
        self.parent_id: int | None = row["parent_id"]
        self.parent_wait_id: str | None = row["parent_wait_id"]
        self.parent_part: str | None = row["parent_part"]
        self.parent_element_id: str | None = row["parent_element_id"]
        self.root_id: int | None = row["root_id"]
        self.message_name: str | None = row["message_name"]
        self.message_key: str | None = row["message_key"]
        self.end_reason: str | None = row["end_reason"]
        self.incidents: int = row["incidents"]
        self.variables: str | None = row["variables"]
        self._lock_version: int = row["lock_version"]
        self._count: int = row["history_count"]
        self._head: bytes = row["history_head"]
        self.head: bytes | None = None  # of its state, where a command has read it with its own row
        self._lines: list[dict[str, object]] = []
        self._deployed: Deployed | None = None

    @property
    def deployed(self) -> Deployed:
        """The version that this instance runs."""
        if self._deployed is None:
            self._deployed = self.tx.models.get(self.tx.connection, self.definition_id)
        return self._deployed

    def ensure_active(self) -> None:
        """Refuse to go on with a run that has ended or is suspended.

        Raises:
            InstanceNotActive: It is not active; the facts say which state it is in.
        """
        if self.state is not InstanceState.ACTIVE:
            raise InstanceNotActive(
                f"Expected a running process instance, but {self.id} is {self.state}.",
                instance_id=str(self.id),
                state=str(self.state),
            )

    def record(
        self,
        kind: str,
        element_id: str | None = None,
        details: Mapping[str, object] | None = None,
        *,
        by: Actor = SYSTEM,
    ) -> None:
        """Add a line of history; it is chained and written by `save`."""
        text = codec.dumps_canonical(details).decode() if details else "{}"
        self._count += 1
        line = Line(self.id, self._count, self.tx.now, by.id, by.capacity, kind, element_id, text)
        self._head = digest(self._head, line)
        self._lines.append(
            {
                "instance_id": line.instance_id,
                "seq": line.seq,
                "at": line.at,
                "actor": line.actor,
                "capacity": line.capacity,
                "kind": kind,
                "element_id": element_id,
                "details": text,
                "hash": self._head,
            }
        )

    def save(self) -> None:
        """Write the row and its new lines of history.

        Raises:
            ConcurrentUpdate: Another command changed the instance since it was read.
        """
        if self._lines:
            _HISTORY.put(self.tx.connection, *self._lines)
            self._lines = []
        values = {
            "key": self.id,
            "seen": self._lock_version,
            "new_lock_version": self._lock_version + 1,
            "new_history_count": self._count,
            "new_history_head": self._head,
        }
        for name in _SAVED:
            values[f"new_{name}"] = getattr(self, name)
        _UPDATE.put(self.tx.connection, values, otherwise=lambda: ConcurrentUpdate(instance_id=str(self.id)))
        self._lock_version += 1


def lock_run(tx: Transaction, instance_id: int) -> Run:
    """Lock an instance until the transaction ends; the same one again is the same object.

    Raises:
        InstanceNotFound: There is none with this id.
    """
    known = tx.runs.get(instance_id)
    if known is not None:
        return known
    row = (_LOCK if tx.locks_rows else _SELECT).row(tx.connection, {"key": instance_id})
    if row is None:
        raise InstanceNotFound(instance_id=str(instance_id))
    return adopt(tx, row)


class RunOf:
    """Finds and locks, in one statement, the instance that a query names."""

    def __init__(self, which: ScalarSelect[int]) -> None:
        found = select(InstanceRow.__table__).where(_I.id == which)
        self._plain = Prepared(found)
        self._locking = Prepared(found.with_for_update(key_share=True))

    def find(
        self, tx: Transaction, beside: Prepared, values: Mapping[str, object]
    ) -> tuple[Run | None, dict[str, Any] | None]:
        """Lock the instance; return it, with what stands beside it and is read under its lock."""
        lock = self._locking if tx.locks_rows else self._plain
        row, work = first_rows(tx.connection, (lock, values), (beside, values))
        if row is None:
            return None, None
        return tx.runs.get(row["id"]) or adopt(tx, row), work


def lock_run_or_skip(tx: Transaction, instance_id: int) -> Run | None:
    """Lock an instance unless another transaction has it: None then."""
    known = tx.runs.get(instance_id)
    if known is not None:
        return known
    statement = _LOCK_OR_SKIP if tx.locks_rows else _SELECT
    row = statement.row(tx.connection, {"key": instance_id})
    return adopt(tx, row) if row is not None else None


def adopt(tx: Transaction, row: Columns) -> Run:
    """Take a row that was read with its lock."""
    run = Run(tx, row)
    tx.runs[run.id] = run
    return run


def insert_run(tx: Transaction, **values: object) -> Run:
    """Make a new instance; `values` are its columns, the rest begins empty."""
    row: dict[str, Any] = {
        "business_key": None,
        "state": str(InstanceState.ACTIVE),
        "started_at": tx.now,
        "ended_at": None,
        "started_by": tx.actor.id,
        "parent_id": None,
        "parent_wait_id": None,
        "parent_part": None,
        "parent_element_id": None,
        "root_id": None,
        "message_name": None,
        "message_key": None,
        "end_reason": None,
        "incidents": 0,
        "lock_version": 0,
        "history_count": 0,
        "history_head": GENESIS,
        "variables": None,
        **values,
    }
    row["id"] = _INSERT.scalar(tx.connection, row)
    if row["root_id"] is None:
        row["root_id"] = row["id"]
    return adopt(tx, row)
