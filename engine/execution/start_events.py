"""What starts a process by itself: the messages, signals, timers and conditions that its newest version begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from engine.bpmn.model import Element, EventDefinition, EventKind, Expression, Process
from engine.bpmn.starts import awaited_by, entries
from engine.execution.jobs import insert_jobs, job_values
from engine.execution.lent import lent_functions
from engine.execution.rows import Columns
from engine.execution.transaction import Transaction
from engine.feel import FeelError, compile_expression
from engine.spiff.steps import StepFailed
from engine.spiff.timers import Cycle, UnreadableTimer, resolve
from engine.states import JobKind, JobState
from engine.store import DefinitionRow, JobRow, SubscriptionRow
from engine.store.job import OPEN

_J: Final = JobRow.__table__.c
_S: Final = SubscriptionRow.__table__.c
_D: Final = DefinitionRow.__table__.c
_VERSIONS: Final = select(_D.id).where(_D.key == bindparam("process"))
_DROP_SUBSCRIPTIONS: Final = delete(SubscriptionRow).where(
    _S.definition_id.in_(_VERSIONS.scalar_subquery()), _S.instance_id.is_(None)
)
_DROP_TIMERS: Final = (
    update(JobRow)
    .where(_J.definition_id.in_(_VERSIONS.scalar_subquery()), _J.instance_id.is_(None))
    .where((_J.kind == str(JobKind.TIMER)) | _J.held, OPEN)
    .values(state=str(JobState.CANCELLED))
)
_SUBSCRIBE: Final = insert(SubscriptionRow)
_STARTING: Final = frozenset({EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL})


def replace_start_events(tx: Transaction, definition_id: int, process: Process) -> None:
    """Let a new version be started by its events, and its older versions no longer."""
    tx.connection.execute(_DROP_SUBSCRIPTIONS, {"process": process.id})
    tx.connection.execute(_DROP_TIMERS, {"process": process.id})
    for element, event in _start_events(process):
        if event.kind is EventKind.TIMER:
            timer = _first_timer(tx, definition_id, element, event)
            if element.parallel_multiple and len(element.events) > 1:  # which of them it is, for when it fires
                timer["wait_id"] = str(element.events.index(event))
            insert_jobs(tx, [timer])
        else:
            name = event.message.name if event.message is not None else event.name
            row = {
                "kind": str(event.kind),
                "name": element.id if event.kind is EventKind.CONDITIONAL else _name(tx, element, name),
                "correlation_key": None,
                "definition_id": definition_id,
                "instance_id": None,
                "element_id": element.id,
                "wait_id": None,
                "part": None,
                "message_id": None,
                "created_at": tx.now,
            }
            tx.connection.execute(_SUBSCRIBE, row)


def next_start_timer(tx: Transaction, job: Columns, payload: Mapping[str, Any]) -> None:
    """Add the next firing of a repetition, counted from where it began."""
    if "period" not in payload:
        return
    cycle = Cycle(**payload).following(tx.now, tx.config.zone)
    if cycle is not None:
        timer = _timer(tx, job["definition_id"], job["element_id"], cycle)
        insert_jobs(tx, [timer | {"wait_id": job["wait_id"]}])


def _start_events(process: Process) -> Iterator[tuple[Element, EventDefinition]]:
    for element in entries(process):
        for event in awaited_by(element):
            if event.kind in _STARTING:
                yield element, event


def _first_timer(tx: Transaction, definition_id: int, element: Element, event: EventDefinition) -> dict[str, Any]:
    assert event.timer is not None
    value = _value(tx, element, event.timer.value)
    try:
        due = resolve(event.timer, value, tx.now, tx.config.zone)
    except UnreadableTimer as error:
        raise StepFailed(element.id, "timer_error", str(error)) from error
    return _timer(tx, definition_id, element.id, due)


def _timer(tx: Transaction, definition_id: int, element_id: str, due: dt.datetime | Cycle) -> dict[str, Any]:
    due_at, payload = (due.due(tx.config.zone), asdict(due)) if isinstance(due, Cycle) else (due, {})
    return job_values(tx, JobKind.TIMER, due_at, definition_id=definition_id, element_id=element_id, payload=payload)


def _name(tx: Transaction, element: Element, expression: Expression | None) -> str:
    value = _value(tx, element, expression)
    if not isinstance(value, str) or not value:
        raise StepFailed(element.id, "expression_error", f"Expected a name, but got {value!r}.")
    return value


def _value(tx: Transaction, element: Element, expression: Expression | None) -> object:
    if expression is None:
        raise StepFailed(element.id, "expression_error", "Expected a value of the start event, but there is none.")
    if not expression.is_feel:
        return expression.text
    try:
        lent = lent_functions(tx.ports, lambda: tx.session)
        return compile_expression(expression.text).evaluate({}, now=tx.now, zone=tx.config.zone, functions=lent)
    except FeelError as error:
        raise StepFailed(element.id, "expression_error", f"{expression.text!r}: {error}") from error
