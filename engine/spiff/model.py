"""A process made ready to run: the library's specs of its scopes, shared by all threads and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.model import Process
from engine.spiff.specs import NodeSpec, ScopeSpec


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """What `build` makes of a process; `scopes` holds the specs of its sub-processes by id."""

    process: Process
    root: ScopeSpec
    scopes: Mapping[str, ScopeSpec]
    specs: Mapping[str, NodeSpec]  # of all flow nodes by id
    has_ad_hoc: bool = False
    watched: frozenset[str] = frozenset()  # variables that conditions of events read
