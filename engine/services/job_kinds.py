"""What each kind of internal job does when it is its turn; the job itself is taken in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import bindparam, select

from engine.bpmn.model import Element, EventKind
from engine.bpmn.starts import awaited_by
from engine.execution import correlation, stepper
from engine.execution.closing import close_run
from engine.execution.rows import Columns
from engine.execution.run import Run
from engine.execution.start_events import next_start_timer
from engine.execution.stepper import SpiffProcess, StepFailed
from engine.execution.transaction import Transaction
from engine.services.gathering import Arrival, gather, part_of
from engine.services.starting import find_called, start_run
from engine.states import InstanceState, JobKind
from engine.store import InstanceRow

_I: Final = InstanceRow.__table__.c
_PARENT: Final = select(_I.parent_id, _I.root_id).where(_I.id == bindparam("key"))

Job = Columns


def run_in_instance(tx: Transaction, run: Run, job: Job, payload: Mapping[str, Any]) -> None:
    """Do a job that acts in a locked instance."""
    _IN_INSTANCE[JobKind(job["kind"])](tx, run, job, payload)
    run.save()
    tx.dispatch()


def run_alone(tx: Transaction, job: Job, payload: Mapping[str, Any]) -> None:
    """Do a job that starts an instance."""
    _ALONE[JobKind(job["kind"])](tx, job, payload)
    tx.dispatch()


def _fire_timer(tx: Transaction, run: Run, job: Job, _payload: Mapping[str, Any]) -> None:
    run.record("timer_fired", job["element_id"], _lateness(tx, job))
    wait, part = job["wait_id"], job["part"]
    stepper.advance(run, lambda process: process.fire(wait, part), part=part)


def _continue(_tx: Transaction, run: Run, job: Job, payload: Mapping[str, Any]) -> None:
    if (token := job["wait_id"]) is not None:
        stepper.advance(run, lambda process: process.take_up(token), keep=False, retried=token)
        return
    stepper.advance(run, _nothing, keep=False, steps_before=payload.get("steps", 0))


def _deliver_message(tx: Transaction, run: Run, job: Job, payload: Mapping[str, Any]) -> None:
    number, wait, part = payload["message"], job["wait_id"], job["part"]
    if not correlation.expects(tx, run.id, wait, number):
        return  # whoever took the wait away has sent the message on
    message = correlation.read_message(tx, number)
    variables = stepper.read_variables(message.variables)
    tx.delivering.add(number)
    details = {"name": message.name, "key": message.correlation_key, "message": number, "variables": variables}
    run.record("message_received", job["element_id"], details)
    stepper.advance(run, lambda process: process.fire(wait, part, variables), part=part, submitted=variables)
    correlation.release_subscription(tx, run.id, wait, number)


def _deliver_signal(_tx: Transaction, run: Run, _job: Job, payload: Mapping[str, Any]) -> None:
    variables = dict(payload["variables"])
    waits = [(wait, part) for wait, part, _element in payload["waits"]]
    run.record("signal_received", payload["waits"][0][2], {"name": payload["signal"], "variables": variables})
    stepper.advance(run, lambda process: process.signal(waits, variables), part=waits[0][1], submitted=variables)


def _child_is_done(_tx: Transaction, run: Run, job: Job, payload: Mapping[str, Any]) -> None:
    wait, part = job["wait_id"], job["part"]
    if not stepper.is_waiting(run, wait, part):
        return  # the call was left at the moment when the child told of itself
    variables = dict(payload.get("variables") or {})
    child = {"child": str(payload["child"])}
    if (escalation := payload.get("escalation")) is not None:
        run.record("child_escalated", job["element_id"], {**child, "code": escalation})
        stepper.advance(run, lambda process: process.child_escalated(wait, part, escalation, variables), part=part)
        return
    if (error := payload.get("error")) is not None:
        run.record("child_failed", job["element_id"], {**child, "code": error})
        stepper.advance(run, lambda process: process.throw_error(wait, part, error, "", variables), part=part)
        return
    run.record("child_completed", job["element_id"], child)
    stepper.advance(run, lambda process: process.child_completed(wait, part, variables), part=part)


def _cancel_child(tx: Transaction, run: Run, _job: Job, _payload: Mapping[str, Any]) -> None:
    close_run(tx, run, InstanceState.CANCELLED, "caller_left")


def _start_child(tx: Transaction, job: Job, payload: Mapping[str, Any]) -> None:
    parent, root = job["instance_id"], _root_of(tx, job)
    definition_id = find_called(tx, job["definition_id"], payload)
    start_run(
        tx,
        definition_id,
        dict(payload["variables"]),
        cause={"parent": str(parent), "element": job["element_id"]},
        business_key=payload.get("business_key"),
        parent_id=parent,
        parent_wait_id=job["wait_id"],
        parent_part=job["part"],
        parent_element_id=job["element_id"],
        root_id=root,
    )


def _start_by_timer(tx: Transaction, job: Job, payload: Mapping[str, Any]) -> None:
    next_start_timer(tx, job, payload)
    cause = {"timer": job["element_id"], **_lateness(tx, job)}
    part = None if job["wait_id"] is None else int(job["wait_id"])
    _begin(tx, job, part, Arrival(part or 0, {}, cause))


def _start_by_message(tx: Transaction, job: Job, payload: Mapping[str, Any]) -> None:
    number = payload["message"]
    message = correlation.read_message(tx, number)
    correlation.lock_correlation(tx, [(message.name, message.correlation_key)])
    if correlation.is_running_for(tx, message.name, message.correlation_key):
        correlation.put_back(tx, number)
        return
    part = part_of(_start_of(tx, job), EventKind.MESSAGE, message.name)
    variables = stepper.read_variables(message.variables)
    cause = {"message": message.name, "key": message.correlation_key}
    arrival = Arrival(part or 0, variables, cause, number, message.name, message.correlation_key)
    run = _begin(tx, job, part, arrival, message_name=message.name, message_key=message.correlation_key or None)
    if run is not None:
        correlation.set_receiver(tx, number, run.id)


def _start_by_signal(tx: Transaction, job: Job, payload: Mapping[str, Any]) -> None:
    part = part_of(_start_of(tx, job), EventKind.SIGNAL, payload["signal"])
    arrival = Arrival(part or 0, dict(payload["variables"]), {"signal": payload["signal"]})
    _begin(tx, job, part, arrival)


def _begin(tx: Transaction, job: Job, part: int | None, arrival: Arrival, **columns: Any) -> Run | None:
    """Start a run by one event, or note it where several have to come."""
    if part is not None:
        return gather(tx, job["definition_id"], job["element_id"], len(awaited_by(_start_of(tx, job))), arrival)
    found = {"start_element_id": job["element_id"], "cause": arrival.cause, **columns}
    return start_run(tx, job["definition_id"], arrival.variables, **found)


def _start_of(tx: Transaction, job: Job) -> Element:
    return tx.models.get(tx.connection, job["definition_id"]).process.elements[job["element_id"]]


def _nothing(_process: SpiffProcess) -> None:
    """Going on needs no act."""


def _lateness(tx: Transaction, job: Job) -> dict[str, object]:
    late = tx.now - job["due_at"]
    return {"due_at": job["due_at"], "late": max(dt.timedelta(0), late)}


def _root_of(tx: Transaction, job: Job) -> int:
    """Find the root of the calling tree, and refuse one that is too deep.

    Raises:
        StepFailed: Calls are nested deeper than the engine's limit: a process that calls itself.
    """
    depth, current = 1, tx.connection.execute(_PARENT, {"key": job["instance_id"]}).one()
    root: int = current.root_id
    while current.parent_id is not None:
        depth += 1
        current = tx.connection.execute(_PARENT, {"key": current.parent_id}).one()
    if depth >= tx.config.max_call_depth:
        limit = tx.config.max_call_depth
        raise StepFailed(
            job["element_id"], "call_depth", f"Expected at most {limit} nested calls, but this one is deeper."
        )
    return root


_IN_INSTANCE: Final[Mapping[JobKind, Callable[[Transaction, Run, Job, Mapping[str, Any]], None]]] = {
    JobKind.TIMER: _fire_timer,
    JobKind.CONTINUE: _continue,
    JobKind.MESSAGE: _deliver_message,
    JobKind.SIGNAL: _deliver_signal,
    JobKind.CHILD_DONE: _child_is_done,
    JobKind.CANCEL_CHILD: _cancel_child,
}
_ALONE: Final[Mapping[JobKind, Callable[[Transaction, Job, Mapping[str, Any]], None]]] = {
    JobKind.START_CHILD: _start_child,
    JobKind.TIMER: _start_by_timer,
    JobKind.MESSAGE: _start_by_message,
    JobKind.SIGNAL: _start_by_signal,
}
