"""Follows the engine's events and keeps the path of each plan: one row a task, in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

import engine
from workflows.plans.cycles import due_row, find_cycle
from workflows.plans.documents import find_document
from workflows.plans.models import Consultation, Cycle, Document, Step
from workflows.plans.states import StepState

CYCLE_DUE = "cycle:"
"""Start of a due date that is a step of the cycle's calendar, as the diagrams write it."""

WorkingDays = Callable[[Session, dt.datetime, dt.datetime, str], int]
"""Counts the working days of a unit after the day of one moment up to that of a later one; 0 when it is not later."""

StageOf = Callable[[str, str], str]
"""Names the stage of an element: process key, element id."""


@dataclass(frozen=True, slots=True)
class _Place:
    cycle: Cycle
    document: Document | None


class Progress:
    """A listener of the engine: opens, moves and closes the steps of plans."""

    def __init__(self, *, working_days: WorkingDays, stage_of: StageOf) -> None:
        self._working_days = working_days
        self._stage_of = stage_of

    def __call__(self, session: Session, event: object, now: dt.datetime) -> None:
        """Handle one event."""
        if isinstance(event, engine.events.TaskCreated):
            self._open(session, event, now)
        elif isinstance(event, engine.events.TaskCompleted):
            self._done(session, event, now)
        elif isinstance(event, engine.events.TaskCancelled):
            step = _step_of(session, event.task_id)
            if step is not None:
                step.state = StepState.CANCELLED
                step.done_at = now
        elif isinstance(event, engine.events.TaskDueChanged):
            step = _step_of(session, event.task_id)
            if step is not None:
                step.due = event.due_at

    def _open(self, session: Session, event: engine.events.TaskCreated, now: dt.datetime) -> None:
        place = place_of(session, event.instance_id, event.business_key)
        if place is None:
            return
        raw = event.due_date if isinstance(event.due_date, str) else ""
        due_step = raw.removeprefix(CYCLE_DUE) if raw.startswith(CYCLE_DUE) else ""
        unit = place.document.unit if place.document is not None else ""
        row = due_row(session, place.cycle, due_step, unit) if due_step else None
        session.add(
            Step(
                cycle_id=place.cycle.id,
                document_id=place.document.id if place.document is not None else None,
                process_id=event.process_id,
                element_id=event.element_id,
                stage=self._stage_of(event.process_id, event.element_id),
                task_id=event.task_id,
                name=event.name,
                groups=",".join(event.candidate_groups),
                due_step=due_step,
                state=StepState.OPEN,
                opened_at=now,
                original_due=row.original_due if row is not None else event.due_at,
                due=event.due_at,
            )
        )
        session.flush()

    def _done(self, session: Session, event: engine.events.TaskCompleted, now: dt.datetime) -> None:
        step = _step_of(session, event.task_id)
        if step is None:
            return
        step.state = StepState.DONE
        step.done_at = now
        step.actor = event.actor
        step.capacity = event.capacity
        step.outcome = event.outcome
        unit = step.groups.partition(",")[0].rpartition("@")[2]
        step.working_days_late = self._working_days(session, step.due, now, unit) if step.due is not None else 0
        session.flush()


def place_of(session: Session, instance_id: str, business_key: str | None) -> _Place | None:
    """Return the cycle and plan that a process instance works for, None for processes of other kinds."""
    document = find_document(session, business_key) if business_key else None
    if document is None:
        document = _document_of_instance(session, int(instance_id))
    if document is not None:
        cycle = session.get(Cycle, document.cycle_id)
        assert cycle is not None
        return _Place(cycle, document)
    found = find_cycle(session, business_key) if business_key else None
    return _Place(found, None) if found is not None else None


def _document_of_instance(session: Session, instance_id: int) -> Document | None:
    found = session.scalar(select(Document).where(Document.process_instance_id == instance_id))
    if found is not None:
        return found
    return session.scalar(
        select(Document)
        .join(Consultation, Consultation.document_id == Document.id)
        .where(Consultation.process_instance_id == instance_id)
    )


def _step_of(session: Session, task_id: str) -> Step | None:
    return session.scalar(select(Step).where(Step.task_id == task_id))
