"""One plan: where it stands, since when, with whom, what comes next; and plans in a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.plans.documents import get_document
from workflows.plans.models import Cycle, CycleUnit, Document, Step
from workflows.plans.progress import WorkingDays
from workflows.plans.queries.path import StageState, StageView, StepView, path_of, step_view
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
from workflows.plans.states import Level, StepState


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
    stages = path_of(session, cycle, document, steps, now=now, working_days=working_days)
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
