"""Reading user tasks: one by id, lists by filter with keyset pages, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select

from engine.errors import InvalidArgument, TaskNotFound
from engine.execution.rows import task_view
from engine.execution.stepper import visible_variables
from engine.execution.transaction import Transaction
from engine.ports import Actor
from engine.services.ids import number
from engine.services.pages import bounded
from engine.states import InstanceState, TaskState
from engine.store import DefinitionRow, InstanceRow, TaskCandidateRow, TaskRow
from engine.store.prepared import Prepared
from engine.store.task import OPEN
from engine.views import Task

_T: Final = TaskRow.__table__.c
_C: Final = TaskCandidateRow.__table__.c
_D: Final = DefinitionRow.__table__.c
_I: Final = InstanceRow.__table__.c
_RUNS: Final = _I.state.in_([InstanceState.ACTIVE, InstanceState.SUSPENDED])
_FIND: Final = Prepared(select(TaskRow.__table__).where(_T.id == bindparam("key")))
_OPEN_IN: Final = Prepared(
    select(TaskRow.__table__)
    .where(_T.instance_id == bindparam("instance"), OPEN)
    .order_by(_T.id)
    .limit(bindparam("most", type_=Integer))
)
_CANDIDATES_OF: Final = 500  # groups in one question; more is a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks; everything given must hold. `candidate_groups` and `candidate_user` together mean either."""

    instance_id: str | None = None
    root_id: str | None = None
    business_key: str | None = None
    process_id: str | None = None
    definition_id: int | None = None
    element_id: str | None = None
    assignee: str | None = None
    unassigned: bool = False
    candidate_groups: Iterable[str] | None = None
    candidate_user: str | None = None
    actor: Actor | None = None  # what this person has, or may take
    completed_by: str | None = None
    state: TaskState | str | None = None  # None: open ones (created or assigned)
    due_before: dt.datetime | None = None
    due_from: dt.datetime | None = None
    without_due: bool = False
    name_contains: str | None = None


