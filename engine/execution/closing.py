"""Wait states that are over, and whole runs that are: rows are closed, what they caused elsewhere is called off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import and_, bindparam, delete, or_, select, update

from engine.events import InstanceEnded, TaskCancelled
from engine.execution import correlation
from engine.execution.candidates import drop_candidates
from engine.execution.facts import run_facts, task_facts
from engine.execution.incidents import resolve_settled
from engine.execution.jobs import close_jobs, insert_immediate
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.spiff.steps import CloseReason, WaitClosed, WaitKind
from engine.states import InstanceState, JobKind, JobState, TaskState
from engine.store import InstanceRow, JobRow, StatePartRow, SubscriptionRow, TaskRow
from engine.store.job import OPEN as OPEN_JOB
from engine.store.prepared import Prepared
from engine.store.task import OPEN as OPEN_TASK

_T: Final = TaskRow.__table__.c
_J: Final = JobRow.__table__.c
_S: Final = SubscriptionRow.__table__.c
_I: Final = InstanceRow.__table__.c
_P: Final = StatePartRow.__table__.c

_TASKS: Final = select(TaskRow.__table__).where(_T.instance_id == bindparam("run"), OPEN_TASK).order_by(_T.id)
_TASKS_OF_WAITS: Final = _TASKS.where(_T.wait_id.in_(bindparam("waits", expanding=True)))
_CANCEL_TASKS: Final = (
    update(TaskRow)
    .where(_T.id.in_(bindparam("tasks", expanding=True)))
    .values(state=str(TaskState.CANCELLED), ended_at=bindparam("at"))
)
_RUNNING_CHILD: Final = and_(
    _I.parent_id == bindparam("run"), or_(_I.state == InstanceState.ACTIVE, _I.state == InstanceState.SUSPENDED)
)
_CHILDREN: Final = select(_I.id, _I.definition_id).where(_RUNNING_CHILD)
_CHILDREN_OF_WAITS: Final = _CHILDREN.where(_I.parent_wait_id.in_(bindparam("waits", expanding=True)))
# A job that cancels this very run is done by the transaction that ends it.
_CANCEL_ALL_JOBS: Final = (
    update(JobRow)
    .where(_J.instance_id == bindparam("run"), OPEN_JOB)
    .values(state=str(JobState.CANCELLED), lock_owner=None, lock_until=None)
)
_ALL_SUBSCRIBED: Final = select(_S.wait_id).where(_S.instance_id == bindparam("run"))
_DROP_STATE: Final = Prepared(delete(StatePartRow).where(_P.instance_id == bindparam("run")))
# Most runs end with nothing left: one look instead of four.
_LEFT: Final = Prepared(
    select(
        select(_T.id).where(_T.instance_id == bindparam("run"), OPEN_TASK).exists().label("tasks"),
        select(_S.id).where(_S.instance_id == bindparam("run")).exists().label("subscriptions"),
        select(_J.id).where(_J.instance_id == bindparam("run"), OPEN_JOB).exists().label("jobs"),
        select(_I.id).where(_RUNNING_CHILD).exists().label("children"),
    )
)


def close_waits(tx: Transaction, run: Run, closed: Iterable[WaitClosed], *, handled: frozenset[str]) -> None:
    """Close the rows of waits that are over; those of `handled` waits were closed by the command itself."""
    by_kind: dict[WaitKind, list[WaitClosed]] = {}
    for effect in closed:
        by_kind.setdefault(effect.kind, []).append(effect)
    for kind, effects in by_kind.items():
        waits = [effect.wait_id for effect in effects]
        if kind is WaitKind.CONDITION:
            continue
        if kind is WaitKind.USER_TASK:
            _cancel_tasks_of(tx, run, [wait for wait in waits if wait not in handled])
        elif kind is WaitKind.CHILD:
            _close_children(tx, run, effects)
        elif kind in (WaitKind.MESSAGE, WaitKind.SIGNAL):
            # In this order: who is just handing a message over has committed by the end of the first, and is seen.
            correlation.unsubscribe(tx, run.id, waits)
            close_jobs(tx, run.id, waits, JobState.CANCELLED)
        else:
            for reason, state in ((CloseReason.COMPLETED, JobState.DONE), (CloseReason.CANCELLED, JobState.CANCELLED)):
                close_jobs(tx, run.id, [effect.wait_id for effect in effects if effect.reason is reason], state)


def close_run(tx: Transaction, run: Run, state: InstanceState, reason: str | None) -> None:
    """End an instance: nothing of it waits any more, its state goes, its history stays."""
    left = _LEFT.row(tx.connection, {"run": run.id}) or {}
    if left["tasks"]:
        _cancel_tasks(tx, run, tx.connection.execute(_TASKS, {"run": run.id}).mappings().all())
    if left["subscriptions"]:
        waits = list(tx.connection.execute(_ALL_SUBSCRIBED, {"run": run.id}).scalars())
        correlation.unsubscribe(tx, run.id, waits)
    if left["subscriptions"] or left["jobs"]:
        tx.connection.execute(_CANCEL_ALL_JOBS, {"run": run.id})  # after it, as in `close_waits`
    if any(left.values()):  # looked up anew: a job that was just starting a child has committed by now
        for child in tx.connection.execute(_CHILDREN, {"run": run.id}).all():
            insert_immediate(tx, JobKind.CANCEL_CHILD, instance_id=child.id, definition_id=child.definition_id)
    _DROP_STATE.put(tx.connection, {"run": run.id})
    run.state = state
    run.ended_at = tx.now
    run.end_reason = reason
    resolve_settled(tx, run)
    run.record(f"instance_{state}", None, {"reason": reason} if reason else None, by=tx.actor)
    tx.emit(InstanceEnded(**run_facts(tx, run), state=str(state), reason=reason))
    if run.message_name is not None and run.message_key:
        correlation.start_next_by_message(tx, run.message_name, run.message_key, besides=run.id)


def _cancel_tasks_of(tx: Transaction, run: Run, waits: list[str]) -> None:
    if waits:
        rows = tx.connection.execute(_TASKS_OF_WAITS, {"run": run.id, "waits": waits}).mappings().all()
        _cancel_tasks(tx, run, rows)


def _cancel_tasks(tx: Transaction, run: Run, rows: Iterable[object]) -> None:
    tasks = [dict(row) for row in rows]  # type: ignore[call-overload]
    if not tasks:
        return
    ids = [row["id"] for row in tasks]
    tx.connection.execute(_CANCEL_TASKS, {"tasks": ids, "at": tx.now})
    for row in tasks:
        drop_candidates(tx, row)
        run.record("task_cancelled", row["element_id"], {"task": str(row["id"])})
        tx.emit(TaskCancelled(**run_facts(tx, run), **task_facts(row)))


def _close_children(tx: Transaction, run: Run, effects: list[WaitClosed]) -> None:
    close_jobs(tx, run.id, [effect.wait_id for effect in effects], JobState.CANCELLED)
    left = [effect.wait_id for effect in effects if effect.reason is CloseReason.CANCELLED]
    if not left:
        return
    # After the jobs: one that is just starting a child has committed by now, and its child is seen here.
    for child in tx.connection.execute(_CHILDREN_OF_WAITS, {"run": run.id, "waits": left}).all():
        insert_immediate(tx, JobKind.CANCEL_CHILD, instance_id=child.id, definition_id=child.definition_id)
