"""The states of instance, task, job and incident, and which may follow which."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class InstanceState(StrEnum):
    """Life of a process instance."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """Life of a user task."""

    CREATED = "created"
    ASSIGNED = "assigned"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class JobState(StrEnum):
    """Life of a job."""

    WAITING = "waiting"
    LOCKED = "locked"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """What a job row asks for."""

    TIMER = "timer"  # a due moment of a catch, boundary or start event
    EXTERNAL = "external"  # work of an outside worker, fetched by type
    CONTINUE = "continue"  # the rest of a step that met its budget, or one parked token's next attempt
    MESSAGE = "message"  # deliver a published message to its one receiver
    SIGNAL = "signal"  # deliver a signal to one listening instance
    START_CHILD = "start_child"  # start the child instance of a call activity
    CHILD_DONE = "child_done"  # hand a child's end (or its error) to the caller
    CANCEL_CHILD = "cancel_child"  # cancel a child whose caller has left


class IncidentState(StrEnum):
    """Life of an incident."""

    OPEN = "open"
    RESOLVED = "resolved"


INSTANCE_TRANSITIONS: Final = {
    InstanceState.ACTIVE: frozenset({InstanceState.SUSPENDED, InstanceState.COMPLETED, InstanceState.CANCELLED}),
    InstanceState.SUSPENDED: frozenset({InstanceState.ACTIVE, InstanceState.CANCELLED}),
    InstanceState.COMPLETED: frozenset[InstanceState](),
    InstanceState.CANCELLED: frozenset[InstanceState](),
}
TASK_TRANSITIONS: Final = {
    TaskState.CREATED: frozenset({TaskState.ASSIGNED, TaskState.COMPLETED, TaskState.CANCELLED}),
    TaskState.ASSIGNED: frozenset({TaskState.CREATED, TaskState.ASSIGNED, TaskState.COMPLETED, TaskState.CANCELLED}),
    TaskState.COMPLETED: frozenset[TaskState](),
    TaskState.CANCELLED: frozenset[TaskState](),
}
JOB_TRANSITIONS: Final = {
    JobState.WAITING: frozenset({JobState.LOCKED, JobState.DONE, JobState.CANCELLED}),
    JobState.LOCKED: frozenset({JobState.WAITING, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.FAILED: frozenset({JobState.WAITING, JobState.CANCELLED}),
    JobState.DONE: frozenset[JobState](),
    JobState.CANCELLED: frozenset[JobState](),
}
