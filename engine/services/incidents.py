"""Incidents: list them, retry their jobs after repair, or lay them down."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import bindparam, func, select, update

from engine.errors import IncidentNotFound, StateConflict
from engine.execution.incidents import resolve_incident
from engine.execution.rows import incident_view, instance_view
from engine.execution.run import Run, lock_run
from engine.execution.transaction import Transaction
from engine.services.authority import check
from engine.services.ids import number
from engine.services.pages import bounded
from engine.states import IncidentState, JobKind, JobState
from engine.store import DefinitionRow, IncidentRow, InstanceRow, JobRow
from engine.views import Incident

_N: Final = IncidentRow.__table__.c
_J: Final = JobRow.__table__.c
_I: Final = InstanceRow.__table__.c
_FIND: Final = select(IncidentRow.__table__).where(_N.id == bindparam("key"))
_JOB: Final = select(_J.id, _J.kind).where(_J.id == bindparam("key"), _J.state == str(JobState.FAILED))
_RETRY: Final = (
    update(JobRow)
    .where(_J.id == bindparam("key"), _J.state == str(JobState.FAILED))
    .values(state=str(JobState.WAITING), due_at=bindparam("at"), retries=bindparam("left"), attempts=0, error=None)
)


class Incidents:
    """Verbs and reads of incidents."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def get(self, incident_id: int) -> Incident:
        """Return an incident.

        Raises:
            IncidentNotFound: There is none with this id.
        """
        return incident_view(self._row(incident_id))

    def find(
        self,
        *,
        instance_id: str | None = None,
        process_id: str | None = None,
        state: IncidentState | None = IncidentState.OPEN,
        limit: int = 100,
        after: int | None = None,
    ) -> list[Incident]:
        """List incidents, newest first; `state` None means all."""
        statement = select(IncidentRow.__table__).order_by(_N.id.desc()).limit(bounded(self._tx, limit))
        if state is not None:
            statement = statement.where(_N.state == str(state))
        if instance_id is not None:
            statement = statement.where(_N.instance_id == number(instance_id, IncidentNotFound))
        if process_id is not None:
            definition = DefinitionRow.__table__.c
            of_process = select(_I.id).where(
                _I.definition_id.in_(select(definition.id).where(definition.key == process_id))
            )
            statement = statement.where(_N.instance_id.in_(of_process))
        if after is not None:
            statement = statement.where(_N.id < after)
        return [incident_view(row) for row in self._tx.connection.execute(statement).mappings()]

    def count(self) -> int:
        """Count the open ones."""
        statement = select(func.count()).select_from(IncidentRow.__table__).where(_N.state == str(IncidentState.OPEN))
        return self._tx.connection.execute(statement).scalar_one()

    def retry(self, incident_id: int) -> Incident:
        """Try the failed job again, after a repair; the incident is resolved.

        Raises:
            IncidentNotFound: There is none with this id.
            StateConflict: It is resolved, or nothing can be tried again: use `resolve`.
            NotAuthorized: The actor may not.
        """
        run, row = self._lock(incident_id, "retry_incident")
        job = self._tx.connection.execute(_JOB, {"key": row["job_id"]}).first() if row["job_id"] else None
        if job is None:
            raise StateConflict(
                "Expected an incident with a failed job, but there is nothing to try again; resolve it instead.",
                incident_id=incident_id,
            )
        self._tx.connection.execute(_RETRY, {"key": job.id, "at": self._tx.now, "left": self._tx.config.job_retries})
        if job.kind != JobKind.EXTERNAL:
            self._tx.woken.append(job.id)
        return self._close(run, row)

    def resolve(self, incident_id: int) -> Incident:
        """Lay an incident down without trying again; a failed job of it stays failed.

        Raises:
            IncidentNotFound: There is none with this id.
            StateConflict: It is resolved already.
            NotAuthorized: The actor may not.
        """
        run, row = self._lock(incident_id, "resolve_incident")
        return self._close(run, row)

    def _lock(self, incident_id: int, act: str) -> tuple[Run | None, dict[str, Any]]:
        row = self._row(incident_id)
        run = lock_run(self._tx, row["instance_id"]) if row["instance_id"] is not None else None
        row = self._row(incident_id)
        instance = None
        if run is not None:
            found = self._tx.connection.execute(select(InstanceRow.__table__).where(_I.id == run.id)).mappings().one()
            instance = instance_view(found, run.deployed.definition)
        check(self._tx, act, instance)
        if row["state"] != IncidentState.OPEN:
            raise StateConflict(
                "Expected an open incident, but it is resolved.", incident_id=incident_id, by=row["resolved_by"]
            )
        return run, row

    def _close(self, run: Run | None, row: dict[str, Any]) -> Incident:
        resolve_incident(self._tx, run, row["id"], row["element_id"])
        if run is not None:
            run.save()
        self._tx.dispatch()
        return self.get(row["id"])

    def _row(self, incident_id: int) -> dict[str, Any]:
        key = number(incident_id, IncidentNotFound)
        row = self._tx.connection.execute(_FIND, {"key": key}).mappings().first()
        if row is None:
            raise IncidentNotFound(incident_id=incident_id)
        return dict(row)
