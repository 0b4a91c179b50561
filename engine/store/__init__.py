"""The engine's tables (bpm_*), one noun a file, and the database they stand in; no verbs."""

from __future__ import annotations

from engine.store.anchor import AnchorRow
from engine.store.base import Base, UtcDateTime
from engine.store.command import CommandRow
from engine.store.deployment import BundleFileRow, DecisionRow, DefinitionRow, DeploymentRow, ResourceRow
from engine.store.history import HistoryRow
from engine.store.incident import IncidentRow
from engine.store.job import JobRow
from engine.store.message import MessageRow, SubscriptionRow
from engine.store.outbox import OutboxRow
from engine.store.process_instance import InstanceRow, StatePartRow
from engine.store.subject import SubjectRow, TaskNameRow
from engine.store.task import TaskCandidateRow, TaskRow

__all__ = [
    "AnchorRow",
    "Base",
    "BundleFileRow",
    "CommandRow",
    "DecisionRow",
    "DefinitionRow",
    "DeploymentRow",
    "HistoryRow",
    "IncidentRow",
    "InstanceRow",
    "JobRow",
    "MessageRow",
    "OutboxRow",
    "ResourceRow",
    "StatePartRow",
    "SubjectRow",
    "SubscriptionRow",
    "TaskCandidateRow",
    "TaskNameRow",
    "TaskRow",
    "UtcDateTime",
]
