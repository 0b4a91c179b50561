"""The board of a cycle: units down, stages across; each cell says on time, due soon, or late by n working days."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.plans.cycles import get_cycle
from workflows.plans.models import Cycle, CycleDue, CycleUnit, Decision, Document, Step
from workflows.plans.progress import WorkingDays
from workflows.plans.states import FINAL_STATES, Body, CycleKind, DocumentState, Level, StepState
from workflows.plans.steps import BOARD_STAGES, Stage, stages_of
from workflows.plans.visibility import NATION, Sight

DUE_SOON = 3
"""Working days before the date from which a step is due soon."""


class CellState(StrEnum):
    """What a cell of the board says."""

    NONE = "none"  # the unit has no such stage
    UPCOMING = "upcoming"
    SKIPPED = "skipped"  # the path went on, or ended, without it
    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done_late"


class Standing(StrEnum):
    """How a unit stands in one word, the most pressing first."""

    LATE = "late"
    DUE_SOON = "due_soon"
    ON_TIME = "on_time"
    WAITING = "waiting"  # nothing of it is open now
    DONE = "done"


ACTIVE: Final = frozenset({CellState.LATE, CellState.DUE_SOON, CellState.ON_TIME})


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One stage of one unit."""

    stage: str
    state: CellState
    due: dt.datetime | None
    working_days: int  # late by, or left until the date
    task_id: str | None
    task_name: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One unit of the cycle."""

    unit: str
    name: str
    level: str
    region: str
    cluster: str | None
    plan_key: str | None
    plan_state: str
    cells: tuple[BoardCell, ...]
    worst: int  # working days that it is late with an open step
    standing: Standing

    @property
    def active(self) -> tuple[BoardCell, ...]:
        """The stages at which it stands now."""
        return tuple(cell for cell in self.cells if cell.state in ACTIVE)


@dataclass(frozen=True, slots=True)
class Board:
    """The board."""

    cycle: str
    stages: tuple[Stage, ...]
    rows: tuple[BoardRow, ...]


def board(
    session: Session,
    cycle_code: str,
    *,
    now: dt.datetime,
    working_days: WorkingDays,
    region: str | None = None,
    cluster: str | None = None,
    sight: Sight | None = None,
) -> Board:
    """Return the board of a cycle, of one region or cluster if wanted, cut to what `sight` may see.

    It asks the database the same few questions however many units there are.

    Raises:
        PlanNotFound: There is no such cycle.
    """
    cycle = get_cycle(session, cycle_code)
    wanted = select(CycleUnit).where(CycleUnit.cycle_id == cycle.id, (sight or Sight(NATION)).of_units())
    if region is not None:
        wanted = wanted.where(CycleUnit.region == region)
    if cluster is not None:
        wanted = wanted.where((CycleUnit.cluster == cluster) | (CycleUnit.unit == cluster))
    units = session.scalars(wanted.order_by(CycleUnit.unit)).all()
    facts = _facts(session, cycle, now, working_days, [unit.unit for unit in units])
    rows = [_row(facts, unit) for unit in units]
    rows.sort(key=lambda row: (row.region, row.cluster or "", row.level))
    return Board(cycle.code, BOARD_STAGES, tuple(rows))


def tally(rows: Iterable[BoardRow]) -> dict[Standing, int]:
    """Count units by how they stand."""
    counted = Counter(row.standing for row in rows)
    return {standing: counted[standing] for standing in Standing}


@dataclass(frozen=True, slots=True)
class _Task:
    task_id: str
    stage: str
    name: str
    is_open: bool
    due: dt.datetime | None
    working_days_late: int


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that the cells are made of, read at once."""

    session: Session
    cycle: Cycle
    now: dt.datetime
    working_days: WorkingDays
    documents: Mapping[str, Document]
    tasks: Mapping[int, Mapping[str, Sequence[_Task]]]  # by document and stage
    dues: Mapping[tuple[str, str], dt.datetime]  # by step and unit, "" for all
    reviewed: Mapping[int, dt.datetime]  # when cabinet decided, by document
    clusters: frozenset[str]
    counted: dict[tuple[dt.datetime, dt.datetime, str], int] = field(default_factory=dict)

    def due(self, step: str, unit: str) -> dt.datetime | None:
        return self.dues.get((step, unit)) or self.dues.get((step, ""))

    def days(self, start: dt.datetime, end: dt.datetime, unit: str) -> int:
        """Count once what stages of a unit share."""
        key = (start, end, unit)
        if key not in self.counted:
            self.counted[key] = self.working_days(self.session, start, end, unit)
        return self.counted[key]


