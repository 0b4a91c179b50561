"""Cycles: open one, give it its calendar, issue it to its units, re-issue a due date with its reason, close it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor, describe_subjects
from workflows.calendar import end_of
from workflows.plans.errors import CalendarRefused, CycleRefused, PlanNotFound, ReasonRequired
from workflows.plans.models import Cycle, CycleDue, CycleReissue, CycleUnit, Document
from workflows.plans.states import CycleKind, CycleState, DocumentState, Level, Outcome, ReviewStage
from workflows.plans.steps import CALENDAR, CALENDAR_NAMES
from workflows.plans.values import as_day, day, mapping, rows, text

CABINET_VERBS = (Outcome.APPROVE_WITH_OBSERVATIONS, Outcome.APPROVE, Outcome.NOTE)


@dataclass(frozen=True, slots=True)
class UnitOfCycle:
    """A province or cluster chosen for a cycle, with what must stay as it was when the cycle was opened."""

    unit: str
    level: Level
    name: str
    region: str
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCycle:
    """What somebody who opens a cycle says."""

    fiscal_year: int
    kind: CycleKind
    plan_from: int
    plan_to: int
    units: Sequence[UnitOfCycle]
    cabinet_verb: Outcome = Outcome.APPROVE_WITH_OBSERVATIONS
    notice_days: int = 3

    @property
    def code(self) -> str:
        """The cycle's code, by which its process is known."""
        return f"FY{self.fiscal_year}-{'NEW' if self.kind is CycleKind.NEW_PLAN else 'REV'}"

    @property
    def name(self) -> str:
        """The cycle's name as it is written."""
        plan = f"แผนพัฒนา พ.ศ. {self.plan_from}–{self.plan_to}"
        if self.kind is CycleKind.NEW_PLAN:
            return plan
        return f"{plan} ฉบับทบทวน ประจำปีงบประมาณ พ.ศ. {self.fiscal_year}"


def find_cycle(session: Session, code: str) -> Cycle | None:
    """Return a cycle by its code, None where there is none."""
    return session.scalar(select(Cycle).where(Cycle.code == code))


def get_cycle(session: Session, code: str) -> Cycle:
    """Return a cycle by its code.

    Raises:
        PlanNotFound: There is none.
    """
    cycle = find_cycle(session, code)
    if cycle is None:
        raise PlanNotFound(f"Expected a cycle {code!r}, but there is none.", cycle=code)
    return cycle


def create_cycle(session: Session, new: NewCycle, *, actor: Actor, now: dt.datetime) -> Cycle:
    """Write a cycle with its units; its process is started by the caller in the same unit of work.

    Raises:
        CycleRefused: It exists, has no units, or its settings do not fit.
    """
    if find_cycle(session, new.code) is not None:
        raise CycleRefused(f"Expected a new cycle, but {new.code} exists.", cycle=new.code)
    if not new.units:
        raise CycleRefused("Expected at least one province or cluster, but none was chosen.")
    if new.cabinet_verb not in CABINET_VERBS:
        raise CycleRefused(f"Expected the cabinet to approve or note, but got {new.cabinet_verb}.")
    if not new.plan_from <= new.plan_to:
        raise CycleRefused("Expected a plan period that ends after it began, but it does not.")
    cycle = Cycle(
        code=new.code,
        name=new.name,
        fiscal_year=new.fiscal_year,
        kind=new.kind,
        plan_from=new.plan_from,
        plan_to=new.plan_to,
        state=CycleState.PREPARING,
        cabinet_verb=new.cabinet_verb,
        notice_days=new.notice_days,
        bundle=0,
        opened_at=now,
        opened_by=actor.id,
    )
    session.add(cycle)
    session.flush()
    session.add_all(
        CycleUnit(
            cycle_id=cycle.id, unit=unit.unit, level=unit.level, name=unit.name, region=unit.region,
            cluster=unit.cluster,
        )
        for unit in new.units
    )  # fmt: skip
    session.flush()
    describe_subjects(session, {cycle.code: cycle.name})
    return cycle


def set_calendar(session: Session, cycle: Cycle, calendar: object) -> None:
    """Take the due date of every step from the rows of the criteria form.

    Raises:
        CalendarRefused: A step is unknown or has no date.
    """
    given = {text(row, "step"): day(row, "due") for row in rows(calendar)}
    unknown = given.keys() - CALENDAR_NAMES.keys()
    missing = [step.name for step in CALENDAR if given.get(step.code) is None]
    if unknown or missing:
        wrong = ", ".join([*sorted(unknown), *missing])
        raise CalendarRefused(f"Expected a date for every step, but not so for: {wrong}.", steps=wrong)
    known = {due.step: due for due in session.scalars(select(CycleDue).where(CycleDue.cycle_id == cycle.id))}
    for step, when in given.items():
        assert when is not None
        moment = end_of(when)
        if step in known:
            # Before the circular nothing was promised yet: the draft calendar simply changes.
            known[step].original_due = known[step].due = moment
        else:
            session.add(CycleDue(cycle_id=cycle.id, step=step, unit="", original_due=moment, due=moment))
    session.flush()


