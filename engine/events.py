"""What happened, as plain facts: handed to the host's listeners inside the transaction that made them true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact; `actor` and `capacity` say who caused it."""

    at: dt.datetime
    actor: str
    capacity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionDeployed(Event):
    """A new version of a process can be started."""

    definition_id: int
    process_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceEvent(Event):
    """A fact about one run."""

    instance_id: str
    process_id: str
    version: int
    business_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceStarted(InstanceEvent):
    """A run began."""

    parent_id: str | None = None
    root_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceEnded(InstanceEvent):
    """A run is over; `reason` is empty when it simply reached its end."""

    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSuspended(InstanceEvent):
    """A run was stopped for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceResumed(InstanceEvent):
    """A stopped run goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(InstanceEvent):
    """A fact about one user task."""

    task_id: str
    element_id: str
    name: str
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    due_at: dt.datetime | None = None
    priority: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreated(TaskEvent):
    """A task waits for a person."""

    due_date: object = None  # the due date as the diagram gave it, before the calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClaimed(TaskEvent):
    """A person took a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReleased(TaskEvent):
    """A person gave a task back to its candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned(TaskEvent):
    """A task was given to a person."""

    previous_assignee: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(TaskEvent):
    """A person finished a task."""

    variables: Mapping[str, object] = field(default_factory=dict)
    outcome: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(TaskEvent):
    """A task is no longer needed: interrupted, or its run was cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDueChanged(TaskEvent):
    """A task has another due moment; `due_at` is the new one."""

    previous_due_at: dt.datetime | None = None
    reason: str = ""
    order_ref: str = ""  # the order behind it, where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementEntered(InstanceEvent):
    """A run arrived at an element."""

    element_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCreated(Event):
    """A run cannot go on until someone repairs it."""

    incident_id: int
    instance_id: str | None
    element_id: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentResolved(Event):
    """What stopped a run was repaired."""

    incident_id: int
    instance_id: str | None
    element_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Event):
    """An attempt at a job failed; `retries` are left."""

    job_id: int
    instance_id: str | None
    element_id: str | None
    error: str
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePublished(Event):
    """A message was published; `receiver` is the run that gets it, None while it is buffered."""

    message_id: int
    name: str
    correlation_key: str
    receiver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBroadcast(Event):
    """A signal went to all who listen."""

    name: str
    receivers: int
