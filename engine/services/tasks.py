"""User tasks: claim, release, assign, complete, move the due date; inbox, queue and archive are lists of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import and_, bindparam, select, update

from engine import codec
from engine.errors import (
    ConcurrentUpdate,
    ExpressionError,
    InvalidArgument,
    LimitExceeded,
    StateConflict,
    TaskNotActive,
    TaskNotFound,
)
from engine.events import TaskAssigned, TaskClaimed, TaskCompleted, TaskDueChanged, TaskReleased
from engine.execution import stepper
from engine.execution.candidates import drop_candidates, move_candidates
from engine.execution.facts import run_facts, task_facts
from engine.execution.rows import task_view
from engine.execution.run import Run, RunOf
from engine.execution.stepper import StepFailed
from engine.execution.transaction import Transaction
from engine.services.authority import check_task
from engine.services.commands import Commands
from engine.services.ids import number
from engine.services.task_lists import TaskLists
from engine.states import TASK_TRANSITIONS, TaskState
from engine.store import StatePartRow, TaskRow
from engine.store.prepared import Prepared
from engine.views import Task

_T: Final = TaskRow.__table__.c
_P: Final = StatePartRow.__table__.c
_OWNER: Final = RunOf(select(_T.instance_id).where(_T.id == bindparam("key")).scalar_subquery())
# The task and the head of its instance's state, read together once the instance is locked.
_WORK: Final = Prepared(
    select(TaskRow.__table__, _P.data.label("head"))
    .outerjoin(StatePartRow.__table__, and_(_P.instance_id == _T.instance_id, _P.part == ""))
    .where(_T.id == bindparam("key"))
)
_CHANGED: Final = ("state", "assignee", "claimed_at", "ended_at", "completed_by", "due_at", "priority")
# What was read must still be so: on PostgreSQL the row may have been read before its instance was locked.
_CHANGE: Final = Prepared(
    update(TaskRow)
    .where(
        _T.id == bindparam("key"),
        _T.state == bindparam("seen_state"),
        _T.assignee.is_not_distinct_from(bindparam("seen_assignee")),
    )
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)


class Tasks(TaskLists):
    """Verbs on user tasks."""

    def __init__(self, tx: Transaction, commands: Commands) -> None:
        super().__init__(tx)
        self._commands = commands

    def claim(self, task_id: str) -> Task:
        """Take a task that nobody has.

        Raises:
            TaskNotFound: No task has this id.
            TaskNotActive: The task is already completed or cancelled; the facts say by whom and when.
            TaskAlreadyClaimed: Another person has it.
            NotAuthorized: The actor is no candidate.
        """
        run, row = self._lock(task_id)
        check_task(self._tx, "claim", self._view(run, row))
        if row["assignee"] == self._tx.actor.id:
            return self._view(run, row)
        changed = self._change(row, state=TaskState.ASSIGNED, assignee=self._tx.actor.id, claimed_at=self._tx.now)
        run.record("task_claimed", row["element_id"], {"task": str(row["id"])}, by=self._tx.actor)
        self._tx.emit(TaskClaimed(**run_facts(self._tx, run), **task_facts(changed)))
        return self._saved(run, changed)

    def release(self, task_id: str) -> Task:
        """Give a task back to its candidates.

        Raises:
            TaskNotFound: No task has this id.
            TaskNotActive: The task is already completed or cancelled.
            StateConflict: Nobody has taken it.
            NotAuthorized: The actor does not have it.
        """
        run, row = self._lock(task_id)
        check_task(self._tx, "release", self._view(run, row))
        if row["assignee"] is None:
            raise StateConflict("Expected a task that somebody has taken, but nobody has.", task_id=task_id)
        changed = self._change(row, state=TaskState.CREATED, assignee=None, claimed_at=None)
        details = {"task": str(row["id"]), "assignee": row["assignee"]}
        run.record("task_released", row["element_id"], details, by=self._tx.actor)
        self._tx.emit(TaskReleased(**run_facts(self._tx, run), **task_facts(changed)))
        return self._saved(run, changed)

    def assign(self, task_id: str, assignee: str, *, reason: str = "") -> Task:
        """Give a task to a person, whoever has it now.

        Raises:
            TaskNotFound: No task has this id.
            TaskNotActive: The task is already completed or cancelled.
            NotAuthorized: The actor may not hand it over, or (where the host says so) the other may not do it.
        """
        if not assignee:
            raise InvalidArgument("Expected the person who gets the task, but got nobody; use release.")
        run, row = self._lock(task_id)
        check_task(self._tx, "assign", self._view(run, row), assignee=assignee)
        changed = self._change(row, state=TaskState.ASSIGNED, assignee=assignee, claimed_at=self._tx.now)
        details = {"task": str(row["id"]), "assignee": assignee, "previous": row["assignee"], "reason": reason}
        run.record("task_assigned", row["element_id"], details, by=self._tx.actor)
        facts = run_facts(self._tx, run)
        self._tx.emit(TaskAssigned(**facts, **task_facts(changed), previous_assignee=row["assignee"]))
        return self._saved(run, changed)

    def set_due(self, task_id: str, due_at: dt.datetime | None, *, reason: str = "", order_ref: str = "") -> Task:
        """Move the due moment of a task, for a reason and, where there is one, by an order.

        Raises:
            TaskNotFound: No task has this id.
            TaskNotActive: The task is already completed or cancelled.
            NotAuthorized: The actor may not.
        """
        run, row = self._lock(task_id)
        check_task(self._tx, "set_due", self._view(run, row))
        changed = self._change(row, due_at=due_at)
        details = {"task": str(row["id"]), "due_at": due_at, "previous": row["due_at"], "reason": reason}
        details |= {"order_ref": order_ref} if order_ref else {}
        run.record("task_due_changed", row["element_id"], details, by=self._tx.actor)
        facts = run_facts(self._tx, run)
        self._tx.emit(
            TaskDueChanged(
                **facts,
                **task_facts(changed),
                previous_due_at=row["due_at"],
                reason=reason,
                order_ref=order_ref,
            )
        )
        return self._saved(run, changed)

    def check(self, act: str, task: Task) -> None:
        """Ask the policy whether the actor may do an act of the host's own on a task, such as `save_draft`.

        Raises:
            NotAuthorized: The actor may not.
        """
        check_task(self._tx, act, task)

    def complete(
        self,
        task_id: str,
        variables: Mapping[str, object] | None = None,
        *,
        outcome: str | None = None,
        comment: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Complete a task and run its process to the next wait states.

        When what follows the task fails, the task is completed all the same: the rest becomes an incident.

        Raises:
            TaskNotFound: No task has this id.
            TaskNotActive: The task is already completed or cancelled; the facts say by whom and when.
            NotAuthorized: The actor is neither the assignee nor a candidate.
            InstanceNotActive: The process instance is suspended.
            InvalidVariables: A variable cannot be stored exactly.
            ExpressionError: The run could not be stored with these variables.
            IdempotencyMismatch: The key was used for another command.
        """
        submitted = checked_variables(self._tx, variables)
        arguments = {"task": task_id, "variables": submitted, "outcome": outcome, "comment": comment}
        return self._commands.once(
            Task,
            "complete",
            arguments,
            lambda: self._complete(task_id, submitted, outcome, comment),
            idempotency_key,
        )

    def _complete(self, task_id: str, variables: dict[str, object], outcome: str | None, comment: str | None) -> Task:
        tx = self._tx
        run, row = self._lock(task_id)
        check_task(tx, "complete", self._view(run, row))
        changed = self._change(row, state=TaskState.COMPLETED, ended_at=tx.now, completed_by=tx.actor.id)
        drop_candidates(tx, row)
        details: dict[str, object] = {"task": str(row["id"])}
        details |= {"variables": variables} if variables else {}
        details |= {"outcome": outcome} if outcome is not None else {}
        details |= {"comment": comment} if comment else {}
        run.record("task_completed", row["element_id"], details, by=tx.actor)
        facts = {**run_facts(tx, run), **task_facts(changed)}
        tx.emit(TaskCompleted(**facts, variables=variables, outcome=outcome, comment=comment))
        wait, part = row["wait_id"], row["part"]
        try:
            stepper.advance(
                run,
                lambda process: process.complete(wait, part, variables),
                part=part,
                submitted=variables,
                handled=frozenset({wait}),
            )
        except StepFailed as failure:
            raise ExpressionError(
                f"Expected the task's variables to fit its diagram, but at {failure.element_id!r}: {failure.message}",
                element_id=failure.element_id,
                reason=failure.code,
            ) from failure
        return self._saved(run, changed)

    def _lock(self, task_id: str) -> tuple[Run, dict[str, Any]]:
        key = number(task_id, TaskNotFound)
        tx = self._tx
        run, row = _OWNER.find(tx, _WORK, {"key": key})
        if run is None or row is None:
            raise TaskNotFound(task_id=task_id)
        run.head = row.pop("head")
        if not TASK_TRANSITIONS[TaskState(row["state"])]:
            raise TaskNotActive(
                f"Expected an open task, but it is {row['state']}.",
                task_id=task_id,
                state=row["state"],
                by=row["completed_by"],
                at=row["ended_at"],
            )
        run.ensure_active()
        return run, row

    def _change(self, row: dict[str, Any], **values: object) -> dict[str, Any]:
        changed = {**row, **values}
        if "state" in values:
            changed["state"] = str(values["state"])
        parameters = {f"new_{name}": changed[name] for name in _CHANGED}
        parameters |= {"key": row["id"], "seen_state": row["state"], "seen_assignee": row["assignee"]}
        _CHANGE.put(self._tx.connection, parameters, otherwise=lambda: ConcurrentUpdate(task_id=str(row["id"])))
        if changed["ended_at"] is None:
            move_candidates(self._tx, row, changed)
        return changed

    def _view(self, run: Run, row: Mapping[str, Any]) -> Task:
        return task_view(row, run.deployed.definition)

    def _saved(self, run: Run, row: Mapping[str, Any]) -> Task:
        run.save()
        self._tx.dispatch()
        return self._view(run, row)


def checked_variables(tx: Transaction, variables: Mapping[str, object] | None) -> dict[str, object]:
    """Return variables as they will be stored.

    Raises:
        InvalidVariables: Some cannot be stored exactly.
        LimitExceeded: They are larger than the engine takes.
    """
    if not variables:
        return {}
    codec.check(variables)
    data = codec.dumps(variables)
    if len(data) > tx.config.max_variables_bytes:
        raise LimitExceeded(
            f"Expected at most {tx.config.max_variables_bytes} bytes of variables, but got {len(data)}.", size=len(data)
        )
    stored: dict[str, object] = codec.loads(data)
    return stored