class TaskLists:
    """Reads of user tasks."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def get(self, task_id: str) -> Task:
        """Return a task with the variables that its scope sees.

        Raises:
            TaskNotFound: No task has this id.
        """
        row = self._row(task_id)
        try:
            variables = self._variables(row)
        except (
            LookupError
        ):  # where this transaction may write: another one has finished the task since its row was read
            row = self._row(task_id)
            variables = self._variables(row)
        definition = self._tx.models.get(self._tx.connection, row["definition_id"]).definition
        return task_view(row, definition, variables)

    def _row(self, task_id: str) -> dict[str, Any]:
        row = _FIND.row(self._tx.connection, {"key": number(task_id, TaskNotFound)})
        if row is None:
            raise TaskNotFound(task_id=task_id)
        return row

    def _variables(self, row: Mapping[str, Any]) -> dict[str, object]:
        if row["state"] not in (TaskState.CREATED, TaskState.ASSIGNED):
            return {}
        return visible_variables(self._tx, row["instance_id"], row["wait_id"], row["part"])

    def open_in(self, instance_id: str, *, limit: int) -> list[Task]:
        """Return the open tasks of an instance, the oldest first; asked after every completion, so made once."""
        asked = {"instance": number(instance_id, TaskNotFound), "most": bounded(self._tx, limit)}
        get = self._tx.models.get
        rows = _OPEN_IN.rows(self._tx.connection, asked)
        return [task_view(row, get(self._tx.connection, row["definition_id"]).definition) for row in rows]

    def find(
        self,
        wanted: TaskFilter,
        *,
        order: str = "created",
        limit: int = 100,
        after: str | Task | None = None,
    ) -> list[Task]:
        """List tasks, a page at a time.

        Args:
            wanted: Which ones.
            order: `created` (oldest first), `due` (most urgent first, without due date last) or `ended` (newest first).
            limit: Length of the page.
            after: The last task (or its id) of the page before.
        """
        statement = _ordered(select(TaskRow.__table__).where(*self._where(wanted)), order)
        if after is not None:
            statement = statement.where(self._beyond(after, order))
        rows = self._tx.connection.execute(statement.limit(bounded(self._tx, limit))).mappings().all()
        get = self._tx.models.get
        return [task_view(row, get(self._tx.connection, row["definition_id"]).definition) for row in rows]

    def count(self, wanted: TaskFilter) -> int:
        """Count tasks."""
        statement = select(func.count()).select_from(TaskRow.__table__).where(*self._where(wanted))
        return self._tx.connection.execute(statement).scalar_one()

    def count_by_element(self, definition_id: int) -> dict[str, int]:
        """Count the open tasks of a version by element, for its diagram."""
        statement = (
            select(_T.element_id, func.count())
            .where(_T.instance_id.in_(select(_I.id).where(_I.definition_id == definition_id, _RUNS)), OPEN)
            .group_by(_T.element_id)
        )
        return {element: count for element, count in self._tx.connection.execute(statement)}  # noqa: C416 (rows are no pairs to mypy)

    def groups_of(self, actor: Actor) -> frozenset[str]:
        """Return the candidate groups of an actor: its own and, where the host tells, the identity provider's."""
        identity = self._tx.ports.identity
        told = identity.groups_of(self._tx.session, actor, self._tx.now) if identity else frozenset()
        return actor.groups | told

    def _where(self, wanted: TaskFilter) -> Sequence[ColumnElement[bool]]:
        found = _by_state(wanted)
        if wanted.instance_id is not None:
            found.append(_T.instance_id == number(wanted.instance_id, TaskNotFound))
        if wanted.root_id is not None:
            found.append(_T.instance_id.in_(_instances_of(number(wanted.root_id, TaskNotFound))))
        for column, value in (
            (_T.definition_id, wanted.definition_id),
            (_T.element_id, wanted.element_id),
            (_T.assignee, wanted.assignee),
            (_T.completed_by, wanted.completed_by),
        ):
            if value is not None:
                found.append(column == value)
        if wanted.business_key is not None:
            found.append(_T.instance_id.in_(select(_I.id).where(_I.business_key == wanted.business_key)))
        if wanted.process_id is not None:
            found.append(_T.definition_id.in_(select(_D.id).where(_D.key == wanted.process_id)))
        found += _by_due(wanted)
        names = _candidates(wanted)
        if names is not None:
            found.append(_T.id.in_(select(_C.task_id).where(_C.candidate.in_(names))))
        if wanted.actor is not None:
            found.append(self._of_actor(wanted.actor))
        if wanted.name_contains:
            found.append(_T.name.contains(wanted.name_contains, autoescape=True))
        return found

    def _of_actor(self, actor: Actor) -> ColumnElement[bool]:
        names = [f"g:{group}" for group in sorted(self.groups_of(actor))] + [f"u:{actor.id}"]
        candidate = _T.id.in_(select(_C.task_id).where(_C.candidate.in_(names)))
        for_anybody = and_(_T.candidate_groups.is_(None), _T.candidate_users.is_(None))
        return or_(_T.assignee == actor.id, and_(_T.assignee.is_(None), or_(candidate, for_anybody)))

    def _beyond(self, after: str | Task, order: str) -> ColumnElement[bool]:
        key = after.id if isinstance(after, Task) else after
        row = _FIND.row(self._tx.connection, {"key": number(key, TaskNotFound)})
        if row is None:
            raise TaskNotFound(task_id=key)
        if order == "created":
            return _T.id > number(key, TaskNotFound)
        if order == "ended":
            at = row["ended_at"]
            return or_(_T.ended_at < at, and_(_T.ended_at == at, _T.id < row["id"]))
        due = row["due_at"]
        if due is None:
            return and_(_T.due_at.is_(None), _T.id > row["id"])
        later = and_(_T.due_at == due, _T.id > row["id"])
        return or_(_T.due_at > due, later, _T.due_at.is_(None))


def _ordered(statement: Select[Any], order: str) -> Select[Any]:
    if order == "created":
        return statement.order_by(_T.id)
    if order == "due":
        return statement.order_by(_T.due_at.is_(None), _T.due_at, _T.id)
    if order == "ended":
        return statement.order_by(_T.ended_at.desc(), _T.id.desc())
    raise InvalidArgument(f"Expected the order created, due or ended, but got {order!r}.")


def _by_state(wanted: TaskFilter) -> list[Any]:
    if wanted.state is None:
        return [OPEN if wanted.completed_by is None else _T.state == str(TaskState.COMPLETED)]
    state = TaskState(wanted.state)
    # The words of the partial indexes come first, or they would not serve.
    return (
        [OPEN, _T.state == str(state)] if state in (TaskState.CREATED, TaskState.ASSIGNED) else [_T.state == str(state)]
    )


def _by_due(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.unassigned:
        found.append(_T.assignee.is_(None))
    if wanted.due_before is not None:
        found.append(_T.due_at < wanted.due_before)
    if wanted.due_from is not None:
        found.append(_T.due_at >= wanted.due_from)
    if wanted.without_due:
        found.append(_T.due_at.is_(None))
    return found


def _candidates(wanted: TaskFilter) -> list[str] | None:
    if wanted.candidate_groups is None and wanted.candidate_user is None:
        return None
    names = [f"g:{group}" for group in sorted(set(wanted.candidate_groups or ()))]
    if wanted.candidate_user is not None:
        names.append(f"u:{wanted.candidate_user}")
    if len(names) > _CANDIDATES_OF:
        raise InvalidArgument(
            f"Expected at most {_CANDIDATES_OF} candidate groups in one question, but got {len(names)}."
        )
    return names


def _instances_of(root: int) -> Select[tuple[int]]:
    return select(_I.id).where(_I.root_id == root)
