"""What pages and the replay do in one unit of work: open a cycle, re-issue a date, upload a file, close a remark."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflows.files.store import StoredFile
from workflows.plans import cycles, decisions, documents, files
from workflows.plans.cycles import NewCycle, get_cycle
from workflows.plans.errors import ObservationClosed, PlanClosed, PlanNotFound
from workflows.plans.models import CycleReissue, Observation
from workflows.plans.reissues import following
from workflows.plans.states import FINAL_STATES, CycleState, FileRole, ObservationState
from workflows.plans.steps import usual_calendar
from workflows.plans.values import as_day

if TYPE_CHECKING:
    from engine import UnitOfWork

CYCLE_PROCESS = "planning-cycle"
REISSUED = "cycle-due-reissued"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Where an uploaded file went."""

    file_id: int
    edition: int | None
    sha256: str
    name: str


def open_cycle(uow: UnitOfWork, new: NewCycle) -> str:
    """Open a cycle and start its process; returns its code.

    Raises:
        CycleRefused: It exists, has no units, or its settings do not fit.
    """
    cycle = cycles.create_cycle(uow.session, new, actor=uow.actor, now=uow.now)
    instance = uow.instances.start(
        CYCLE_PROCESS,
        {
            "cycle": cycle.code,
            "kind": cycle.kind,
            "fiscal_year": cycle.fiscal_year,
            "calendar": usual_calendar(as_day(uow.now)),
        },
        cycle.code,
    )
    cycle.process_instance_id = int(instance.id)
    uow.session.flush()
    return cycle.code


def reissue_due(
    uow: UnitOfWork, cycle_code: str, *, step: str, due: dt.date, reason: str, order_ref: str, unit: str = ""
) -> CycleReissue:
    """Give a step of the calendar another date, even after it has passed; open tasks follow at once.

    Raises:
        PlanNotFound: There is no such cycle.
        ReasonRequired: There is no reason or no order.
        CalendarRefused: The cycle has no such step.
    """
    session = uow.session
    cycle = get_cycle(session, cycle_code)
    kept = cycles.reissue(
        session,
        cycle,
        step=step,
        due=due,
        reason=reason,
        order_ref=order_ref,
        unit=unit,
        actor=uow.actor,
        now=uow.now,
    )
    for task in following(session, cycle, step, unit):
        if task.due != kept.new_due:
            uow.tasks.set_due(task.task_id, kept.new_due, reason=kept.reason, order_ref=kept.order_ref)
    if cycle.state == CycleState.ISSUED:
        told = {"step": step, "unit": unit or None, "old_due": kept.old_due, "new_due": kept.new_due}
        told |= {"reason": kept.reason, "order_ref": kept.order_ref}
        uow.messages.correlate(REISSUED, cycle.code, {"reissue": told}, time_to_live=dt.timedelta(0))
    return kept


def attach_file(
    uow: UnitOfWork, plan_key: str, stored: StoredFile, *, name: str, role: FileRole, to_edition: bool = True
) -> Uploaded:
    """Attach a stored file to the working edition of a plan (the next one when the last is frozen), or to the plan.

    Raises:
        PlanNotFound: There is no such plan.
        PlanClosed: The plan has come to its end; what was published does not get further editions.
    """
    document = documents.get_document(uow.session, plan_key)
    if document.state in FINAL_STATES:
        raise PlanClosed(f"Expected a plan at work, but {plan_key} is {document.state}.", state=document.state)
    edition = None
    if to_edition:
        edition = documents.working_edition(uow.session, document, actor=uow.actor, now=uow.now)
    file = files.add_file(
        uow.session, document, stored, name=name, role=role, edition=edition, actor=uow.actor, now=uow.now
    )
    return Uploaded(file.id, edition.number if edition is not None else None, file.sha256, file.name)


def ensure_room(uow: UnitOfWork, plan_key: str, *, coming: int, quota: int) -> None:
    """Refuse files that would make those of a plan more than its quota, all in bytes.

    Raises:
        PlanNotFound: There is no such plan.
        FileRefused: There would be more.
    """
    files.ensure_room(uow.session, documents.get_document(uow.session, plan_key), coming=coming, quota=quota)


def detach_file(uow: UnitOfWork, file_id: int) -> None:
    """Take a file out of a draft.

    Raises:
        PlanNotFound: There is no such file.
        EditionFrozen: Its edition does not change any more.
    """
    files.remove_file(uow.session, files.get_file(uow.session, file_id))


def close_observation(uow: UnitOfWork, observation_id: int, *, plan_key: str, edition: int, proof: str) -> None:
    """Close a remark with the edition that answers it and the proof.

    Raises:
        PlanNotFound: There is no such remark or edition.
        ObservationClosed: Somebody has closed it already.
        ProofRequired: There is no proof.
    """
    observation = uow.session.get(Observation, observation_id, with_for_update=True)
    document = documents.get_document(uow.session, plan_key)
    if observation is None or observation.unit != document.unit:
        raise PlanNotFound(f"Expected an observation {observation_id} of this unit, but there is none.")
    if observation.state != ObservationState.OPEN:
        raise ObservationClosed(f"Expected an open remark, but {observation_id} was closed.")
    documents.get_edition(uow.session, document, edition)
    decisions.close_observation(
        uow.session,
        observation,
        proof=proof,
        document=document,
        edition=edition,
        actor=uow.actor,
        now=uow.now,
    )
