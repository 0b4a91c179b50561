"""The one tree of errors the engine raises: a rejected command, told so that a person can act on it.

Every class carries a stable `code`, by which hosts translate it; its docstring is the default message. A rejected
command has changed nothing. What stops a running process is not an error here but an incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from engine.problems import Problem


class EngineError(Exception):
    """The engine rejected the command."""

    code: ClassVar[str] = "engine_error"

    def __init__(self, message: str | None = None, **facts: object) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.facts = facts
        super().__init__(self.message)


class NotFound(EngineError):
    """Expected an existing record, but there is none with this id."""

    code = "not_found"


class ProcessNotFound(NotFound):
    """Expected a deployed process with this key and version, but there is none; deploy it first."""

    code = "process_not_found"


class InstanceNotFound(NotFound):
    """Expected a process instance with this id, but there is none."""

    code = "instance_not_found"


class TaskNotFound(NotFound):
    """Expected a task with this id, but there is none."""

    code = "task_not_found"


class JobNotFound(NotFound):
    """Expected a job with this id, but there is none."""

    code = "job_not_found"


class IncidentNotFound(NotFound):
    """Expected an incident with this id, but there is none."""

    code = "incident_not_found"


class StateConflict(EngineError):
    """Expected another state for this command, but somebody was faster; read again."""

    code = "state_conflict"


class TaskNotActive(StateConflict):
    """Expected an open task, but it is already completed or cancelled."""

    code = "task_not_active"


class TaskAlreadyClaimed(StateConflict):
    """Expected a task that nobody has taken, but another person has it."""

    code = "task_already_claimed"


class InstanceNotActive(StateConflict):
    """Expected a running process instance, but it has ended or is suspended."""

    code = "instance_not_active"


class JobNotLocked(StateConflict):
    """Expected a job locked by this worker, but it is finished or another worker has it."""

    code = "job_not_locked"


class ConcurrentUpdate(StateConflict):
    """Expected the instance as it was read, but another command changed it meanwhile; try again."""

    code = "concurrent_update"


class IdempotencyMismatch(StateConflict):
    """Expected the same command under one idempotency key, but this one differs from the first."""

    code = "idempotency_mismatch"


class NotAuthorized(EngineError):
    """Expected an actor with authority for this act, but the actor has none."""

    code = "not_authorized"


class InvalidVariables(EngineError):
    """Expected variables that can be stored exactly, but some cannot."""

    code = "invalid_variables"


class LimitExceeded(EngineError):
    """Expected input within the configured limits, but it is larger."""

    code = "limit_exceeded"


class InvalidArgument(EngineError):
    """Expected a well-formed argument, but it is not."""

    code = "invalid_argument"


class ExpressionError(EngineError):
    """Expected a FEEL expression that can be evaluated, but it fails."""

    code = "expression_error"


class DatabaseUnavailable(EngineError):
    """Expected the database to answer, but it does not; nothing was changed, try again."""

    code = "database_unavailable"


class StateUnreadable(DatabaseUnavailable):
    """Expected the state of a run in a format of this version, but a later version has written it; start that one."""

    code = "state_unreadable"


class DeploymentRejected(EngineError):
    """Expected files that the engine executes exactly, but it found problems; mend them and deploy again."""

    code = "deployment_rejected"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        listing = "; ".join(f"{p.file}:{p.element_id or '-'}: {p.rule}: {p.message}" for p in problems[:10])
        super().__init__(f"Expected files that the engine executes exactly, but found {len(self.problems)}: {listing}")
