"""Rows as the values that the door hands out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from engine import codec
from engine.states import IncidentState, InstanceState, JobKind, JobState, TaskState
from engine.views import Incident, Instance, Job, ProcessDefinition, Task

Columns = Mapping[str, Any] | RowMapping
AnyRow = Any  # a row whose columns its statement tells, not its type


def task_view(row: Columns, definition: ProcessDefinition, variables: Mapping[str, object] | None = None) -> Task:
    """Show a row of `bpm_task`."""
    return Task(
        id=str(row["id"]),
        instance_id=str(row["instance_id"]),
        process_id=definition.key,
        version=definition.version,
        definition_id=definition.id,
        business_key=row["business_key"],
        element_id=row["element_id"],
        name=row["name"],
        state=TaskState(row["state"]),
        assignee=row["assignee"],
        candidate_groups=read_names(row["candidate_groups"]),
        candidate_users=read_names(row["candidate_users"]),
        form_id=row["form_id"],
        due_at=row["due_at"],
        follow_up_at=row["follow_up_at"],
        priority=row["priority"],
        created_at=row["created_at"],
        claimed_at=row["claimed_at"],
        ended_at=row["ended_at"],
        completed_by=row["completed_by"],
        variables=variables or {},
    )


def instance_view(
    row: Columns, definition: ProcessDefinition, variables: Mapping[str, object] | None = None
) -> Instance:
    """Show a row of `bpm_process_instance`."""
    if variables is None:
        variables = codec.loads(row["variables"]) if row["variables"] else {}
    return Instance(
        id=str(row["id"]),
        process_id=definition.key,
        version=definition.version,
        definition_id=definition.id,
        business_key=row["business_key"],
        state=InstanceState(row["state"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        started_by=row["started_by"],
        parent_id=str(row["parent_id"]) if row["parent_id"] is not None else None,
        parent_element_id=row["parent_element_id"],
        root_id=str(row["root_id"]),
        end_reason=row["end_reason"],
        has_incident=row["incidents"] > 0,
        variables=variables,
    )


def job_view(row: Columns) -> Job:
    """Show a row of `bpm_job`."""
    payload = codec.loads(row["payload"]) if row["payload"] else {}
    return Job(
        id=row["id"],
        kind=JobKind(row["kind"]),
        type=row["type"],
        instance_id=str(row["instance_id"]) if row["instance_id"] is not None else None,
        element_id=row["element_id"],
        state=JobState(row["state"]),
        due_at=row["due_at"],
        retries=row["retries"],
        lock_owner=row["lock_owner"],
        lock_until=row["lock_until"],
        error=row["error"],
        variables=payload.get("variables", {}),
        headers=payload.get("headers", {}),
    )


def incident_view(row: Columns) -> Incident:
    """Show a row of `bpm_incident`."""
    return Incident(
        id=row["id"],
        instance_id=str(row["instance_id"]) if row["instance_id"] is not None else None,
        job_id=row["job_id"],
        element_id=row["element_id"],
        code=row["code"],
        message=row["message"],
        state=IncidentState(row["state"]),
        created_at=row["created_at"],
        resolved_at=row["resolved_at"],
        resolved_by=row["resolved_by"],
    )


def write_names(names: tuple[str, ...]) -> str | None:
    """Encode a list of candidates; None when it is empty."""
    return codec.dumps(list(names)).decode() if names else None


def read_names(text: str | None) -> tuple[str, ...]:
    """Decode a list of candidates."""
    return tuple(codec.loads(text)) if text else ()
