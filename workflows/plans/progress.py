"""Follows the engine's events and keeps the path of each plan: one row a task, in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

import engine
from engine import Prepared
from workflows.plans.models import CycleDue, Step
from workflows.plans.places import place_of
from workflows.plans.states import StepState

CYCLE_DUE = "cycle:"
"""Start of a due date that is a step of the cycle's calendar, as the diagrams write it."""

WorkingDays = Callable[[Session, dt.datetime, dt.datetime, str], int]
"""Counts the working days of a unit after the day of one moment up to that of a later one; 0 when it is not later."""

StageOf = Callable[[str, str], str]
"""Names the stage of an element: process key, element id."""


_STEPS: Final = Step.__table__
_S: Final = _STEPS.c
_D: Final = CycleDue.__table__.c
_OF_TASK: Final = _S.task_id == bindparam("task")
_ADD: Final = Prepared(insert(Step))
_FIND: Final = Prepared(select(_S.groups, _S.due).where(_OF_TASK))
_DONE: Final = Prepared(
    update(Step)
    .where(_OF_TASK)
    .values(
        state=str(StepState.DONE),
        **{name: bindparam(f"new_{name}") for name in ("done_at", "actor", "capacity", "outcome", "working_days_late")},
    )
)
_CANCEL: Final = Prepared(
    update(Step).where(_OF_TASK).values(state=str(StepState.CANCELLED), done_at=bindparam("new_done_at"))
)
_MOVE: Final = Prepared(update(Step).where(_OF_TASK).values(due=bindparam("new_due")))
_ORIGINAL_DUE: Final = Prepared(
    select(_D.original_due)
    .where(
        _D.cycle_id == bindparam("cycle"),
        _D.step == bindparam("step"),
        or_(_D.unit == "", _D.unit == bindparam("unit")),
    )
    .order_by(_D.unit.desc())
)


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
            _CANCEL.run(session.connection(), {"task": event.task_id, "new_done_at": now})
        elif isinstance(event, engine.events.TaskDueChanged):
            _MOVE.run(session.connection(), {"task": event.task_id, "new_due": event.due_at})

    def _open(self, session: Session, event: engine.events.TaskCreated, now: dt.datetime) -> None:
        place = place_of(session, event.instance_id, event.business_key)
        if place is None:
            return
        raw = event.due_date if isinstance(event.due_date, str) else ""
        due_step = raw.removeprefix(CYCLE_DUE) if raw.startswith(CYCLE_DUE) else ""
        connection = session.connection()
        original = event.due_at
        if due_step:
            asked = {"cycle": place.cycle_id, "step": due_step, "unit": place.unit}
            found = _ORIGINAL_DUE.row(connection, asked)
            original = found["original_due"] if found is not None else original
        _ADD.run(
            connection,
            {
                "cycle_id": place.cycle_id,
                "document_id": place.document_id,
                "process_id": event.process_id,
                "element_id": event.element_id,
                "stage": self._stage_of(event.process_id, event.element_id),
                "task_id": event.task_id,
                "name": event.name,
                "groups": ",".join(event.candidate_groups),
                "due_step": due_step,
                "state": str(StepState.OPEN),
                "opened_at": now,
                "original_due": original,
                "due": event.due_at,
            },
        )

    def _done(self, session: Session, event: engine.events.TaskCompleted, now: dt.datetime) -> None:
        connection = session.connection()
        step = _FIND.row(connection, {"task": event.task_id})
        if step is None:
            return
        unit = step["groups"].partition(",")[0].rpartition("@")[2]
        due = step["due"]
        late = self._working_days(session, due, now, unit) if due is not None else 0
        _DONE.run(
            connection,
            {
                "task": event.task_id,
                "new_done_at": now,
                "new_actor": event.actor,
                "new_capacity": event.capacity,
                "new_outcome": event.outcome,
                "new_working_days_late": late,
            },
        )
