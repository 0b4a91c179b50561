"""The list of plans that somebody sees: filtered, counted, page by page, each with what it waits for most urgently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from engine import find_subjects
from workflows.plans.models import Cycle, CycleUnit, Document, Step
from workflows.plans.queries.plan import PlanSummary, summary_of
from workflows.plans.states import StepState
from workflows.plans.visibility import Sight

Columns = TypeVarTuple("Columns")
PAGE = 50
LAST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """What is asked for; empty is everything. `late` are plans with an open step whose date has passed."""

    cycle: str = ""
    region: str = ""
    cluster: str = ""
    state: str = ""
    text: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """The step of a plan that is due first, and how many others are open beside it."""

    stage: str
    name: str
    groups: tuple[str, ...]
    opened_at: dt.datetime
    due: dt.datetime | None
    others: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list."""

    plan: PlanSummary
    cycle_name: str
    waiting: WaitedFor | None
    since: dt.datetime | dt.date | None  # the plan stands so, where nothing is waited for


@dataclass(frozen=True, slots=True)
class PlanList:
    """One page of the list."""

    rows: tuple[PlanRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be cut to: cycles (code and name), regions, and clusters with their names."""

    cycles: tuple[tuple[str, str], ...]
    regions: tuple[str, ...]
    clusters: tuple[tuple[str, str], ...]


def list_plans(session: Session, sight: Sight, wish: PlanFilter, *, now: dt.datetime, page: int = 1) -> PlanList:
    """Return a page of the plans that are seen, newest cycle first; a page beyond the last one is the last one."""
    conditions = [sight.of_units(), *_conditions(session, wish, now)]
    cycles = _counted_by_cycle(session, conditions)
    total = sum(count for _, count in cycles)
    pages = max(1, min(LAST_PAGE, -(-total // PAGE)))
    page = max(1, min(page, pages))
    shown, skipped = _cycles_of_page(cycles, (page - 1) * PAGE)
    found = session.execute(
        _from(select(Document, Cycle, CycleUnit))
        .where(*conditions, Document.cycle_id.in_(shown))
        .order_by(
            Cycle.fiscal_year.desc(),
            Cycle.id.desc(),
            (Document.unit == sight.home).desc(),  # one's own before the neighbours'
            CycleUnit.region,
            func.coalesce(CycleUnit.cluster, CycleUnit.unit),
            CycleUnit.level,
            Document.unit,
        )
        .limit(PAGE)
        .offset(skipped)
    ).all()
    waiting = _waited_for(session, [row[0].id for row in found])
    rows = tuple(
        PlanRow(
            plan=summary_of(document, cycle, unit),
            cycle_name=cycle.name,
            waiting=waiting.get(document.id),
            since=document.announced_on or document.submitted_at or document.opened_at,
        )
        for document, cycle, unit in found
    )
    return PlanList(rows, total, page, pages)


def _counted_by_cycle(session: Session, conditions: Sequence[ColumnElement[bool]]) -> list[tuple[int, int]]:
    """Return how many plans of each cycle are in the list, newest cycle first."""
    counted = (
        select(Document.cycle_id, func.count().label("plans"))
        .join(Cycle, Cycle.id == Document.cycle_id)
        .join(CycleUnit, (CycleUnit.cycle_id == Document.cycle_id) & (CycleUnit.unit == Document.unit))
        .where(*conditions)
        .group_by(Document.cycle_id)
        .subquery()
    )
    rows = session.execute(
        select(Cycle.id, counted.c.plans)
        .join(counted, counted.c.cycle_id == Cycle.id)
        .order_by(Cycle.fiscal_year.desc(), Cycle.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def _cycles_of_page(cycles: Sequence[tuple[int, int]], offset: int) -> tuple[list[int], int]:
    """Return the cycles whose plans stand on a page, and how many plans of the first of them come before it.

    Only those are read and sorted, not the plans of all years.
    """
    shown: list[int] = []
    skipped = offset
    room = PAGE
    for cycle, count in cycles:
        if not shown and skipped >= count:
            skipped -= count
            continue
        room -= count - (skipped if not shown else 0)
        shown.append(cycle)
        if room <= 0:
            break
    return shown, skipped if shown else 0


def choices(session: Session, sight: Sight) -> Choices:
    """Return what the list of somebody can be cut to."""
    seen = sight.of_units()
    cycles = session.execute(
        select(Cycle.code, Cycle.name)
        .where(select(CycleUnit.unit).where(CycleUnit.cycle_id == Cycle.id, seen).exists())
        .order_by(Cycle.fiscal_year.desc(), Cycle.id.desc())
        .limit(PAGE)
    )
    regions = session.scalars(select(CycleUnit.region).where(seen).distinct().order_by(CycleUnit.region))
    homes = session.scalars(
        select(CycleUnit.cluster).where(seen, CycleUnit.cluster.is_not(None)).distinct().order_by(CycleUnit.cluster)
    )
    codes = [code for code in homes if code]
    named = session.execute(select(CycleUnit.unit, CycleUnit.name).where(CycleUnit.unit.in_(codes)).distinct())
    names: dict[str, str] = {row[0]: row[1] for row in named}
    return Choices(
        tuple((row[0], row[1]) for row in cycles),
        tuple(regions),
        tuple((code, names.get(code, code)) for code in codes),
    )


def _from(wanted: Select[*Columns]) -> Select[*Columns]:
    joined = wanted.select_from(Document).join(Cycle, Cycle.id == Document.cycle_id)
    return joined.join(CycleUnit, (CycleUnit.cycle_id == Document.cycle_id) & (CycleUnit.unit == Document.unit))


def _conditions(session: Session, wish: PlanFilter, now: dt.datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wish.cycle:
        conditions.append(Cycle.code == wish.cycle)
    if wish.region:
        conditions.append(CycleUnit.region == wish.region)
    if wish.cluster:
        conditions.append(or_(CycleUnit.cluster == wish.cluster, CycleUnit.unit == wish.cluster))
    if wish.state:
        conditions.append(Document.state == wish.state)
    if wish.text:
        conditions.append(Document.plan_key.in_(find_subjects(session.connection(), wish.text)))
    if wish.late:
        late = select(Step.id).where(
            Step.cycle_id == Document.cycle_id,
            Step.state == StepState.OPEN,
            Step.document_id == Document.id,
            Step.due < now,
        )
        conditions.append(late.exists())
    return conditions


def _waited_for(session: Session, documents: Sequence[int]) -> dict[int, WaitedFor]:
    """Return what plans wait for: of each the step that is due first, picked by the database."""
    urgency = (Step.due.is_(None), Step.due, Step.id)
    ranked = (
        select(
            Step.document_id,
            Step.stage,
            Step.name,
            Step.groups,
            Step.opened_at,
            Step.due,
            func.row_number().over(partition_by=Step.document_id, order_by=urgency).label("rank"),
            func.count().over(partition_by=Step.document_id).label("steps"),
        )
        .where(Step.document_id.in_(documents), Step.state == StepState.OPEN)
        .subquery()
    )
    return {
        row.document_id: WaitedFor(
            stage=row.stage,
            name=row.name,
            groups=tuple(filter(None, row.groups.split(","))),
            opened_at=row.opened_at,
            due=row.due,
            others=row.steps - 1,
        )
        for row in session.execute(select(ranked).where(ranked.c.rank == 1))
    }
