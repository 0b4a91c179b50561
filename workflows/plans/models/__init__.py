"""The tables of plans (plan_*), one noun a file."""

from __future__ import annotations

from workflows.plans.models.cluster import ClusterInput, DataReturn
from workflows.plans.models.consultation import Attendance, Consultation, Invitation, Opinion
from workflows.plans.models.cycle import Cycle, CycleDue, CycleReissue, CycleUnit, Setting
from workflows.plans.models.decision import Decision, Observation
from workflows.plans.models.document import Document, Edition, PlanFile
from workflows.plans.models.reading import FileRead
from workflows.plans.models.step import Step

__all__ = [
    "Attendance",
    "ClusterInput",
    "Consultation",
    "Cycle",
    "CycleDue",
    "CycleReissue",
    "CycleUnit",
    "DataReturn",
    "Decision",
    "Document",
    "Edition",
    "FileRead",
    "Invitation",
    "Observation",
    "Opinion",
    "PlanFile",
    "Setting",
    "Step",
]
