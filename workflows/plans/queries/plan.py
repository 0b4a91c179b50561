"""One plan: where it stands, since when, with whom, what comes next; and plans in a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.plans.cycles import due_row
from workflows.plans.documents import get_document
from workflows.plans.models import Cycle, CycleUnit, Document, Step
from workflows.plans.progress import WorkingDays
from workflows.plans.queries.registers import (
    ConsultationView,
    DecisionView,
    EditionView,
    FileView,
    InputView,
    ObservationView,
    OwedView,
    consultations_of,
    decisions_of,
    editions_of,
    files_of_plan,
    inputs_to,
    observations,
    owed_to,
)
from workflows.plans.states import FINAL_STATES, CycleKind, DocumentState, Level, StepState
from workflows.plans.steps import Stage, stages_of


class StageState(StrEnum):
    """How far a plan is with a stage."""

    DONE = "done"
    CURRENT = "current"
    UPCOMING = "upcoming"
    SKIPPED = "skipped"  # the path went on without it


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in a list."""

    plan_key: str
    title: str
    unit: str
    unit_name: str
    level: str
    region: str
    cluster: str | None
    cycle: str
    state: str
    instance_id: str | None

    @property
    def unit_title(self) -> str:
        """The unit as it is written alone."""
        return f"จังหวัด{self.unit_name}" if self.level == Level.PROVINCE else self.unit_name


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
class PlanPage:
    """All that the page of a plan shows."""

    summary: PlanSummary
    cycle_name: str
    stages: tuple[StageView, ...]
    waiting: tuple[StepView, ...]
    next_stage: StageView | None
    steps: tuple[StepView, ...]
    editions: tuple[EditionView, ...]
    files: tuple[FileView, ...]
    decisions: tuple[DecisionView, ...]
    observations: tuple[ObservationView, ...]
    consultations: tuple[ConsultationView, ...]
    owed: tuple[OwedView, ...]
    inputs: tuple[InputView, ...]
    submitted_at: dt.datetime | None
    submission_number: str | None
    announced_on: dt.date | None
    url: str | None
    emenscr_code: str | None


def plan_summaries(
    session: Session, *, cycle: str | None = None, units: Sequence[str] | None = None
) -> list[PlanSummary]:
    """Return plans, of a cycle or of some units, newest cycle first."""
    wanted = (
        select(Document, Cycle, CycleUnit)
        .join(Cycle, Cycle.id == Document.cycle_id)
        .join(CycleUnit, (CycleUnit.cycle_id == Document.cycle_id) & (CycleUnit.unit == Document.unit))
        .order_by(Cycle.fiscal_year.desc(), Cycle.id.desc(), Document.level, Document.unit)
    )
    if cycle is not None:
        wanted = wanted.where(Cycle.code == cycle)
    if units is not None:
        wanted = wanted.where(Document.unit.in_(units))
    return [summary_of(document, found, unit) for document, found, unit in session.execute(wanted)]


def plan_page(session: Session, plan_key: str, *, now: dt.datetime, working_days: WorkingDays) -> PlanPage:
    """Return the page of a plan.

    Raises:
        PlanNotFound: There is none with this key.
    """
    document = get_document(session, plan_key)
    cycle = session.get(Cycle, document.cycle_id)
    unit = session.get(CycleUnit, (document.cycle_id, document.unit))
    assert cycle is not None
    assert unit is not None
    found = session.scalars(select(Step).where(Step.document_id == document.id).order_by(Step.opened_at, Step.id))
    steps = tuple(step_view(session, step, document.unit, now=now, working_days=working_days) for step in found)
    planned = [
        _stage(session, cycle, document, stage, steps, now=now, working_days=working_days)
        for stage in stages_of(
            Level(document.level),
            reviews=cycle.kind == CycleKind.REVISION,
            feeds_cluster=unit.cluster is not None and session.get(CycleUnit, (cycle.id, unit.cluster)) is not None,
        )
    ]
    stages = _with_skipped(planned)
    return PlanPage(
        summary=summary_of(document, cycle, unit),
        cycle_name=cycle.name,
        stages=stages,
        waiting=tuple(step for step in steps if step.state == StepState.OPEN),
        next_stage=next(
            (stage for stage in stages if stage.state is StageState.UPCOMING and stage.code != "cluster_inputs"), None
        ),
        steps=steps,
        editions=editions_of(session, document),
        files=files_of_plan(session, document),
        decisions=decisions_of(session, document),
        observations=observations(session, document.unit),
        consultations=consultations_of(session, document),
        owed=owed_to(session, document),
        inputs=inputs_to(session, document) if document.level == Level.CLUSTER else (),
        submitted_at=document.submitted_at,
        submission_number=document.submission_number,
        announced_on=document.announced_on,
        url=document.url,
        emenscr_code=document.emenscr_code,
    )


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


def _stage(
    session: Session,
    cycle: Cycle,
    document: Document,
    stage: Stage,
    steps: Sequence[StepView],
    *,
    now: dt.datetime,
    working_days: WorkingDays,
) -> StageView:
    mine = [step for step in steps if step.stage == stage.code]
    waiting = [step for step in mine if step.state == StepState.OPEN]
    started = min((step.opened_at for step in mine), default=None)
    finished = max((step.done_at for step in mine if step.done_at is not None), default=None)
    if stage.code == "review":
        state, started, finished = _review(document)
    elif waiting:
        state = StageState.CURRENT
    else:
        state = StageState.DONE if mine else StageState.UPCOMING
    due = due_row(session, cycle, stage.due_step, document.unit) if stage.due_step else None
    until = finished if state is StageState.DONE else now
    late = 0
    if due is not None and until is not None and state is not StageState.UPCOMING:
        late = working_days(session, due.due, until, document.unit)
    return StageView(
        code=stage.code,
        name=stage.name,
        state=state,
        original_due=due.original_due if due is not None else None,
        due=due.due if due is not None else None,
        started_at=started,
        finished_at=finished if state is StageState.DONE else None,
        working_days_late=late,
    )


def _with_skipped(stages: Sequence[StageView]) -> tuple[StageView, ...]:
    begun = [place for place, stage in enumerate(stages) if stage.state is not StageState.UPCOMING]
    last = max((place for place in begun if stages[place].code != "cluster_inputs"), default=-1)
    return tuple(
        replace(stage, state=StageState.SKIPPED)
        if stage.state is StageState.UPCOMING and place < last and stage.code != "cluster_inputs"
        else stage
        for place, stage in enumerate(stages)
    )


def _review(document: Document) -> tuple[StageState, dt.datetime | None, dt.datetime | None]:
    if document.state in (DocumentState.SUBMITTED, DocumentState.RETURNED):
        return StageState.CURRENT, document.submitted_at, None
    if document.state == DocumentState.APPROVED or document.state in FINAL_STATES:
        return StageState.DONE, document.submitted_at, None
    return StageState.UPCOMING, None, None


def summary_of(document: Document, cycle: Cycle, unit: CycleUnit) -> PlanSummary:
    """Return a plan as lists show it."""
    return PlanSummary(
        plan_key=document.plan_key,
        title=document.title,
        unit=document.unit,
        unit_name=unit.name,
        level=document.level,
        region=unit.region,
        cluster=unit.cluster if document.level == Level.PROVINCE else document.unit,
        cycle=cycle.code,
        state=document.state,
        instance_id=str(document.process_instance_id) if document.process_instance_id is not None else None,
    )
