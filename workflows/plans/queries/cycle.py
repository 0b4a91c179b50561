"""Cycles in a list, and one cycle with its calendar and every re-issue of a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.plans.cycles import get_cycle
from workflows.plans.models import Cycle, CycleDue, CycleReissue, CycleUnit, Decision, Step
from workflows.plans.progress import WorkingDays
from workflows.plans.queries.path import StepView, step_view
from workflows.plans.queries.registers import DecisionView
from workflows.plans.states import Level, StepState, Subject
from workflows.plans.steps import CALENDAR, CALENDAR_NAMES
from workflows.plans.visibility import NATION, Sight

MOST_CYCLES = 50


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """A cycle in a list."""

    code: str
    name: str
    fiscal_year: int
    kind: str
    state: str
    units: int
    instance_id: str | None
    plan_from: int
    plan_to: int


@dataclass(frozen=True, slots=True)
class UnitOfPage:
    """A unit of a cycle; `title` is its name as it is written alone."""

    unit: str
    title: str
    level: str


@dataclass(frozen=True, slots=True)
class NextDue:
    """The date of a cycle's calendar that comes next."""

    step: str
    name: str
    due: dt.datetime


@dataclass(frozen=True, slots=True)
class ReissueView:
    """One re-issue of a date."""

    old_due: dt.datetime
    new_due: dt.datetime
    reason: str
    order_ref: str
    actor: str
    capacity: str
    at: dt.datetime
    after_expiry: bool


@dataclass(frozen=True, slots=True)
class DueView:
    """A date of the calendar; `unit` is empty when it holds for all."""

    step: str
    name: str
    unit: str
    original_due: dt.datetime
    due: dt.datetime
    reissues: tuple[ReissueView, ...]


@dataclass(frozen=True, slots=True)
class CyclePage:
    """All that the page of a cycle shows beside its board."""

    summary: CycleSummary
    cabinet_verb: str
    circular_number: str | None
    circular_date: dt.date | None
    calendar: tuple[DueView, ...]
    decisions: tuple[DecisionView, ...]
    waiting: tuple[StepView, ...]  # of the nation: criteria, screening, resolutions
    units: tuple[UnitOfPage, ...]
    bundle: int


def cycles(session: Session, *, sight: Sight | None = None, limit: int = MOST_CYCLES) -> list[CycleSummary]:
    """Return the newest cycles, of which somebody sees at least one unit."""
    seen = (sight or Sight(NATION)).of_units()
    counted = (
        select(CycleUnit.cycle_id, func.count().label("units")).where(seen).group_by(CycleUnit.cycle_id).subquery()
    )
    found = session.execute(
        select(Cycle, counted.c.units)
        .join(counted, counted.c.cycle_id == Cycle.id)
        .order_by(Cycle.fiscal_year.desc(), Cycle.id.desc())
        .limit(limit)
    )
    return [_summary(cycle, units) for cycle, units in found]


def next_dues(session: Session, codes: Collection[str], *, now: dt.datetime) -> dict[str, NextDue]:
    """Return the next date of each of these cycles; one whose dates have all passed is missing."""
    found = session.execute(
        select(Cycle.code, CycleDue.step, CycleDue.due)
        .join(CycleDue, CycleDue.cycle_id == Cycle.id)
        .where(Cycle.code.in_(codes), CycleDue.unit == "", CycleDue.due >= now)
        .order_by(CycleDue.due.desc())
    )
    return {code: NextDue(step, CALENDAR_NAMES.get(step, step), due) for code, step, due in found}


def cycle_page(session: Session, code: str, *, now: dt.datetime, working_days: WorkingDays) -> CyclePage:
    """Return the page of a cycle.

    Raises:
        PlanNotFound: There is none with this code.
    """
    cycle = get_cycle(session, code)
    units = session.scalars(select(CycleUnit).where(CycleUnit.cycle_id == cycle.id).order_by(CycleUnit.unit)).all()
    criteria = session.scalars(
        select(Decision)
        .where(Decision.cycle_id == cycle.id, Decision.subject == Subject.CRITERIA)
        .order_by(Decision.id)
    )
    waiting = session.scalars(
        select(Step)
        .where(Step.cycle_id == cycle.id, Step.document_id.is_(None), Step.state == StepState.OPEN)
        .order_by(Step.id)
    )
    return CyclePage(
        summary=_summary(cycle, len(units)),
        cabinet_verb=cycle.cabinet_verb,
        circular_number=cycle.circular_number,
        circular_date=cycle.circular_date,
        calendar=_calendar(session, cycle),
        decisions=tuple(
            DecisionView(
                row.body, row.subject, row.outcome, None, None, row.comment, row.meeting_no, row.meeting_date,
                row.actor, row.capacity, row.at,
            )
            for row in criteria
        ),
        waiting=tuple(step_view(session, step, "TH", now=now, working_days=working_days) for step in waiting),
        units=tuple(UnitOfPage(unit.unit, _title(unit), unit.level) for unit in units),
        bundle=cycle.bundle,
    )  # fmt: skip


def calendar_of(session: Session, cycle_id: int, unit: str) -> tuple[DueView, ...]:
    """Return the dates that hold for one unit, each with the re-issues for all and for the unit."""
    cycle = session.get(Cycle, cycle_id)
    if cycle is None:
        return ()
    found: dict[str, DueView] = {}
    for due in _calendar(session, cycle):
        if due.unit not in ("", unit):
            continue
        general = found.get(due.step)
        earlier = general.reissues if general is not None else ()
        found[due.step] = replace(due, reissues=(*earlier, *due.reissues))
    return tuple(found.values())


def _calendar(session: Session, cycle: Cycle) -> tuple[DueView, ...]:
    order = {step.code: place for place, step in enumerate(CALENDAR)}
    reissues: dict[int, list[CycleReissue]] = {}
    kept = (
        select(CycleReissue)
        .join(CycleDue, CycleDue.id == CycleReissue.due_id)
        .where(CycleDue.cycle_id == cycle.id)
        .order_by(CycleReissue.id)
    )
    for row in session.scalars(kept):
        reissues.setdefault(row.due_id, []).append(row)
    dues = session.scalars(select(CycleDue).where(CycleDue.cycle_id == cycle.id)).all()
    return tuple(
        DueView(
            step=due.step,
            name=CALENDAR_NAMES.get(due.step, due.step),
            unit=due.unit,
            original_due=due.original_due,
            due=due.due,
            reissues=tuple(
                ReissueView(
                    row.old_due, row.new_due, row.reason, row.order_ref, row.actor, row.capacity, row.at,
                    after_expiry=row.at > row.old_due,
                )
                for row in reissues.get(due.id, ())
            ),
        )
        for due in sorted(dues, key=lambda due: (order.get(due.step, len(order)), due.unit))
    )  # fmt: skip


def _summary(cycle: Cycle, units: int) -> CycleSummary:
    instance = str(cycle.process_instance_id) if cycle.process_instance_id is not None else None
    return CycleSummary(
        cycle.code, cycle.name, cycle.fiscal_year, cycle.kind, cycle.state, units, instance, cycle.plan_from,
        cycle.plan_to,
    )  # fmt: skip


def _title(unit: CycleUnit) -> str:
    return f"จังหวัด{unit.name}" if unit.level == Level.PROVINCE else unit.name
