"""Jobs: run what is due, lease external work, take its answers, record failures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, or_, select, update

from engine.errors import EngineError, InstanceNotFound, InvalidArgument, JobNotFound, JobNotLocked
from engine.events import JobFailed
from engine.execution import stepper
from engine.execution.handlers import failure_words
from engine.execution.incidents import open_incident
from engine.execution.jobs import read_payload, take_job
from engine.execution.retry import decide
from engine.execution.rows import Columns, job_view
from engine.execution.run import Run, lock_run, lock_run_or_skip
from engine.execution.stepper import StepFailed
from engine.execution.transaction import Transaction
from engine.services.authority import check
from engine.services.ids import number
from engine.services.job_kinds import run_alone, run_in_instance
from engine.services.pages import bounded
from engine.services.tasks import checked_variables
from engine.states import InstanceState, JobKind, JobState
from engine.store import JobRow
from engine.store.job import DUE, EXTERNAL, OPEN, TROUBLED
from engine.store.prepared import Prepared
from engine.views import Job

_J: Final = JobRow.__table__.c
_FIND: Final = Prepared(select(JobRow.__table__).where(_J.id == bindparam("key")))
_DUE_NOW: Final = Prepared(
    select(_J.id).where(DUE, _J.due_at <= bindparam("now")).order_by(_J.due_at, _J.id).limit(bindparam("count"))
)
_EARLIEST: Final = Prepared(select(_J.due_at).where(DUE).order_by(_J.due_at, _J.id).limit(1))
_FREE: Final = (
    select(JobRow.__table__)
    .where(EXTERNAL, _J.type == bindparam("work"), ~_J.held, _J.due_at <= bindparam("now"))
    .where(or_(_J.state == str(JobState.WAITING), _J.lock_until <= bindparam("now")))
    .order_by(_J.due_at, _J.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
_LEASE: Final = (
    update(JobRow)
    .where(_J.id.in_(bindparam("jobs", expanding=True)))
    .values(state=str(JobState.LOCKED), lock_owner=bindparam("worker"), lock_until=bindparam("until"))
)
_MINE: Final = and_(_J.id == bindparam("key"), _J.state == str(JobState.LOCKED), _J.lock_owner == bindparam("worker"))
_FINISH: Final = update(JobRow).where(_MINE).values(state=str(JobState.DONE), lock_until=None)
_EXTEND: Final = update(JobRow).where(_MINE).values(lock_until=bindparam("until"))
_PUT: Final = (
    update(JobRow)
    .where(_J.id == bindparam("key"), _J.state == bindparam("seen_state"), _J.retries == bindparam("seen_retries"))
    .values(
        state=bindparam("becomes"),
        retries=bindparam("left"),
        attempts=_J.attempts + 1,
        due_at=bindparam("at"),
        error=bindparam("why"),
        lock_owner=None,
        lock_until=None,
    )
)
# The job was read before its instance was locked: another transaction may have done it meanwhile.
_STILL_WAITING: Final = and_(_J.id == bindparam("key"), _J.state == str(JobState.WAITING))
_HOLD: Final = update(JobRow).where(_STILL_WAITING).values(held=True)
_CANCEL: Final = update(JobRow).where(_STILL_WAITING).values(state=str(JobState.CANCELLED))
_LONGEST_ERROR: Final = 10_000


class Outcome(StrEnum):
    """What came of an attempt to run a job."""

    DONE = "done"
    GONE = "gone"  # already done, cancelled or held: nothing to do
    BUSY = "busy"  # another transaction works on its instance: later


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: a stable code, an element, words."""

    code: str
    message: str
    element_id: str | None = None

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Read a failure off what was raised."""
        if isinstance(error, StepFailed):
            return cls(error.code, error.message, error.element_id or None)
        if isinstance(error, EngineError):
            return cls(error.code, error.message)
        return cls("internal_error", failure_words(error))


class Jobs:
    """Verbs and reads of jobs."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def get(self, job_id: int) -> Job:
        """Return a job.

        Raises:
            JobNotFound: There is none with this id.
        """
        return job_view(self._row(job_id))

    def find(
        self,
        *,
        instance_id: str | None = None,
        kind: JobKind | None = None,
        troubled: bool = False,
        limit: int = 100,
        after: int | None = None,
    ) -> list[Job]:
        """List open jobs (waiting, locked or failed), oldest first; `troubled`: those whose last attempt failed."""
        wanted = TROUBLED if troubled else OPEN
        statement = select(JobRow.__table__).where(wanted).order_by(_J.id).limit(bounded(self._tx, limit))
        if instance_id is not None:
            statement = statement.where(_J.instance_id == number(instance_id, InstanceNotFound))
        if kind is not None:
            statement = statement.where(_J.kind == str(kind))
        if after is not None:
            statement = statement.where(_J.id > after)
        return [job_view(row) for row in self._tx.connection.execute(statement).mappings()]

    def count_due(self) -> int:
        """Count internal jobs that should have run by now."""
        statement = select(func.count()).select_from(JobRow.__table__).where(DUE, _J.due_at <= self._tx.now)
        return self._tx.connection.execute(statement).scalar_one()

    def due(self, count: int) -> list[int]:
        """Return the ids of internal jobs that are due, the earliest first."""
        return _DUE_NOW.column(self._tx.connection, {"now": self._tx.now, "count": count})

    def earliest_due(self) -> dt.datetime | None:
        """Return the earliest moment at which an internal job is due."""
        found: dt.datetime | None = _EARLIEST.scalar(self._tx.connection, {})
        return found

    def run(self, job_id: int, *, wait: bool = False) -> Outcome:
        """Run an internal job in this transaction; exactly one transaction ever commits it.

        Args:
            job_id: Which one.
            wait: Whether to wait for an instance that another transaction works on.

        Raises:
            StepFailed: It failed; roll back, then `record_failure` in another unit of work.
        """
        tx = self._tx
        job = _FIND.row(tx.connection, {"key": job_id})
        if job is None or job["state"] != JobState.WAITING or job["held"]:
            return Outcome.GONE
        if job["instance_id"] is not None and job["kind"] != JobKind.START_CHILD:
            return self._run_in_instance(job, wait=wait)
        if not take_job(tx, job_id):
            return Outcome.GONE
        run_alone(tx, job, read_payload(job["payload"]))
        return Outcome.DONE

    def _run_in_instance(self, job: Columns, *, wait: bool) -> Outcome:
        tx = self._tx
        run = lock_run(tx, job["instance_id"]) if wait else lock_run_or_skip(tx, job["instance_id"])
        if run is None:
            return Outcome.BUSY
        if run.state is InstanceState.SUSPENDED and job["kind"] != JobKind.CANCEL_CHILD:
            tx.connection.execute(_HOLD, {"key": job["id"]})
        elif run.state in (InstanceState.COMPLETED, InstanceState.CANCELLED):
            tx.connection.execute(_CANCEL, {"key": job["id"]})
        elif take_job(tx, job["id"]):
            run_in_instance(tx, run, job, read_payload(job["payload"]))
            return Outcome.DONE
        return Outcome.GONE

    def record_failure(self, job_id: int, failure: Failure) -> None:
        """Record that an internal job failed: tried again later, or an incident."""
        job = self._row(job_id)
        run = lock_run(self._tx, job["instance_id"]) if job["instance_id"] is not None else None
        job = self._row(job_id)
        if job["state"] == JobState.WAITING:
            self._fail(run, job, failure, None, None)

    def fetch(
        self, work: str, *, worker: str = "worker", limit: int = 1, lock: dt.timedelta | None = None
    ) -> list[Job]:
        """Lease external work of a type; a lease that runs out is taken by the next who asks.

        Raises:
            NotAuthorized: The actor may not.
        """
        check(self._tx, "fetch_jobs")
        if not worker:
            raise InvalidArgument("Expected the name of the worker, but got none.")
        until = self._tx.now + (self._tx.config.lock_duration if lock is None else lock)
        rows = self._tx.connection.execute(
            _FREE, {"work": work, "now": self._tx.now, "count": bounded(self._tx, limit)}
        ).mappings()
        found = [dict(row) for row in rows.all()]
        if found:
            ids = [row["id"] for row in found]
            self._tx.connection.execute(_LEASE, {"jobs": ids, "worker": worker, "until": until})
        leased = {"state": str(JobState.LOCKED), "lock_owner": worker, "lock_until": until}
        return [job_view({**row, **leased}) for row in found]

    def extend(self, job_id: int, *, worker: str = "worker", lock: dt.timedelta | None = None) -> Job:
        """Keep a lease for longer.

        Raises:
            JobNotFound: There is none with this id.
            JobNotLocked: It is finished, or another worker has it.
        """
        until = self._tx.now + (self._tx.config.lock_duration if lock is None else lock)
        job = self._row(job_id)
        if self._tx.connection.execute(_EXTEND, {"key": job_id, "worker": worker, "until": until}).rowcount != 1:
            raise _not_locked(job)
        return self.get(job_id)

    def finish(self, job_id: int, variables: Mapping[str, object] | None = None, *, worker: str = "worker") -> Job:
        """Hand in the result of external work; its run goes on.

        Raises:
            JobNotFound: There is none with this id.
            JobNotLocked: It is finished, or another worker has it.
            InstanceNotActive: Its instance is suspended.
            InvalidVariables: A variable cannot be stored exactly.
        """
        result = checked_variables(self._tx, variables)
        run, job = self._lock_mine(job_id, worker, "finish_job")
        self._tx.connection.execute(_FINISH, {"key": job_id, "worker": worker})
        details = {"job": job_id, "worker": worker, "variables": result}
        run.record("job_finished", job["element_id"], details, by=self._tx.actor)
        wait, part = job["wait_id"], job["part"]
        try:
            stepper.advance(run, lambda process: process.complete(wait, part, result), part=part, submitted=result)
        except StepFailed as failure:
            self._fail(run, self._row(job_id), Failure.of(failure), 0, None)
        return self._saved(run, job_id)

    def fail(
        self,
        job_id: int,
        error: str,
        *,
        retries: int | None = None,
        back_off: dt.timedelta | None = None,
        worker: str = "worker",
    ) -> Job:
        """Tell that an attempt failed; `retries` attempts are left (one less than before, unless said).

        Raises:
            JobNotFound: There is none with this id.
            JobNotLocked: It is finished, or another worker has it.
        """
        if retries is not None and retries < 0:
            raise InvalidArgument(f"Expected retries of at least 0, but got {retries}.")
        run, job = self._lock_mine(job_id, worker, "fail_job")
        self._fail(run, job, Failure("job_failed", error), retries, back_off)
        return self._saved(run, job_id)

    def throw_error(
        self,
        job_id: int,
        code: str,
        message: str = "",
        variables: Mapping[str, object] | None = None,
        *,
        worker: str = "worker",
    ) -> Job:
        """Answer with a business error; an error event with the code catches it, else it is an incident.

        Raises:
            JobNotFound: There is none with this id.
            JobNotLocked: It is finished, or another worker has it.
            InvalidVariables: A variable cannot be stored exactly.
        """
        handed = checked_variables(self._tx, variables)
        run, job = self._lock_mine(job_id, worker, "throw_error")
        details = {"job": job_id, "worker": worker, "code": code, "message": message, "variables": handed}
        run.record("job_threw_error", job["element_id"], details, by=self._tx.actor)
        wait, part = job["wait_id"], job["part"]
        try:
            stepper.advance(
                run,
                lambda process: process.throw_error(wait, part, code, message, handed),
                part=part,
                submitted=handed,
            )
        except StepFailed as failure:
            self._fail(run, job, Failure.of(failure), 0, None)
        return self._saved(run, job_id)

    def _fail(
        self,
        run: Run | None,
        job: Mapping[str, Any],
        failure: Failure,
        retries: int | None,
        back_off: dt.timedelta | None,
    ) -> None:
        tx = self._tx
        decision = decide(
            tx.config,
            retries=job["retries"] if retries is None else retries + 1,
            code=failure.code,
            now=tx.now,
            attempt=job["attempts"],
        )
        due_at = decision.due_at if back_off is None or decision.due_at is None else tx.now + back_off
        message = failure.message[:_LONGEST_ERROR]
        values = {
            "key": job["id"],
            "seen_state": job["state"],
            "seen_retries": job["retries"],
            "becomes": str(JobState.FAILED if due_at is None else JobState.WAITING),
            "left": decision.retries,
            "at": due_at or job["due_at"],
            "why": message,
        }
        if tx.connection.execute(_PUT, values).rowcount != 1:
            return  # another worker has recorded its own failure of the same attempt
        element = _element(run, failure.element_id or job["element_id"])
        if run is not None:
            details = {"job": job["id"], "code": failure.code, "error": message, "retries": decision.retries}
            run.record("job_failed", element, details)
        tx.emit(
            JobFailed(
                at=tx.now,
                actor=tx.actor.id,
                capacity=tx.actor.capacity,
                job_id=job["id"],
                instance_id=str(run.id) if run else None,
                element_id=element,
                error=message,
                retries=decision.retries,
            )
        )
        if due_at is None:
            open_incident(tx, run, job_id=job["id"], element_id=element, code=failure.code, message=message)
        else:
            tx.will_be_due(due_at)
        if run is not None:
            run.save()
        tx.dispatch()

    def _lock_mine(self, job_id: int, worker: str, act: str) -> tuple[Run, dict[str, Any]]:
        check(self._tx, act)
        job = self._row(job_id)
        if job["kind"] != JobKind.EXTERNAL:
            raise JobNotFound(job_id=job_id)
        run = lock_run(self._tx, job["instance_id"])
        job = self._row(job_id)
        if job["state"] != JobState.LOCKED or job["lock_owner"] != worker:
            raise _not_locked(job)
        run.ensure_active()
        return run, job

    def _saved(self, run: Run, job_id: int) -> Job:
        run.save()
        self._tx.dispatch()
        return self.get(job_id)

    def _row(self, job_id: int) -> dict[str, Any]:
        row = _FIND.row(self._tx.connection, {"key": job_id})
        if row is None:
            raise JobNotFound(job_id=job_id)
        return dict(row)


def _element(run: Run | None, failed_at: str | None) -> str | None:
    """Name an element of the diagram: a flow whose condition fails belongs to the element it leaves."""
    if run is None or failed_at is None:
        return failed_at
    flow = run.deployed.process.flows.get(failed_at)
    return flow.source if flow is not None else failed_at


def _not_locked(job: Mapping[str, Any]) -> JobNotLocked:
    return JobNotLocked(
        f"Expected a job locked by this worker, but it is {job['state']}.",
        job_id=job["id"],
        state=job["state"],
        by=job["lock_owner"],
    )
