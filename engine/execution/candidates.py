"""Who may take an open task, as rows to be searched: written when it opens, moved with it, dropped when it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert

from engine.execution.rows import Columns, read_names
from engine.execution.transaction import Transaction
from engine.store import TaskCandidateRow
from engine.store.prepared import Prepared
from engine.store.task import ANYBODY, NEVER, NOBODY

_C: Final = TaskCandidateRow.__table__.c
_ADD: Final = Prepared(insert(TaskCandidateRow))
_DROP: Final = Prepared(
    delete(TaskCandidateRow).where(
        _C.candidate == bindparam("candidate"),
        _C.assignee == bindparam("assignee"),
        _C.due_at == bindparam("due_at"),
        _C.task_id == bindparam("task_id"),
    )
)


def candidate_names(groups: Iterable[str], users: Iterable[str]) -> list[str]:
    """Return the names under which a task is found."""
    return sorted({f"g:{group}" for group in groups} | {f"u:{user}" for user in users}) or [ANYBODY]


def add_candidates(tx: Transaction, task: Columns) -> None:
    """Let a task be found by its candidates."""
    _ADD.put(tx.connection, *_rows(task))


def move_candidates(tx: Transaction, task: Columns, changed: Columns) -> None:
    """Let a task be found where it belongs now that somebody else has it, or its due moment is another."""
    if _place(task) != _place(changed):
        drop_candidates(tx, task)
        add_candidates(tx, changed)


def drop_candidates(tx: Transaction, task: Columns) -> None:
    """Let a task that is over be found by nobody; it is given as it was when it was open."""
    _DROP.put(tx.connection, *_rows(task))


def _rows(task: Columns) -> Iterator[dict[str, Any]]:
    assignee, due_at = _place(task)
    for name in candidate_names(read_names(task["candidate_groups"]), read_names(task["candidate_users"])):
        yield {"candidate": name, "assignee": assignee, "due_at": due_at, "task_id": task["id"]}


def _place(task: Columns) -> tuple[str, dt.datetime]:
    return task["assignee"] or NOBODY, task["due_at"] or NEVER
