"""Who may take an open task, as rows to be searched: written when it opens, dropped when it ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import bindparam, delete, insert

from engine.execution.rows import Columns, read_names
from engine.execution.transaction import Transaction
from engine.store import TaskCandidateRow
from engine.store.prepared import Prepared

_C: Final = TaskCandidateRow.__table__.c
_ADD: Final = Prepared(insert(TaskCandidateRow))
_DROP: Final = Prepared(
    delete(TaskCandidateRow).where(_C.candidate == bindparam("name"), _C.task_id == bindparam("task"))
)


def candidate_names(groups: Iterable[str], users: Iterable[str]) -> list[str]:
    """Return the names under which a task is found."""
    return sorted({f"g:{group}" for group in groups} | {f"u:{user}" for user in users})


def add_candidates(tx: Transaction, task_id: int, names: list[str]) -> None:
    """Let a task be found by its candidates."""
    _ADD.put(tx.connection, *({"candidate": name, "task_id": task_id} for name in names))


def drop_candidates(tx: Transaction, task: Columns) -> None:
    """Let a task that is over be found by nobody."""
    names = candidate_names(read_names(task["candidate_groups"]), read_names(task["candidate_users"]))
    _DROP.put(tx.connection, *({"name": name, "task": task["id"]} for name in names))