def _facts(session: Session, cycle: Cycle, now: dt.datetime, working_days: WorkingDays, units: Sequence[str]) -> _Facts:
    documents = session.scalars(select(Document).where(Document.cycle_id == cycle.id, Document.unit.in_(units))).all()
    tasks: dict[int, dict[str, list[_Task]]] = {}
    for document_id, task in _tasks_of(session, cycle, [document.id for document in documents]):
        tasks.setdefault(document_id, {}).setdefault(task.stage, []).append(task)
    dues = select(CycleDue.step, CycleDue.unit, CycleDue.due).where(CycleDue.cycle_id == cycle.id)
    decided = (
        select(Document.id, func.max(Decision.at).label("at"))
        .join(Decision, Decision.document_id == Document.id)
        .where(Document.cycle_id == cycle.id, Decision.body == Body.CABINET)
        .group_by(Document.id)
    )
    clusters = select(CycleUnit.unit).where(CycleUnit.cycle_id == cycle.id, CycleUnit.level == Level.CLUSTER)
    return _Facts(
        session=session,
        cycle=cycle,
        now=now,
        working_days=working_days,
        documents={document.unit: document for document in documents},
        tasks=tasks,
        dues={(step, unit): due for step, unit, due in session.execute(dues)},
        reviewed={row.id: row.at for row in session.execute(decided)},
        clusters=frozenset(session.scalars(clusters)),
    )


def _tasks_of(session: Session, cycle: Cycle, documents: Sequence[int]) -> Iterator[tuple[int, _Task]]:
    """Yield what the tasks of each plan and stage come to.

    Of the finished ones how late the latest was and the last name, of the open ones the first, with their earliest due
    moment: a unit may have many of a stage.
    """
    of_plans = (Step.cycle_id == cycle.id, Step.document_id.in_(documents))
    finished = (
        select(
            Step.document_id,
            Step.stage,
            func.max(Step.working_days_late).label("late"),
            func.max(Step.id).label("last"),
        )
        .where(*of_plans, Step.state == StepState.DONE)
        .group_by(Step.document_id, Step.stage)
        .subquery()
    )
    done = select(finished.c.document_id, finished.c.stage, finished.c.late, Step.task_id, Step.name).join(
        Step, Step.id == finished.c.last
    )
    for document_id, stage, late, task_id, name in session.execute(done):
        yield document_id, _Task(task_id, stage, name, is_open=False, due=None, working_days_late=late or 0)
    waiting = (
        select(Step.document_id, Step.stage, func.min(Step.due).label("due"), func.min(Step.id).label("first"))
        .where(*of_plans, Step.state == StepState.OPEN)
        .group_by(Step.document_id, Step.stage)
        .subquery()
    )
    opened = select(waiting.c.document_id, waiting.c.stage, waiting.c.due, Step.task_id, Step.name).join(
        Step, Step.id == waiting.c.first
    )
    for document_id, stage, due, task_id, name in session.execute(opened):
        yield document_id, _Task(task_id, stage, name, is_open=True, due=due, working_days_late=0)


def _row(facts: _Facts, unit: CycleUnit) -> BoardRow:
    document = facts.documents.get(unit.unit)
    own = {
        stage.code: stage
        for stage in stages_of(
            Level(unit.level),
            reviews=facts.cycle.kind == CycleKind.REVISION,
            feeds_cluster=unit.cluster in facts.clusters,
        )
    }
    tasks = facts.tasks.get(document.id, {}) if document is not None else {}
    cells = _with_skipped(
        [
            _cell(facts, unit.unit, document, own[column.code], tasks.get(column.code, ()))
            if column.code in own
            else BoardCell(column.code, CellState.NONE, None, 0, None, "")
            for column in BOARD_STAGES
        ],
        ended=document is not None and document.state in FINAL_STATES,
    )
    return BoardRow(
        unit=unit.unit,
        name=unit.name,
        level=unit.level,
        region=unit.region,
        cluster=unit.cluster if unit.level == Level.PROVINCE else unit.unit,
        plan_key=document.plan_key if document is not None else None,
        plan_state=document.state if document is not None else DocumentState.PLANNED,
        cells=cells,
        worst=max((cell.working_days for cell in cells if cell.state is CellState.LATE), default=0),
        standing=_standing(cells, document),
    )


