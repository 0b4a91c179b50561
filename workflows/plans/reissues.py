"""Which open tasks follow a date of the calendar, and what giving it another date would do to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from workflows.calendar import end_of
from workflows.plans.cycles import due_row
from workflows.plans.errors import CalendarRefused
from workflows.plans.models import Cycle, CycleDue, CycleUnit, Document, Step
from workflows.plans.states import StepState
from workflows.plans.steps import CALENDAR_NAMES


@dataclass(frozen=True, slots=True)
class FollowingTask:
    """An open task whose date is that of a step of the calendar; `unit` is empty for a task of the nation."""

    task_id: str
    name: str
    unit: str
    unit_name: str
    level: str
    groups: tuple[str, ...]
    due: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a re-issue would do, told before it is done."""

    step: str
    name: str
    old_due: dt.datetime
    new_due: dt.datetime
    moved: tuple[FollowingTask, ...]
    own_dates: tuple[str, ...]  # names of the units that keep a date of their own
    expired: bool  # the old date has passed
    in_the_past: bool  # so has the new one
    late_before: int  # of the moved tasks
    late_after: int


def following(session: Session, cycle: Cycle, step: str, unit: str = "") -> list[FollowingTask]:
    """Return the open tasks that follow a step's date: those of a unit, or of all without a date of their own."""
    found = (
        select(Step.task_id, Step.name, Document.unit, CycleUnit.name, CycleUnit.level, Step.groups, Step.due)
        .outerjoin(Document, Document.id == Step.document_id)
        .outerjoin(CycleUnit, (CycleUnit.cycle_id == Step.cycle_id) & (CycleUnit.unit == Document.unit))
        .where(Step.cycle_id == cycle.id, Step.due_step == step, Step.state == StepState.OPEN)
        .order_by(Step.id)
    )
    if unit:
        found = found.where(Document.unit == unit)
    else:
        found = found.where(or_(Document.unit.is_(None), Document.unit.not_in(_with_own_date(cycle, step))))
    return [
        FollowingTask(
            task_id, name, owner or "", title or "", level or "", tuple(filter(None, groups.split(","))), due
        )
        for task_id, name, owner, title, level, groups, due in session.execute(found)
    ]  # fmt: skip


def preview(session: Session, cycle: Cycle, *, step: str, due: dt.date, now: dt.datetime, unit: str = "") -> Preview:
    """Return what a re-issue would do.

    Raises:
        CalendarRefused: The cycle has no such step.
    """
    row = due_row(session, cycle, step, unit)
    if row is None:
        raise CalendarRefused(f"Expected a step of the calendar, but {step!r} is none.", steps=step)
    new = end_of(due)
    moved = tuple(task for task in following(session, cycle, step, unit) if task.due != new)
    return Preview(
        step=step,
        name=CALENDAR_NAMES.get(step, step),
        old_due=row.due,
        new_due=new,
        moved=moved,
        own_dates=() if unit else tuple(_names_with_own_date(session, cycle, step)),
        expired=row.due < now,
        in_the_past=new < now,
        late_before=sum(task.due is not None and task.due < now for task in moved),
        late_after=len(moved) if new < now else 0,
    )


def _with_own_date(cycle: Cycle, step: str) -> Select[str]:
    return select(CycleDue.unit).where(CycleDue.cycle_id == cycle.id, CycleDue.step == step, CycleDue.unit != "")


def _names_with_own_date(session: Session, cycle: Cycle, step: str) -> Sequence[str]:
    return session.scalars(
        select(CycleUnit.name)
        .where(CycleUnit.cycle_id == cycle.id, CycleUnit.unit.in_(_with_own_date(cycle, step)))
        .order_by(CycleUnit.unit)
    ).all()
