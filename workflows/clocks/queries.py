"""Reads of clocks for pages: the clock of a task with its history, and how its due date was counted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflows.calendar import PERIODS, AreasOf, day_of, read_calendar
from workflows.clocks.explanation import Explanation, counted
from workflows.clocks.models import Clock, ClockEvent
from workflows.clocks.states import ClockEventKind, ClockState

LONGEST_HISTORY: Final = 1_000

_C: Final = Clock.__table__.c
_E: Final = ClockEvent.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One line of a clock's history."""

    at: dt.datetime
    kind: ClockEventKind
    actor: str
    capacity: str
    old_due: dt.datetime | None
    due: dt.datetime | None
    reason: str
    order_ref: str
    rung: int | None
    planned_at: dt.datetime | None
    told: Mapping[str, str]
    """Persons, each with the part in which they were told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """A clock as it stands, with its history, the oldest line first."""

    id: int
    task_id: str
    unit: str
    rule: str
    basis: str
    started_by: str
    started_at: dt.datetime
    original_due: dt.datetime
    due: dt.datetime
    state: ClockState
    ended_at: dt.datetime | None
    working_days_late: int | None
    next_rung: int | None
    next_at: dt.datetime | None
    history: tuple[ClockLine, ...]


def find_clock(session: Session, task_id: str) -> ClockView | None:
    """Return the clock of a task, None where the task never had a due date."""
    row = session.execute(select(Clock.__table__).where(_C.task_id == int(task_id))).first()
    if row is None:
        return None
    lines = session.execute(
        select(ClockEvent.__table__).where(_E.clock_id == row.id).order_by(_E.id).limit(LONGEST_HISTORY)
    )
    return ClockView(
        id=row.id,
        task_id=str(row.task_id),
        unit=row.unit,
        rule=row.rule,
        basis=row.basis,
        started_by=row.started_by,
        started_at=row.started_at,
        original_due=row.original_due,
        due=row.due,
        state=ClockState(row.state),
        ended_at=row.ended_at,
        working_days_late=row.working_days_late,
        next_rung=row.next_rung,
        next_at=row.next_at,
        history=tuple(_line(found) for found in lines),
    )


def sum_of(session: Session, clock: ClockView, areas_of: AreasOf) -> Explanation | None:
    """Return how the first due date of a clock was counted; None where it is a date that was set, not a period.

    It is counted by the calendar as it stands now, so that it may differ from the due date when days off were
    announced since.
    """
    for prefix, unit in PERIODS.items():
        if clock.rule.startswith(prefix):
            calendar = read_calendar(session, areas_of(session, clock.unit))
            days = int(clock.rule.removeprefix(prefix))
            return counted(calendar, day_of(clock.started_at), days, unit, clock.unit)
    return None


def _line(row: Row[Any]) -> ClockLine:
    return ClockLine(
        at=row.at,
        kind=ClockEventKind(row.kind),
        actor=row.actor,
        capacity=row.capacity,
        old_due=row.old_due,
        due=row.due,
        reason=row.reason,
        order_ref=row.order_ref,
        rung=row.rung,
        planned_at=row.planned_at,
        told=json.loads(row.told) if row.told else {},
    )