def _cell(facts: _Facts, unit: str, document: Document | None, stage: Stage, tasks: Sequence[_Task]) -> BoardCell:
    waiting = [task for task in tasks if task.is_open]
    planned = facts.due(stage.due_step, unit) if stage.due_step else None
    due = min((task.due for task in waiting if task.due is not None), default=planned)
    if waiting:
        return _active(facts, unit, stage, due, waiting[0])
    if stage.code == "review":
        return _review(facts, unit, document, stage, planned)
    if stage.code == "cluster_inputs" and document is not None and document.level == Level.CLUSTER:
        return _intake(facts, document, stage, planned)
    if not tasks:
        return BoardCell(stage.code, CellState.UPCOMING, due, 0, None, "")
    late = max(task.working_days_late for task in tasks)
    return BoardCell(stage.code, CellState.DONE_LATE if late else CellState.DONE, due, late, None, tasks[-1].name)


def _active(facts: _Facts, unit: str, stage: Stage, due: dt.datetime | None, task: _Task | None) -> BoardCell:
    task_id, name = (task.task_id, task.name) if task is not None else (None, stage.name)
    if due is None:
        return BoardCell(stage.code, CellState.ON_TIME, None, 0, task_id, name)
    if due < facts.now:
        # On the weekend after a Friday no working day has passed yet, but late it is.
        return BoardCell(stage.code, CellState.LATE, due, facts.days(due, facts.now, unit), task_id, name)
    left = facts.days(facts.now, due, unit)
    state = CellState.DUE_SOON if left <= DUE_SOON else CellState.ON_TIME
    return BoardCell(stage.code, state, due, left, task_id, name)


def _review(facts: _Facts, unit: str, document: Document | None, stage: Stage, due: dt.datetime | None) -> BoardCell:
    """Return the cell of the national review, whose tasks are those of the cycle, not of one plan."""
    state = document.state if document is not None else DocumentState.PLANNED
    if state in (DocumentState.SUBMITTED, DocumentState.RETURNED):
        return _active(facts, unit, stage, due, None)
    if document is None or (state != DocumentState.APPROVED and state not in FINAL_STATES):
        return BoardCell(stage.code, CellState.UPCOMING, due, 0, None, "")
    at = facts.reviewed.get(document.id)
    if at is None:
        return BoardCell(stage.code, CellState.UPCOMING, due, 0, None, "")
    return _done(facts, unit, stage, due, at)


def _intake(facts: _Facts, document: Document, stage: Stage, due: dt.datetime | None) -> BoardCell:
    """Return the cell of a cluster's intake: it is the provinces that have the tasks, the cluster waits for them."""
    ended = document.state in FINAL_STATES and document.inputs_closed_at is None
    if document.opened_at is None or ended:
        return BoardCell(stage.code, CellState.UPCOMING, due, 0, None, "")
    at = document.inputs_closed_at
    return (
        _active(facts, document.unit, stage, due, None) if at is None else _done(facts, document.unit, stage, due, at)
    )


def _done(facts: _Facts, unit: str, stage: Stage, due: dt.datetime | None, at: dt.datetime) -> BoardCell:
    late = facts.days(due, at, unit) if due is not None and due < at else 0
    return BoardCell(stage.code, CellState.DONE_LATE if late else CellState.DONE, due, late, None, stage.name)


def _with_skipped(cells: Sequence[BoardCell], *, ended: bool) -> tuple[BoardCell, ...]:
    """Mark what the path passed by; the input to the cluster goes its own way and may come later."""
    quiet = (CellState.UPCOMING, CellState.NONE)
    begun = [place for place, cell in enumerate(cells) if cell.state not in quiet and cell.stage != "cluster_inputs"]
    last = len(cells) if ended else max(begun, default=-1)
    return tuple(
        replace(cell, state=CellState.SKIPPED)
        if cell.state is CellState.UPCOMING and place < last and (ended or cell.stage != "cluster_inputs")
        else cell
        for place, cell in enumerate(cells)
    )


def _standing(cells: Sequence[BoardCell], document: Document | None) -> Standing:
    states = {cell.state for cell in cells}
    for state, standing in (
        (CellState.LATE, Standing.LATE),
        (CellState.DUE_SOON, Standing.DUE_SOON),
        (CellState.ON_TIME, Standing.ON_TIME),
    ):
        if state in states:
            return standing
    ended = document is not None and document.state in FINAL_STATES
    return Standing.DONE if ended else Standing.WAITING
