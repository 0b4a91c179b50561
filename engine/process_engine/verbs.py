"""The verbs of the door, each one unit of work; what they promise in full is told at the services they call."""

from __future__ import annotations

import dataclasses
import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from engine.anchors import SignedAnchor
from engine.errors import InvalidArgument
from engine.ports import SYSTEM, Actor
from engine.seals import SigningKey
from engine.services.anchor_series import AnchorSeries
from engine.services.chains import Progress
from engine.services.task_lists import TaskFilter
from engine.states import IncidentState, InstanceState, TaskState
from engine.unit_of_work import UnitOfWork
from engine.views import (
    AdHocChoice,
    AuditReport,
    Deployment,
    HistoryEntry,
    Incident,
    Instance,
    Job,
    Message,
    Task,
    Token,
)

T = TypeVar("T")
_ANCHORS_AT_ONCE: Final = 20
_SUFFIXES: Final = (".bpmn", ".form", ".dmn", ".json")


class Verbs(ABC):
    """What a caller may do with the engine in one line."""

    @abstractmethod
    def _do(self, actor: Actor | str, verb: Callable[[UnitOfWork], T], now: dt.datetime | None = None) -> T:
        """Do a verb in a unit of work of its own."""

    @abstractmethod
    def _read(self, query: Callable[[UnitOfWork], T]) -> T:
        """Ask in a reading of its own."""

    # -- deployments ------------------------------------------------------------------------------------------------

    def deploy(
        self,
        files: str | Path | Iterable[str | Path] | Mapping[str, bytes],
        *,
        actor: Actor | str = SYSTEM,
        note: str = "",
        version_tag: str | None = None,
    ) -> Deployment:
        """Make BPMN files with their forms runnable: a path, several, a folder, or bytes by name.

        Raises:
            DeploymentRejected: The gate found problems; all of them are in it.
        """
        given = _read_files(files)
        return self._do(actor, lambda uow: uow.deployments.deploy(given, note=note, version_tag=version_tag))

    # -- instances --------------------------------------------------------------------------------------------------

    def start(
        self,
        process_id: str,
        variables: Mapping[str, object] | None = None,
        business_key: str | None = None,
        *,
        version: int | None = None,
        version_tag: str | None = None,
        start_event: str | None = None,
        actor: Actor | str = SYSTEM,
        idempotency_key: str | None = None,
    ) -> Instance:
        """Start a run; see `Instances.start`."""
        return self._do(
            actor,
            lambda uow: uow.instances.start(
                process_id,
                variables,
                business_key,
                version=version,
                version_tag=version_tag,
                start_event=start_event,
                idempotency_key=idempotency_key,
            ),
        )

    def cancel(self, instance_id: str, *, reason: str, actor: Actor | str = SYSTEM) -> Instance:
        """End a run and everything below it; see `Instances.cancel`."""
        return self._do(actor, lambda uow: uow.instances.cancel(instance_id, reason=reason))

    def suspend(self, instance_id: str, *, reason: str = "", actor: Actor | str = SYSTEM) -> Instance:
        """Stop a run and everything below it for a while."""
        return self._do(actor, lambda uow: uow.instances.suspend(instance_id, reason=reason))

    def resume(self, instance_id: str, *, actor: Actor | str = SYSTEM) -> Instance:
        """Let a suspended run go on."""
        return self._do(actor, lambda uow: uow.instances.resume(instance_id))

    def set_variables(
        self, instance_id: str, variables: Mapping[str, object], *, reason: str = "", actor: Actor | str = SYSTEM
    ) -> Instance:
        """Set variables of a run's process scope: a repair."""
        return self._do(actor, lambda uow: uow.instances.set_variables(instance_id, variables, reason=reason))

    def instance(self, instance_id: str) -> Instance:
        """Return a run with the variables of its process scope."""
        return self._read(lambda uow: uow.instances.get(instance_id))

    def instances(
        self,
        *,
        process_id: str | None = None,
        version: int | None = None,
        business_key: str | None = None,
        state: InstanceState | str | None = None,
        parent_id: str | None = None,
        root_id: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Instance]:
        """List runs, newest first."""
        return self._read(
            lambda uow: uow.instances.find(
                process_id=process_id,
                version=version,
                business_key=business_key,
                state=state,
                parent_id=parent_id,
                root_id=root_id,
                limit=limit,
                after=after,
            )
        )

    def activate(
        self, instance_id: str, ad_hoc: str, elements: Sequence[str], *, actor: Actor | str = SYSTEM
    ) -> Instance:
        """Begin what somebody has chosen in an ad-hoc sub-process; see `OptionalWork.activate`."""
        return self._do(actor, lambda uow: uow.optional_work.activate(instance_id, ad_hoc, elements))

    def choices(self, instance_id: str) -> list[AdHocChoice]:
        """Return the ad-hoc sub-processes that run, with what may be begun in each."""
        return self._read(lambda uow: uow.optional_work.choices(instance_id))

    def tokens(self, instance_id: str) -> list[Token]:
        """Return where a run stands."""
        return self._read(lambda uow: uow.instances.tokens(instance_id))

    def variables(self, instance_id: str) -> Mapping[str, object]:
        """Return the variables of a run's process scope."""
        return self._read(lambda uow: uow.instances.variables(instance_id))

    # -- tasks ------------------------------------------------------------------------------------------------------

    def tasks(
        self,
        *,
        instance_id: str | None = None,
        business_key: str | None = None,
        assignee: str | None = None,
        candidate_groups: Iterable[str] | None = None,
        actor: Actor | str | None = None,
        state: TaskState | str | None = None,
        process_id: str | None = None,
        element_id: str | None = None,
        order: str = "created",
        limit: int = 100,
        after: str | Task | None = None,
    ) -> list[Task]:
        """List tasks, open ones unless a state is given; `actor`: those that this person has or may take."""
        wanted = TaskFilter(
            instance_id=instance_id,
            business_key=business_key,
            assignee=assignee,
            candidate_groups=candidate_groups,
            state=state,
            process_id=process_id,
            element_id=element_id,
            actor=None if actor is None else as_actor(actor),
        )
        return self._read(lambda uow: uow.tasks.find(wanted, order=order, limit=limit, after=after))

    def task(self, task_id: str) -> Task:
        """Return a task with the variables that it sees."""
        return self._read(lambda uow: uow.tasks.get(task_id))

    def claim(self, task_id: str, actor: Actor | str) -> Task:
        """Take a task that nobody has."""
        return self._do(actor, lambda uow: uow.tasks.claim(task_id))

    def release(self, task_id: str, actor: Actor | str) -> Task:
        """Give a task back to its candidates."""
        return self._do(actor, lambda uow: uow.tasks.release(task_id))

    def assign(self, task_id: str, assignee: str, actor: Actor | str) -> Task:
        """Give a task to a person."""
        return self._do(actor, lambda uow: uow.tasks.assign(task_id, assignee))

    def complete(
        self,
        task_id: str,
        variables: Mapping[str, object] | None = None,
        actor: Actor | str = SYSTEM,
        *,
        outcome: str | None = None,
        comment: str | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Complete a task and run its process to the next wait states; see `Tasks.complete`."""
        return self._do(
            actor,
            lambda uow: uow.tasks.complete(
                task_id, variables, outcome=outcome, comment=comment, idempotency_key=idempotency_key
            ),
        )

    # -- messages and signals ---------------------------------------------------------------------------------------

    def correlate(
        self,
        name: str,
        key: str,
        variables: Mapping[str, object] | None = None,
        *,
        time_to_live: dt.timedelta | None = None,
        actor: Actor | str = SYSTEM,
        message_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Message:
        """Publish a message to its one receiver; see `Messages.correlate`."""
        return self._do(
            actor,
            lambda uow: uow.messages.correlate(
                name,
                key,
                variables,
                time_to_live=time_to_live,
                message_id=message_id,
                idempotency_key=idempotency_key,
            ),
        )

    def broadcast(
        self, signal: str, variables: Mapping[str, object] | None = None, *, actor: Actor | str = SYSTEM
    ) -> int:
        """Send a signal to every run that listens; return how many receive it."""
        return self._do(actor, lambda uow: uow.messages.broadcast(signal, variables))

    def evaluate_conditions(
        self, variables: Mapping[str, object], *, business_key: str | None = None, actor: Actor | str = SYSTEM
    ) -> list[str]:
        """Start every process with a conditional start event that holds; return the ids of the runs."""
        return self._do(actor, lambda uow: uow.messages.evaluate_conditions(variables, business_key=business_key))

    # -- jobs -------------------------------------------------------------------------------------------------------

    def fetch_jobs(
        self,
        type: str,  # noqa: A002 (the word of the diagram)
        *,
        worker: str = "worker",
        limit: int = 1,
        lock: dt.timedelta | None = None,
        actor: Actor | str = SYSTEM,
    ) -> list[Job]:
        """Lease external work of a type."""
        return self._do(actor, lambda uow: uow.jobs.fetch(type, worker=worker, limit=limit, lock=lock))

    def finish_job(
        self,
        job_id: int,
        variables: Mapping[str, object] | None = None,
        *,
        worker: str = "worker",
        actor: Actor | str = SYSTEM,
    ) -> Job:
        """Hand in the result of external work."""
        return self._do(actor, lambda uow: uow.jobs.finish(job_id, variables, worker=worker))

    def fail_job(
        self,
        job_id: int,
        error: str,
        *,
        retries: int | None = None,
        back_off: dt.timedelta | None = None,
        worker: str = "worker",
        actor: Actor | str = SYSTEM,
    ) -> Job:
        """Tell that an attempt at external work failed."""
        return self._do(
            actor, lambda uow: uow.jobs.fail(job_id, error, retries=retries, back_off=back_off, worker=worker)
        )

    def throw_error(
        self,
        job_id: int,
        code: str,
        message: str = "",
        variables: Mapping[str, object] | None = None,
        *,
        worker: str = "worker",
        actor: Actor | str = SYSTEM,
    ) -> Job:
        """Answer external work with a business error."""
        return self._do(actor, lambda uow: uow.jobs.throw_error(job_id, code, message, variables, worker=worker))

    # -- incidents, history -----------------------------------------------------------------------------------------

    def incidents(
        self,
        *,
        instance_id: str | None = None,
        process_id: str | None = None,
        state: IncidentState | None = IncidentState.OPEN,
        limit: int = 100,
        after: int | None = None,
    ) -> list[Incident]:
        """List incidents, newest first."""
        return self._read(
            lambda uow: uow.incidents.find(
                instance_id=instance_id, process_id=process_id, state=state, limit=limit, after=after
            )
        )

    def retry_incident(self, incident_id: int, actor: Actor | str = SYSTEM) -> Incident:
        """Try the failed job of an incident again, after a repair."""
        return self._do(actor, lambda uow: uow.incidents.retry(incident_id))

    def resolve_incident(self, incident_id: int, actor: Actor | str = SYSTEM) -> Incident:
        """Lay an incident down without trying again."""
        return self._do(actor, lambda uow: uow.incidents.resolve(incident_id))

    def history(self, instance_id: str, *, limit: int = 1_000, after: int = 0) -> list[HistoryEntry]:
        """List the lines of a run's audit trail in order."""
        return self._read(lambda uow: uow.history.of_instance(instance_id, limit=limit, after=after))

    def verify_audit(self, progress: Progress | None = None, *, anchors: AnchorSeries | None = None) -> AuditReport:
        """Recompute every audit chain, and compare it with anchors that were kept elsewhere."""
        known = anchors.anchored if anchors is not None else None
        report = self._read(lambda uow: uow.history.verify(progress, anchored=known))
        if anchors is None:
            return report
        return dataclasses.replace(report, anchors=anchors.count, anchor_findings=tuple(anchors.findings))

    def export_history(self, file: BinaryIO, progress: Progress | None = None) -> int:
        """Write all lines of all audit trails as they were hashed; return how many."""
        return self._read(lambda uow: uow.history.export(file, progress))

    def take_anchors(self, key: SigningKey) -> list[SignedAnchor]:
        """Anchor all chains that have changed since the last anchor; none, when none has."""
        taken: list[SignedAnchor] = []
        while (signed := self._do(SYSTEM, lambda uow: uow.anchors.take(key))) is not None:
            taken.append(signed)
            if signed.anchor.complete:
                break
        return taken

    def anchors(self) -> Iterator[SignedAnchor]:
        """Return all anchors in order, read a few at a time."""
        after = 0
        while page := self._read(lambda uow: uow.anchors.find(after=after, limit=_ANCHORS_AT_ONCE)):  # noqa: B023
            yield from page
            after = page[-1].anchor.sequence


def as_actor(actor: Actor | str) -> Actor:
    """Take a plain id for a person without capacity or groups."""
    return actor if isinstance(actor, Actor) else Actor(actor)


def _read_files(files: str | Path | Iterable[str | Path] | Mapping[str, bytes]) -> dict[str, bytes]:
    if isinstance(files, Mapping):
        if wrong := [name for name, content in files.items() if not isinstance(content, bytes)]:
            raise InvalidArgument(f"Expected the bytes of each file, but {wrong[0]!r} is none.")
        return dict(files)
    paths = [Path(files)] if isinstance(files, str | Path) else [Path(name) for name in files]
    found: dict[str, bytes] = {}
    for path in paths:
        inside = sorted(item for item in path.iterdir() if item.suffix in _SUFFIXES) if path.is_dir() else [path]
        for item in inside:
            if item.name in found:
                raise InvalidArgument(f"Expected one file of each name, but got {item.name!r} twice.")
            found[item.name] = item.read_bytes()
    return found
