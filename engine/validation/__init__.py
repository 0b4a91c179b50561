"""The deploy gate: a whitelist of what is executed exactly; all else is refused with element, rule and remedy."""

from __future__ import annotations

from engine.bpmn.limits import Limits
from engine.validation.bundle import Known
from engine.validation.catalogue import GATE_RULES
from engine.validation.catalogue.settings import START_EVENT_VALUE
from engine.validation.gate import GateResult, executable_processes, is_resource, validate

__all__ = [
    "GATE_RULES",
    "START_EVENT_VALUE",
    "GateResult",
    "Known",
    "Limits",
    "executable_processes",
    "is_resource",
    "validate",
]
