"""A BPMN engine for any organisation; this file is its one door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import events
from engine.anchors import Anchor, ChainHead, SignedAnchor
from engine.bpmn.model import (
    Definitions,
    Element,
    ElementKind,
    EventDefinition,
    EventKind,
    Expression,
    Process,
    SequenceFlow,
)
from engine.clock import SystemClock
from engine.config import EngineConfig
from engine.errors import (
    ConcurrentUpdate,
    DatabaseUnavailable,
    DeploymentRejected,
    EngineError,
    ExpressionError,
    IdempotencyMismatch,
    IncidentNotFound,
    InstanceNotActive,
    InstanceNotFound,
    InvalidArgument,
    InvalidVariables,
    JobNotFound,
    JobNotLocked,
    LimitExceeded,
    NotAuthorized,
    NotFound,
    ProcessNotFound,
    StateConflict,
    StateUnreadable,
    TaskAlreadyClaimed,
    TaskNotActive,
    TaskNotFound,
)
from engine.ports import (
    SYSTEM,
    Actor,
    AuthorityPolicy,
    BpmnError,
    Clock,
    DefinitionRule,
    DueDateCalendar,
    Duty,
    EventListener,
    HandlerContext,
    IdentityProvider,
    Ports,
    TaskHandler,
    Variables,
    WorkingCalendar,
)
from engine.problems import Problem, Rule, Severity
from engine.seals import PublicKey, SigningKey
from engine.states import IncidentState, InstanceState, JobKind, JobState, TaskState
from engine.store.base import Base, UtcDateTime
from engine.store.database import open_database
from engine.store.prepared import Prepared
from engine.store.schema import current_revision, downgrade, head_revision, knows_revision, upgrade
from engine.views import (
    AdHocChoice,
    AnchorFinding,
    AuditFinding,
    AuditReport,
    Deployment,
    HistoryEntry,
    Incident,
    Instance,
    Job,
    Message,
    ProcessDefinition,
    Task,
    Token,
)

if TYPE_CHECKING:
    from engine.bpmn.layout import with_layout
    from engine.decisions import UNREADABLE_TEXTS, Outcome, Service, TableRecord, decide, needed_with, read_decisions
    from engine.execution.calendar import IsoCalendar
    from engine.execution.subjects import describe_subjects
    from engine.feel import ADD_WORKING_DAYS, WORKING_DAYS_BETWEEN, FeelError, as_json, compile_expression
    from engine.job_executor import Worker
    from engine.process_engine import ProcessEngine
    from engine.services.anchor_series import AnchorSeries, file_name, read_anchors
    from engine.services.chain_rows import verify_chains_of
    from engine.services.inbox import COUNT_LIMIT, PART_LIMIT, InboxFilter, TaskList, TaskPage, Withheld
    from engine.services.search import find_subjects, words_are_indexed
    from engine.services.task_lists import TaskFilter
    from engine.unit_of_work import UnitOfWork
    from engine.validation import GATE_RULES, GateResult, Limits, validate

# The engine itself brings the interpreter with it, which migrations and models do not need.
_LATE = {
    "AnchorSeries": "engine.services.anchor_series",
    "GATE_RULES": "engine.validation",
    "GateResult": "engine.validation",
    "Limits": "engine.validation",
    "validate": "engine.validation",
    "COUNT_LIMIT": "engine.services.inbox",
    "PART_LIMIT": "engine.services.inbox",
    "InboxFilter": "engine.services.inbox",
    "IsoCalendar": "engine.execution.calendar",
    "ADD_WORKING_DAYS": "engine.feel",
    "WORKING_DAYS_BETWEEN": "engine.feel",
    "FeelError": "engine.feel",
    "Outcome": "engine.decisions",
    "Service": "engine.decisions",
    "TableRecord": "engine.decisions",
    "UNREADABLE_TEXTS": "engine.decisions",
    "as_json": "engine.feel",
    "compile_expression": "engine.feel",
    "decide": "engine.decisions",
    "needed_with": "engine.decisions",
    "read_decisions": "engine.decisions",
    "ProcessEngine": "engine.process_engine",
    "TaskList": "engine.services.inbox",
    "TaskPage": "engine.services.inbox",
    "TaskFilter": "engine.services.task_lists",
    "UnitOfWork": "engine.unit_of_work",
    "Worker": "engine.job_executor",
    "Withheld": "engine.services.inbox",
    "describe_subjects": "engine.execution.subjects",
    "find_subjects": "engine.services.search",
    "words_are_indexed": "engine.services.search",
    "file_name": "engine.services.anchor_series",
    "read_anchors": "engine.services.anchor_series",
    "with_layout": "engine.bpmn.layout",
    "verify_chains_of": "engine.services.chain_rows",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LATE[name]), name)


__all__ = [
    "ADD_WORKING_DAYS",
    "COUNT_LIMIT",
    "GATE_RULES",
    "PART_LIMIT",
    "SYSTEM",
    "UNREADABLE_TEXTS",
    "WORKING_DAYS_BETWEEN",
    "Actor",
    "AdHocChoice",
    "Anchor",
    "AnchorFinding",
    "AnchorSeries",
    "AuditFinding",
    "AuditReport",
    "AuthorityPolicy",
    "Base",
    "BpmnError",
    "ChainHead",
    "Clock",
    "ConcurrentUpdate",
    "DatabaseUnavailable",
    "DefinitionRule",
    "Definitions",
    "Deployment",
    "DeploymentRejected",
    "DueDateCalendar",
    "Duty",
    "Element",
    "ElementKind",
    "EngineConfig",
    "EngineError",
    "EventDefinition",
    "EventKind",
    "EventListener",
    "Expression",
    "ExpressionError",
    "FeelError",
    "GateResult",
    "HandlerContext",
    "HistoryEntry",
    "IdempotencyMismatch",
    "IdentityProvider",
    "InboxFilter",
    "Incident",
    "IncidentNotFound",
    "IncidentState",
    "Instance",
    "InstanceNotActive",
    "InstanceNotFound",
    "InstanceState",
    "InvalidArgument",
    "InvalidVariables",
    "IsoCalendar",
    "Job",
    "JobKind",
    "JobNotFound",
    "JobNotLocked",
    "JobState",
    "LimitExceeded",
    "Limits",
    "Message",
    "NotAuthorized",
    "NotFound",
    "Outcome",
    "Ports",
    "Prepared",
    "Problem",
    "Process",
    "ProcessDefinition",
    "ProcessEngine",
    "ProcessNotFound",
    "PublicKey",
    "Rule",
    "SequenceFlow",
    "Service",
    "Severity",
    "SignedAnchor",
    "SigningKey",
    "StateConflict",
    "StateUnreadable",
    "SystemClock",
    "TableRecord",
    "Task",
    "TaskAlreadyClaimed",
    "TaskFilter",
    "TaskHandler",
    "TaskList",
    "TaskNotActive",
    "TaskNotFound",
    "TaskPage",
    "TaskState",
    "Token",
    "UnitOfWork",
    "UtcDateTime",
    "Variables",
    "Withheld",
    "Worker",
    "WorkingCalendar",
    "as_json",
    "compile_expression",
    "current_revision",
    "decide",
    "describe_subjects",
    "downgrade",
    "events",
    "file_name",
    "find_subjects",
    "head_revision",
    "knows_revision",
    "needed_with",
    "open_database",
    "read_anchors",
    "read_decisions",
    "upgrade",
    "validate",
    "verify_chains_of",
    "with_layout",
    "words_are_indexed",
]
