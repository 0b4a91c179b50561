"""New wait states as rows: tasks with their candidates, timers, external work, subscriptions, children to start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import insert

from engine.events import TaskCreated
from engine.execution import correlation
from engine.execution.candidates import add_candidates
from engine.execution.facts import run_facts, task_facts
from engine.execution.jobs import insert_immediate, insert_jobs, job_values
from engine.execution.rows import write_names
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.spiff.steps import Wait, WaitKind
from engine.states import JobKind, TaskState
from engine.store import TaskRow
from engine.store.prepared import Prepared

_INSERT_TASK: Final = Prepared(insert(TaskRow).returning(TaskRow.__table__.c.id))
_DEFAULT_PRIORITY: Final = 50

DueMoments = Mapping[str, tuple[dt.datetime | None, dt.datetime | None]]


def open_waits(tx: Transaction, run: Run, waits: Iterable[Wait], due: DueMoments) -> None:
    """Write the rows of new waits; `due` holds due and follow-up moments of tasks by wait."""
    later: list[dict[str, Any]] = []
    subscriptions: list[dict[str, Any]] = []
    for wait in waits:
        if wait.kind is WaitKind.USER_TASK:
            _open_task(tx, run, wait, *due.get(wait.id, (None, None)))
        elif wait.kind is WaitKind.JOB:
            later.append(_external_job(tx, run, wait))
        elif wait.kind is WaitKind.TIMER:
            assert wait.due_at is not None
            later.append(job_values(tx, JobKind.TIMER, wait.due_at, **_of(run, wait)))
        elif wait.kind is WaitKind.CHILD:
            _start_child(tx, run, wait)
        elif wait.kind is not WaitKind.CONDITION:  # which only changes of its own variables end
            subscriptions.append(_subscription(run, wait))
    insert_jobs(tx, later)
    correlation.subscribe(tx, subscriptions)


def correlation_pair(wait: Wait) -> tuple[str, str] | None:
    """Return name and key of a wait for a message."""
    if wait.kind is not WaitKind.MESSAGE:
        return None
    return wait.message_name or "", wait.correlation_key or ""


def _open_task(
    tx: Transaction, run: Run, wait: Wait, due_at: dt.datetime | None, follow_up_at: dt.datetime | None
) -> None:
    row: dict[str, Any] = {
        "instance_id": run.id,
        "definition_id": run.definition_id,
        "business_key": run.business_key,
        "wait_id": wait.id,
        "part": wait.part,
        "element_id": wait.element_id,
        "name": wait.name or wait.element_id,
        "state": str(TaskState.ASSIGNED if wait.assignee else TaskState.CREATED),
        "assignee": wait.assignee or None,
        "candidate_groups": write_names(wait.candidate_groups),
        "candidate_users": write_names(wait.candidate_users),
        "form_id": wait.form_id,
        "due_at": due_at,
        "follow_up_at": follow_up_at,
        "priority": _DEFAULT_PRIORITY if wait.priority is None else wait.priority,
        "created_at": tx.now,
        "claimed_at": None,
        "ended_at": None,
        "completed_by": None,
    }
    row["id"] = _INSERT_TASK.scalar(tx.connection, row)
    add_candidates(tx, row)
    details: dict[str, object] = {"task": str(row["id"])}
    if due_at is not None:
        details["due_at"] = due_at
    if wait.assignee:
        details["assignee"] = wait.assignee
    run.record("task_created", wait.element_id, details)
    tx.emit(TaskCreated(**run_facts(tx, run), **task_facts(row), due_date=wait.due_date))


def _external_job(tx: Transaction, run: Run, wait: Wait) -> dict[str, Any]:
    payload = {"variables": wait.variables, "headers": dict(wait.headers)}
    values = job_values(tx, JobKind.EXTERNAL, tx.now, **_of(run, wait), type=wait.type, payload=payload)
    if wait.retries is not None:
        values["retries"] = max(1, wait.retries)
    return values


def _subscription(run: Run, wait: Wait) -> dict[str, Any]:
    pair = correlation_pair(wait)
    return {
        **_of(run, wait),
        "kind": str(wait.kind),
        "name": wait.message_name or "",
        "correlation_key": pair[1] if pair else None,
    }


def _start_child(tx: Transaction, run: Run, wait: Wait) -> None:
    # The caller may name its child by an input mapping to `business_key`; else the child bears the caller's name.
    named = wait.variables.get("business_key")
    insert_immediate(
        tx,
        JobKind.START_CHILD,
        **_of(run, wait),
        payload={
            "process_id": wait.process_id,
            "binding": wait.binding,
            "version_tag": wait.version_tag,
            "version": wait.version,
            "variables": wait.variables,
            "business_key": named if isinstance(named, str) else run.business_key,
        },
    )


def _of(run: Run, wait: Wait) -> dict[str, Any]:
    return {
        "definition_id": run.definition_id,
        "instance_id": run.id,
        "element_id": wait.element_id,
        "wait_id": wait.id,
        "part": wait.part,
    }
