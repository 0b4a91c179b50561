"""What the door hands out: frozen values, safe to keep after the transaction; moments are aware UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.problems import Problem
from engine.states import IncidentState, InstanceState, JobKind, JobState, TaskState


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One deployed version of a process."""

    id: int
    key: str  # BPMN process id
    version: int
    version_tag: str | None
    name: str | None
    bundle_hash: str  # SHA-256, hex, over diagram + forms + decisions
    file: str
    deployed_at: dt.datetime
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class DecisionDefinition:
    """One version of a decision or decision service."""

    id: int
    key: str  # its id in the file
    version: int
    version_tag: str | None
    name: str
    file: str
    deployed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """The act of making files runnable; `created` is False for definitions whose bytes were deployed before."""

    id: int
    definitions: tuple[ProcessDefinition, ...]
    created: bool
    warnings: tuple[Problem, ...]
    at: dt.datetime
    new_ids: frozenset[int] = frozenset()  # of the definitions that this act made
    decisions: tuple[DecisionDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """One run of a process definition."""

    id: str
    process_id: str  # the definition's key
    version: int
    definition_id: int
    business_key: str | None
    state: InstanceState
    started_at: dt.datetime
    ended_at: dt.datetime | None
    started_by: str
    parent_id: str | None
    parent_element_id: str | None
    root_id: str
    end_reason: str | None = None  # e.g. the code of an error that nobody caught
    has_incident: bool = False
    variables: Mapping[str, object] = field(default_factory=dict)  # of the process scope


@dataclass(frozen=True, slots=True)
class Task:
    """A user task waiting for a person, or done."""

    id: str
    instance_id: str
    process_id: str
    version: int
    definition_id: int
    business_key: str | None
    element_id: str
    name: str
    state: TaskState
    assignee: str | None
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    form_id: str | None
    due_at: dt.datetime | None
    follow_up_at: dt.datetime | None
    priority: int  # 0–100, 50 unless said
    created_at: dt.datetime
    claimed_at: dt.datetime | None
    ended_at: dt.datetime | None
    completed_by: str | None
    variables: Mapping[str, object] = field(default_factory=dict)  # visible in the task's scope; empty in lists


@dataclass(frozen=True, slots=True)
class Job:
    """Machine work with a due moment, retries and a lock."""

    id: int
    kind: JobKind
    type: str | None  # of external work
    instance_id: str | None
    element_id: str | None
    state: JobState
    due_at: dt.datetime
    retries: int
    lock_owner: str | None
    lock_until: dt.datetime | None
    error: str | None
    variables: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A published message: on its way to its one receiver, buffered, or expired because nobody waited."""

    id: int
    name: str
    correlation_key: str
    message_id: str | None
    state: str  # buffered, delivered, expired
    published_at: dt.datetime
    expires_at: dt.datetime
    instance_id: str | None  # the receiver; None while it is buffered or about to start a run


@dataclass(frozen=True, slots=True)
class Incident:
    """A run that cannot go on until someone repairs it."""

    id: int
    instance_id: str | None
    job_id: int | None
    element_id: str | None
    code: str
    message: str
    state: IncidentState
    created_at: dt.datetime
    resolved_at: dt.datetime | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the audit trail: who, in what capacity, what, when, with what outcome; chained by `hash`."""

    instance_id: str
    seq: int
    at: dt.datetime
    actor: str
    capacity: str
    kind: str  # e.g. instance_started, element_entered, task_completed, variable_changed
    element_id: str | None
    details: Mapping[str, object]  # outcome, comment, variables changed …
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Token:
    """Where a run stands: an element that is live now."""

    id: str
    element_id: str
    since: dt.datetime | None
    kind: str  # user_task, job, timer, message, signal, child, join, other


@dataclass(frozen=True, slots=True)
class AdHocChoice:
    """An ad-hoc sub-process that runs, and what may be begun in it now: names by element id."""

    id: str
    element_id: str
    name: str
    elements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """The first entry of a chain that was altered, removed or re-ordered."""

    instance_id: str
    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class AnchorFinding:
    """An anchor that is not signed, not in its series, or missing; 0 where it does not even tell its number."""

    sequence: int
    reason: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What `audit verify` saw."""

    instances: int
    entries: int
    findings: tuple[AuditFinding, ...]
    heads: str = ""  # one hash over the heads of all chains: equal for equal histories
    erased: int = 0  # lines from which something was taken, as later lines of their chains attest
    anchors: int = 0  # that were compared with
    anchor_findings: tuple[AnchorFinding, ...] = ()

    @property
    def verified(self) -> bool:
        """True when every chain holds, and every anchor."""
        return not self.findings and not self.anchor_findings
