"""The engine, wired once: units of work, and after each the immediate jobs that it caused."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, Self, TypeVar

from typing_extensions import override

from engine.bpmn.reader import Limits
from engine.clock import SystemClock
from engine.config import EngineConfig
from engine.errors import ConcurrentUpdate, DatabaseUnavailable, ExpressionError
from engine.execution.models import ModelCache
from engine.ports import SYSTEM, Actor, Clock, Ports
from engine.process_engine.duties import Duties
from engine.process_engine.verbs import Verbs, as_actor
from engine.services.jobs import Failure, Outcome
from engine.store import schema
from engine.store.database import open_database
from engine.unit_of_work import Database, UnitOfWork, open_unit

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = logging.getLogger(__name__)

T = TypeVar("T")
_BATCH: Final = 100


def _facts(job_id: int, uow: UnitOfWork | None) -> dict[str, object]:
    """Return what the log says of a job: its number and those of the instances that it worked on."""
    return {"job_id": job_id, "instances": list(uow.locked) if uow is not None else []}


def _never() -> bool:
    return False


class ProcessEngine(Verbs):
    """A BPMN engine on one database; safe for many threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._duties = Duties(
            database.ports.duties, read=self._read, do=lambda verb, moment: self._do(SYSTEM, verb, moment)
        )
        self.on_due: Callable[[dt.datetime], None] | None = None  # a worker in this process wants to be woken

    @classmethod
    def open(
        cls,
        url: str = "sqlite://",
        *,
        clock: Clock | None = None,
        ports: Ports | None = None,
        config: EngineConfig | None = None,
        migrate: bool = False,
    ) -> Self:
        """Open the engine on a database; an empty one gets its tables, an outdated one only with `migrate`.

        Raises:
            DatabaseUnavailable: The database is of an earlier revision than this code and `migrate` was not given, or
                it is of a later one.
        """
        ports = ports or Ports()
        config = config or EngineConfig()
        engine = open_database(url, busy_timeout_ms=config.busy_timeout_ms, pool_size=config.pool_size)
        try:
            _prepare(engine, migrate=migrate)
        except BaseException:
            engine.dispose()
            raise
        models = ModelCache(
            config.model_cache,
            Limits(
                max_bytes=config.max_file_bytes,
                max_elements=config.max_elements,
                max_depth=config.max_depth,
                max_name=config.max_name,
            ),
        )
        return cls(Database(engine, config, ports, models), clock or ports.clock or SystemClock())

    def close(self) -> None:
        """Give the database's connections back."""
        self._database.engine.dispose()

    @property
    def config(self) -> EngineConfig:
        """The settings."""
        return self._database.config

    @property
    def clock(self) -> Clock:
        """The source of time."""
        return self._clock

    def evaluate(self, text: str, variables: Mapping[str, object]) -> object:
        """Evaluate a FEEL expression (without its `=`) over variables, as diagrams do: for the host's forms.

        Raises:
            ExpressionError: It cannot be read or evaluated.
        """
        from engine.execution.lent import lent_functions
        from engine.feel import FeelError, compile_expression

        with ExitStack() as opened:
            lent = lent_functions(self._database.ports, cache(lambda: opened.enter_context(self.reading()).session))
            try:
                value: object = compile_expression(text).evaluate(
                    variables, now=self._clock.now(), zone=self.config.zone, functions=lent
                )
            except FeelError as error:
                raise ExpressionError(f"Expected an expression that can be evaluated, but {text!r}: {error}") from error
        return value

    # -- units of work ----------------------------------------------------------------------------------------------

    @contextmanager
    def unit_of_work(
        self, actor: Actor | str = SYSTEM, *, idempotency_key: str | None = None, now: dt.datetime | None = None
    ) -> Iterator[UnitOfWork]:
        """Several verbs, and the host's own rows, in one transaction; immediate jobs run after its commit."""
        moment = now or self._clock.now()
        with open_unit(self._database, as_actor(actor), moment, idempotency_key=idempotency_key) as uow:
            yield uow
        self._afterwards(uow, now)

    @contextmanager
    def reading(self, actor: Actor | str = SYSTEM) -> Iterator[UnitOfWork]:
        """The same services for reading only; nothing is written."""
        with open_unit(self._database, as_actor(actor), self._clock.now(), writes=False) as uow:
            yield uow

    @override
    def _do(self, actor: Actor | str, verb: Callable[[UnitOfWork], T], now: dt.datetime | None = None) -> T:
        """Do one verb in its own unit of work; a race that was lost in the database is run again."""
        attempts = self.config.attempts
        while True:
            attempts -= 1
            try:
                with self.unit_of_work(actor, now=now) as uow:
                    return verb(uow)
            except ConcurrentUpdate:
                if attempts <= 0:
                    raise

    @override
    def _read(self, query: Callable[[UnitOfWork], T]) -> T:
        with self.reading() as uow:
            return query(uow)

    def run_due(self, now: dt.datetime | None = None, *, stopping: Callable[[], bool] = _never) -> int:
        """Run all that is due until none is left; return how much: internal jobs, then the host's duties.

        Jobs (timers, continuations, messages …) whose instance another transaction works on are left to it;
        `stopping` is asked between two jobs.
        """
        done = 0
        while True:
            progressed = self._run_jobs(now, stopping)
            progressed += self._duties.run(now or self._clock.now(), now, stopping)
            done += progressed
            if progressed == 0 or stopping():
                return done

    def _run_jobs(self, now: dt.datetime | None, stopping: Callable[[], bool]) -> int:
        """Run jobs that are due until none is left that nobody else works on."""
        done = 0
        while True:
            progressed = 0
            for job_id in self._due_ids(now):
                if stopping():
                    return done + progressed
                progressed += self.run_job(job_id, now=now) is not Outcome.BUSY
            done += progressed
            if progressed == 0:
                return done

    def run_job(self, job_id: int, *, now: dt.datetime | None = None) -> Outcome:
        """Run one internal job in its own unit of work; a failure is recorded in another."""
        begun, uow = time.perf_counter(), None
        try:
            with open_unit(self._database, SYSTEM, now or self._clock.now()) as uow:
                outcome = uow.jobs.run(job_id)
        except (ConcurrentUpdate, DatabaseUnavailable):
            log.info("job_lost_a_race", extra={"job_id": job_id})
            return Outcome.BUSY
        except Exception as error:  # the runner's broad except: whatever failed becomes a retry or an incident
            log.warning("job_failed", extra=_facts(job_id, uow), exc_info=error)
            return Outcome.DONE if self._record_failure(job_id, error, now) else Outcome.BUSY
        if outcome is Outcome.DONE:
            milliseconds = round((time.perf_counter() - begun) * 1000, 1)
            log.info("job_done", extra={**_facts(job_id, uow), "ms": milliseconds})
        self._afterwards(uow, now)
        return outcome

    def earliest_due(self) -> dt.datetime | None:
        """Return the earliest moment at which an internal job or a duty of the host is due."""
        moments = [self._read(lambda uow: uow.jobs.earliest_due()), self._duties.earliest()]
        return min((moment for moment in moments if moment is not None), default=None)

    def tidy(self) -> None:
        """Housekeeping: expired messages, old idempotency keys; the worker does it every hour."""
        self._do(SYSTEM, lambda uow: uow.outbox.tidy())

    def _due_ids(self, now: dt.datetime | None) -> list[int]:
        with open_unit(self._database, SYSTEM, now or self._clock.now(), writes=False) as uow:
            return uow.jobs.due(_BATCH)

    # -- after the commit -------------------------------------------------------------------------------------------

    def _afterwards(self, uow: UnitOfWork, now: dt.datetime | None) -> None:
        """Run what the command caused, each in its own transaction; the worker takes what is left after a crash."""
        self._wake(uow)
        pending = uow.woken
        budget = self.config.inline_jobs
        while pending and budget > 0:
            budget -= 1
            job_id = pending.pop(0)
            pending += self._run_inline(job_id, now)

    def _wake(self, uow: UnitOfWork) -> None:
        if uow.earliest_due is not None and self.on_due is not None:
            self.on_due(uow.earliest_due)

    def _run_inline(self, job_id: int, now: dt.datetime | None) -> list[int]:
        uow = None
        try:
            with open_unit(self._database, SYSTEM, now or self._clock.now()) as uow:
                uow.jobs.run(job_id, wait=True)
        except (ConcurrentUpdate, DatabaseUnavailable):
            return []  # the job row is safe: the worker takes it
        except Exception as error:  # the same as in `run_job`: the command itself is done
            log.warning("job_failed", extra=_facts(job_id, uow), exc_info=error)
            self._record_failure(job_id, error, now)
            return []
        return uow.woken

    def _record_failure(self, job_id: int, error: Exception, now: dt.datetime | None) -> bool:
        """Note that a job failed; False when not even that can be done now, so that the job is tried again as it is.

        The command that caused the job is done: nothing of this may reach its caller, who would repeat it.
        """
        failure = Failure.of(error)
        for _ in range(self.config.attempts):
            try:
                with open_unit(self._database, SYSTEM, now or self._clock.now()) as uow:
                    uow.jobs.record_failure(job_id, failure)
            except ConcurrentUpdate:
                continue
            except DatabaseUnavailable:
                break
            self._wake(uow)
            return True
        log.warning("job_failure_not_recorded", extra={"job_id": job_id})
        return False


def _prepare(engine: Engine, *, migrate: bool) -> None:
    """Give an empty database its tables, bring an older one up where that is meant, refuse all others."""
    revision = schema.current_revision(engine)
    if revision is None and not migrate and not schema.is_empty(engine):
        raise DatabaseUnavailable("Expected an empty database or one of ours, but it holds other tables.")
    schema.ensure_not_newer(revision)
    if revision is None or (migrate and revision != schema.head_revision()):
        schema.upgrade(engine)
    elif revision != schema.head_revision():
        raise DatabaseUnavailable(
            f"Expected the database at revision {schema.head_revision()}, but it is at {revision}; upgrade it.",
            reason="outdated",
            revision=revision,
        )
