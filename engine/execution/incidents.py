"""Opening and closing incidents, with their count on the instance."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, insert, select, update

from engine.events import IncidentCreated, IncidentResolved
from engine.execution.run import Run
from engine.execution.transaction import Transaction
from engine.states import IncidentState, JobState
from engine.store import IncidentRow, JobRow
from engine.store.incident import OPEN

_N: Final = IncidentRow.__table__.c
_J: Final = JobRow.__table__.c
_INSERT: Final = insert(IncidentRow).returning(_N.id)
_RESOLVE: Final = (
    update(IncidentRow)
    .where(_N.id == bindparam("key"), OPEN)
    .values(state=str(IncidentState.RESOLVED), resolved_at=bindparam("at"), resolved_by=bindparam("by"))
)
_OPEN_OF_RUN: Final = (
    select(_N.id, _N.element_id, _N.job_id, _J.state.label("job_state"))
    .outerjoin(JobRow.__table__, _J.id == _N.job_id)
    .where(_N.instance_id == bindparam("run"), _N.state == str(IncidentState.OPEN))
)


def open_incident(
    tx: Transaction, run: Run | None, *, job_id: int | None, element_id: str | None, code: str, message: str
) -> int:
    """Note that a run, or a job of none, cannot go on."""
    number: int = tx.connection.execute(
        _INSERT,
        {
            "instance_id": run.id if run else None,
            "job_id": job_id,
            "element_id": element_id,
            "code": code,
            "message": message,
            "state": str(IncidentState.OPEN),
            "created_at": tx.now,
            "resolved_at": None,
            "resolved_by": None,
        },
    ).scalar_one()
    if run is not None:
        run.incidents += 1
        run.record("incident_created", element_id, {"incident": number, "code": code, "message": message})
    tx.emit(
        IncidentCreated(
            at=tx.now,
            actor=tx.actor.id,
            capacity=tx.actor.capacity,
            incident_id=number,
            instance_id=str(run.id) if run else None,
            element_id=element_id,
            code=code,
            message=message,
        )
    )
    return number


def resolve_incident(tx: Transaction, run: Run | None, incident: int, element_id: str | None) -> bool:
    """Close an open incident; False when it is closed already."""
    values = {"key": incident, "at": tx.now, "by": tx.actor.id}
    if tx.connection.execute(_RESOLVE, values).rowcount != 1:
        return False
    if run is not None:
        run.incidents -= 1
        run.record("incident_resolved", element_id, {"incident": incident}, by=tx.actor)
    tx.emit(
        IncidentResolved(
            at=tx.now,
            actor=tx.actor.id,
            capacity=tx.actor.capacity,
            incident_id=incident,
            instance_id=str(run.id) if run else None,
            element_id=element_id,
        )
    )
    return True


def resolve_settled(tx: Transaction, run: Run) -> None:
    """Close the incidents of jobs that are over."""
    if run.incidents == 0:
        return
    for row in tx.connection.execute(_OPEN_OF_RUN, {"run": run.id}).all():
        if row.job_id is not None and row.job_state in (JobState.DONE, JobState.CANCELLED):
            resolve_incident(tx, run, row.id, row.element_id)
