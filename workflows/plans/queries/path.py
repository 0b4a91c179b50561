"""The path of one plan: its tasks, and its stages with dates planned and actual."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.plans.models import Cycle, CycleDue, CycleUnit, Decision, Document, Step
from workflows.plans.progress import WorkingDays
from workflows.plans.states import FINAL_STATES, Body, CycleKind, DocumentState, Level, StepState
from workflows.plans.steps import Stage, stages_of

INPUTS = "cluster_inputs"
REVIEW = "review"


class StageState(StrEnum):
    """How far a plan is with a stage."""

    DONE = "done"
    CURRENT = "current"
    UPCOMING = "upcoming"
    SKIPPED = "skipped"  # the path went on without it


@dataclass(frozen=True, slots=True)
class StepView:
    """A task of the plan: with whom, since when, until when, by whom done, how late in working days."""

    task_id: str
    stage: str
    name: str
    process_id: str
    element_id: str
    state: str
    groups: tuple[str, ...]
    opened_at: dt.datetime
    original_due: dt.datetime | None
    due: dt.datetime | None
    done_at: dt.datetime | None
    actor: str | None
    capacity: str | None
    outcome: str | None
    working_days_late: int
    working_days_left: int


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of the path with dates planned and actual."""

    code: str
    name: str
    state: StageState
    original_due: dt.datetime | None
    due: dt.datetime | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    working_days_late: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far a stage is, before its dates are looked at."""

    state: StageState
    started: dt.datetime | None = None
    finished: dt.datetime | None = None


def path_of(
    session: Session,
    cycle: Cycle,
    document: Document,
    steps: Sequence[StepView],
    *,
    now: dt.datetime,
    working_days: WorkingDays,
) -> tuple[StageView, ...]:
    """Return the stages of a plan in their order."""
    unit = session.get(CycleUnit, (cycle.id, document.unit))
    home = unit.cluster if unit is not None else None
    stages = stages_of(
        Level(document.level),
        reviews=cycle.kind == CycleKind.REVISION,
        feeds_cluster=home is not None and session.get(CycleUnit, (cycle.id, home)) is not None,
    )
    rows = session.scalars(
        select(CycleDue)
        .where(CycleDue.cycle_id == cycle.id, CycleDue.unit.in_(["", document.unit]))
        .order_by(CycleDue.unit)  # the unit's own date comes after that of all, and counts
    )
    dues = {row.step: row for row in rows}
    found = []
    for stage in stages:
        standing = _standing(session, document, stage, steps)
        due = dues.get(stage.due_step)
        until = standing.finished if standing.state is StageState.DONE else now
        late = 0
        if due is not None and until is not None and standing.state is not StageState.UPCOMING:
            late = working_days(session, due.due, until, document.unit)
        found.append(
            StageView(
                code=stage.code,
                name=stage.name,
                state=standing.state,
                original_due=due.original_due if due is not None else None,
                due=due.due if due is not None else None,
                started_at=standing.started,
                finished_at=standing.finished if standing.state is StageState.DONE else None,
                working_days_late=late,
            )
        )
    return _with_skipped(found, ended=document.state in FINAL_STATES)


def step_view(session: Session, step: Step, unit: str, *, now: dt.datetime, working_days: WorkingDays) -> StepView:
    """Return a task of a plan with its lateness up to now, or up to when it was done."""
    open_ = step.state == StepState.OPEN
    late = step.working_days_late or 0
    left = 0
    if open_ and step.due is not None:
        late = working_days(session, step.due, now, unit)
        left = working_days(session, now, step.due, unit)
    return StepView(
        task_id=step.task_id,
        stage=step.stage,
        name=step.name,
        process_id=step.process_id,
        element_id=step.element_id,
        state=step.state,
        groups=tuple(filter(None, step.groups.split(","))),
        opened_at=step.opened_at,
        original_due=step.original_due,
        due=step.due,
        done_at=step.done_at,
        actor=step.actor,
        capacity=step.capacity,
        outcome=step.outcome,
        working_days_late=late,
        working_days_left=left,
    )


def _standing(session: Session, document: Document, stage: Stage, steps: Sequence[StepView]) -> _Standing:
    if stage.code == REVIEW:
        return _review(session, document)
    if stage.code == INPUTS and document.level == Level.CLUSTER:
        return _inputs(document)
    mine = [step for step in steps if step.stage == stage.code]
    started = min((step.opened_at for step in mine), default=None)
    if any(step.state == StepState.OPEN for step in mine):
        return _Standing(StageState.CURRENT, started)
    finished = max((step.done_at for step in mine if step.done_at is not None), default=None)
    return _Standing(StageState.DONE if mine else StageState.UPCOMING, started, finished)


def _review(session: Session, document: Document) -> _Standing:
    """Return the national review, whose tasks are those of the cycle: it ends with what cabinet decided."""
    if document.state in (DocumentState.SUBMITTED, DocumentState.RETURNED):
        return _Standing(StageState.CURRENT, document.submitted_at)
    decided = session.scalar(
        select(func.max(Decision.at)).where(Decision.document_id == document.id, Decision.body == Body.CABINET)
    )
    if decided is not None and (document.state == DocumentState.APPROVED or document.state in FINAL_STATES):
        return _Standing(StageState.DONE, document.submitted_at, decided)
    return _Standing(StageState.UPCOMING)


def _inputs(document: Document) -> _Standing:
    """Return the intake of a cluster, which waits for messages of its provinces and has no task of its own."""
    if document.inputs_closed_at is not None:
        return _Standing(StageState.DONE, document.opened_at, document.inputs_closed_at)
    if document.opened_at is None or document.state in FINAL_STATES:
        return _Standing(StageState.UPCOMING)
    return _Standing(StageState.CURRENT, document.opened_at)


def _with_skipped(stages: Sequence[StageView], *, ended: bool) -> tuple[StageView, ...]:
    """Mark what the path passed by; the input to the cluster goes its own way and may come later."""
    begun = [
        place for place, stage in enumerate(stages) if stage.state is not StageState.UPCOMING and stage.code != INPUTS
    ]
    last = len(stages) if ended else max(begun, default=-1)
    return tuple(
        replace(stage, state=StageState.SKIPPED)
        if stage.state is StageState.UPCOMING and place < last and (ended or stage.code != INPUTS)
        else stage
        for place, stage in enumerate(stages)
    )
