"""What is stuck, in words: each with its plan and step; the jobs that are tried again; whether the workers live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from engine import Incident, Instance, Job, JobState
from web.composition import Reading, composition
from web.operations.life_signs import LATE_AFTER, workers
from web.panels import Subject
from web.run_words import element_names, trouble_of

STUCK_OF_PAGE: Final = 25
JOBS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class StuckLine:
    """One incident as the list shows it."""

    incident: Incident
    instance: Instance | None
    subject: Subject | None
    title: str  # what the plan, or else its process, is called
    step: str
    trouble: str

    @property
    def can_retry(self) -> bool:
        """Tell whether there is something to try again."""
        return self.incident.job_id is not None


@dataclass(frozen=True, slots=True)
class RetriedLine:
    """A job whose last attempt failed and that is tried again by itself."""

    job: Job
    title: str
    step: str


@dataclass(frozen=True, slots=True)
class Engine:
    """Whether what falls due is done."""

    last_sign: dt.datetime | None
    workers: int  # that have told of themselves lately
    due: int  # jobs that should have run by now
    next_due: dt.datetime | None
    is_silent: bool


@dataclass(frozen=True, slots=True)
class StuckPage:
    """Everything that the list shows."""

    lines: Sequence[StuckLine]
    total: int
    next: int | None
    retried: Sequence[RetriedLine]
    engine: Engine


def read_stuck(read: Reading, *, after: int | None) -> StuckPage:
    """Return the open incidents, the newest first, with the state of the machinery."""
    found = read.incidents.find(limit=STUCK_OF_PAGE + 1, after=after)
    shown = found[:STUCK_OF_PAGE]
    return StuckPage(
        lines=stuck_lines(read, shown),
        total=read.incidents.count(),
        next=shown[-1].id if len(found) > STUCK_OF_PAGE else None,
        retried=_retried(read),
        engine=_engine(read),
    )


def stuck_lines(read: Reading, incidents: Sequence[Incident]) -> list[StuckLine]:
    """Return incidents with their plans and steps."""
    ids = {incident.instance_id for incident in incidents if incident.instance_id}
    instances = {instance_id: read.instances.get(instance_id) for instance_id in ids}
    subjects = _subjects(read, list(instances.values()))
    lines = []
    for incident in incidents:
        instance = instances.get(incident.instance_id or "")
        subject = subjects.get((instance.business_key or "") if instance else "")
        lines.append(
            StuckLine(
                incident,
                instance,
                subject,
                _title(read, instance, subject),
                _step(read, instance, incident.element_id),
                trouble_of(incident),
            )
        )
    return lines


def _retried(read: Reading) -> list[RetriedLine]:
    jobs = [job for job in read.jobs.find(troubled=True, limit=JOBS_SHOWN) if job.state is not JobState.FAILED]
    instances = {job.instance_id: read.instances.get(job.instance_id) for job in jobs if job.instance_id}
    subjects = _subjects(read, list(instances.values()))
    lines = []
    for job in jobs:
        instance = instances.get(job.instance_id or "")
        subject = subjects.get((instance.business_key or "") if instance else "")
        lines.append(RetriedLine(job, _title(read, instance, subject), _step(read, instance, job.element_id)))
    return lines


def _engine(read: Reading) -> Engine:
    signs = workers(read.session)
    last = signs[0].seen_at if signs else None
    due = read.jobs.count_due()
    fresh = [sign for sign in signs if read.now - sign.seen_at <= LATE_AFTER]
    return Engine(last_sign=last, workers=len(fresh), due=due, next_due=read.jobs.earliest_due(), is_silent=not fresh)


def _subjects(read: Reading, instances: Sequence[Instance]) -> dict[str, Subject]:
    keys = [instance.business_key for instance in instances if instance.business_key]
    return composition().panels.subjects(read, keys)


def _title(read: Reading, instance: Instance | None, subject: Subject | None) -> str:
    if subject is not None:
        return subject.title
    if instance is None:
        return str(_("No plan yet: something that would have started one"))
    definition = read.deployments.get(instance.definition_id)
    return definition.name or definition.key


def _step(read: Reading, instance: Instance | None, element_id: str | None) -> str:
    if instance is None or not element_id:
        return element_id or ""
    return element_names(read.deployments.process(instance.definition_id)).get(element_id, element_id)
