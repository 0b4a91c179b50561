"""Follows the engine's events and keeps the path of each plan: one row a task, in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, func, insert, literal, null, or_, select, union_all, update
from sqlalchemy.orm import Session

import engine
from engine import Prepared
from workflows.plans.models import Consultation, Cycle, CycleDue, Document, Step
from workflows.plans.states import StepState

CYCLE_DUE = "cycle:"
"""Start of a due date that is a step of the cycle's calendar, as the diagrams write it."""

WorkingDays = Callable[[Session, dt.datetime, dt.datetime, str], int]
"""Counts the working days of a unit after the day of one moment up to that of a later one; 0 when it is not later."""

StageOf = Callable[[str, str], str]
"""Names the stage of an element: process key, element id."""


_S: Final = Step.__table__.c
_D: Final = Document.__table__.c
_C: Final = Consultation.__table__.c
_Y: Final = Cycle.__table__.c
_DUE: Final = CycleDue.__table__.c

_KEY: Final[BindParameter[Any]] = bindparam("key")
_INSTANCE: Final[BindParameter[Any]] = bindparam("instance")
_OF_CONSULTATION: Final = select(_C.document_id).where(_C.process_instance_id == _INSTANCE)
# For what a run works: the plan of its key, the plan whose process or consultation it is, the cycle of its key.
_PLACE: Final = union_all(
    select(
        literal(1).label("rank"), _D.cycle_id.label("cycle_id"), _D.id.label("document_id"), _D.unit.label("unit")
    ).where(_D.plan_key == _KEY),
    select(literal(2), _D.cycle_id, _D.id, _D.unit).where(_D.process_instance_id == _INSTANCE),
    select(literal(3), _D.cycle_id, _D.id, _D.unit).where(_D.id.in_(_OF_CONSULTATION)),
    select(literal(4), _Y.id, null(), literal("")).where(_Y.code == _KEY),
).subquery("place")
# The unit's own due date of the cycle's step, else that of all.
_ORIGINAL_DUE: Final = (
    select(_DUE.original_due)
    .where(_DUE.cycle_id == _PLACE.c.cycle_id, _DUE.step == bindparam("due_step"))
    .where(or_(_DUE.unit == "", _DUE.unit == _PLACE.c.unit))
    .order_by(_DUE.unit.desc())
    .limit(1)
    .scalar_subquery()
)
_GIVEN: Final = (
    "process_id", "element_id", "stage", "task_id", "name", "groups", "due_step", "state", "opened_at", "due",
)  # fmt: skip
# One statement for every task that opens, and no row for those of processes of other kinds.
_ADD: Final = Prepared(
    insert(Step).from_select(
        ["cycle_id", "document_id", "original_due", *_GIVEN],
        select(
            _PLACE.c.cycle_id,
            _PLACE.c.document_id,
            func.coalesce(_ORIGINAL_DUE, bindparam("due", type_=_S.due.type)),
            *(bindparam(name, type_=_S[name].type) for name in _GIVEN),
        )
        .order_by(_PLACE.c.rank)
        .limit(1),
    )
)
_OF_TASK: Final = _S.task_id == bindparam("task")
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
            _CANCEL.put(session.connection(), {"task": event.task_id, "new_done_at": now})
        elif isinstance(event, engine.events.TaskDueChanged):
            _MOVE.put(session.connection(), {"task": event.task_id, "new_due": event.due_at})

    def _open(self, session: Session, event: engine.events.TaskCreated, now: dt.datetime) -> None:
        session.flush()  # a plan may have been opened in this very transaction
        raw = event.due_date if isinstance(event.due_date, str) else ""
        _ADD.put(
            session.connection(),
            {
                "key": event.business_key,
                "instance": int(event.instance_id),
                "process_id": event.process_id,
                "element_id": event.element_id,
                "stage": self._stage_of(event.process_id, event.element_id),
                "task_id": event.task_id,
                "name": event.name,
                "groups": ",".join(event.candidate_groups),
                "due_step": raw.removeprefix(CYCLE_DUE) if raw.startswith(CYCLE_DUE) else "",
                "state": str(StepState.OPEN),
                "opened_at": now,
                "due": event.due_at,
            },
        )

    def _done(self, session: Session, event: engine.events.TaskCompleted, now: dt.datetime) -> None:
        due = event.due_at
        unit = event.candidate_groups[0].rpartition("@")[2] if event.candidate_groups else ""
        late = self._working_days(session, due, now, unit) if due is not None and due < now else 0
        _DONE.put(
            session.connection(),
            {
                "task": event.task_id,
                "new_done_at": now,
                "new_actor": event.actor,
                "new_capacity": event.capacity,
                "new_outcome": event.outcome,
                "new_working_days_late": late,
            },
        )