def issue(session: Session, cycle: Cycle, circular: object) -> list[Document]:
    """Issue the circular and open a file for the plan of every unit."""
    values = mapping(circular)
    cycle.state = CycleState.ISSUED
    cycle.circular_number = text(values, "number") or None
    cycle.circular_date = day(values, "date")
    documents = []
    for unit in units_of(session, cycle):
        document = Document(
            cycle_id=cycle.id,
            unit=unit.unit,
            level=unit.level,
            plan_key=plan_key(cycle.code, unit.unit),
            title=f"{_title(unit)} {cycle.name.removeprefix('แผนพัฒนา ')}",
            state=DocumentState.PLANNED,
            review_stage=ReviewStage.AWAITED,
            bundle=0,
        )
        session.add(document)
        documents.append(document)
    session.flush()
    describe_subjects(session, {document.plan_key: document.title for document in documents})
    return documents


def close(session: Session, cycle: Cycle) -> None:
    """Close a cycle whose plans are all at their end."""
    cycle.state = CycleState.CLOSED
    session.flush()


def due_row(session: Session, cycle: Cycle, step: str, unit: str) -> CycleDue | None:
    """Return the due date of a step: the unit's own, else that of all."""
    found = session.scalars(
        select(CycleDue)
        .where(CycleDue.cycle_id == cycle.id, CycleDue.step == step, CycleDue.unit.in_(["", unit]))
        .order_by(CycleDue.unit.desc())
    )
    return found.first()


def reissue(
    session: Session,
    cycle: Cycle,
    *,
    step: str,
    due: object,
    reason: str,
    order_ref: str,
    actor: Actor,
    now: dt.datetime,
    unit: str = "",
) -> CycleReissue:
    """Give a step another due date, for all units or for one; it may have passed already. Nothing is forgotten.

    Raises:
        ReasonRequired: There is no reason or no order.
        CalendarRefused: The cycle has no such step.
    """
    if not reason.strip() or not order_ref.strip():
        raise ReasonRequired("Expected a reason and the order behind it, but one is missing.")
    row = due_row(session, cycle, step, unit)
    if row is None:
        raise CalendarRefused(f"Expected a step of the calendar, but {step!r} is none.", steps=step)
    if row.unit != unit:
        row = CycleDue(cycle_id=cycle.id, step=step, unit=unit, original_due=row.original_due, due=row.due)
        session.add(row)
        session.flush()
    kept = CycleReissue(
        due_id=row.id,
        old_due=row.due,
        new_due=end_of(as_day(due)),
        reason=reason.strip(),
        order_ref=order_ref.strip(),
        actor=actor.id,
        capacity=actor.capacity,
        at=now,
    )
    session.add(kept)
    row.due = kept.new_due
    session.flush()
    return kept


def calendar_rows(session: Session, cycle: Cycle) -> list[dict[str, object]]:
    """Return the calendar as it stands, for the process and its forms."""
    dues = session.scalars(select(CycleDue).where(CycleDue.cycle_id == cycle.id, CycleDue.unit == ""))
    by_step = {due.step: as_day(due.due) for due in dues}
    return [
        {"step": step.code, "label": step.name, "due": by_step[step.code]} for step in CALENDAR if step.code in by_step
    ]


def units_of(session: Session, cycle: Cycle) -> Sequence[CycleUnit]:
    """Return the units of a cycle."""
    return session.scalars(select(CycleUnit).where(CycleUnit.cycle_id == cycle.id).order_by(CycleUnit.unit)).all()


def plan_key(cycle: str, unit: str) -> str:
    """Return the key by which the processes of one plan find each other."""
    return f"{cycle}/{unit}"


def plans_to_start(session: Session, cycle: Cycle, documents: Iterable[Document]) -> dict[str, list[dict[str, object]]]:
    """Return what the cycle's process needs to start the plans: provinces and clusters."""
    clusters = {unit.unit for unit in units_of(session, cycle) if unit.level == Level.CLUSTER}
    homes: Mapping[str, str | None] = {unit.unit: unit.cluster for unit in units_of(session, cycle)}
    provinces: list[dict[str, object]] = []
    groups: list[dict[str, object]] = []
    for document in documents:
        row: dict[str, object] = {"unit": document.unit, "plan_key": document.plan_key, "name": document.title}
        if document.level == Level.CLUSTER:
            groups.append(row)
            continue
        home = homes.get(document.unit)
        provinces.append(row | {"cluster_key": plan_key(cycle.code, home) if home in clusters and home else None})
    return {"provinces": provinces, "clusters": groups}


def _title(unit: CycleUnit) -> str:
    return f"แผนพัฒนาจังหวัด{unit.name}" if unit.level == Level.PROVINCE else f"แผนพัฒนา{unit.name}"
