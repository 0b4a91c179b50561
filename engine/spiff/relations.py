"""What elements are to each other beyond their flows: halves of links, what undoes what, who hears what in bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.bpmn.links import link_targets
from engine.bpmn.model import Element, ElementKind, EventKind, Process
from engine.spiff.expressions import names_in
from engine.spiff.listeners import BoundarySpec
from engine.spiff.repeating import RepeatedSpec
from engine.spiff.specs import Flow, NodeSpec, ScopeSpec

_HEARD: Final = frozenset({ElementKind.INTERMEDIATE_CATCH_EVENT, ElementKind.BOUNDARY_EVENT, ElementKind.START_EVENT})


def relate_links(process: Process, specs: Mapping[str, NodeSpec]) -> None:
    """Let each link throw event jump to its catch event."""
    for throw, catch in link_targets(process).items():
        specs[throw].flows = (Flow("", specs[catch], None, is_default=False),)
        specs[throw].connect(specs[catch])
        specs[catch].linked_from.append(specs[throw])


def relate_undoing(process: Process, scopes: Mapping[str, ScopeSpec], specs: Mapping[str, NodeSpec]) -> None:
    """Tell activities what undoes them, and sub-processes that there is something inside that can be undone."""
    undone: list[str] = []
    for host, event in _boundaries(process):
        if event.handler is not None:
            for spec in _with_inner(specs[host]):
                spec.undone_by, spec.undoable = specs[event.handler], True
            undone.append(event.scope)
        elif event.event_kind is EventKind.CANCEL:
            boundary = specs[event.id]
            specs[host].cancelled_by = boundary if isinstance(boundary, BoundarySpec) else None
    for scope_id in (scope_id for scope_id, scope in scopes.items() if scope.compensation is not None):
        undone.append(scope_id)
        for spec in _with_inner(specs[scope_id]):
            spec.opens_again = True
    seen: set[str] = set()
    while undone:
        scope_id = undone.pop()
        if scope_id in seen or scope_id not in specs:
            continue
        seen.add(scope_id)
        for spec in _with_inner(specs[scope_id]):
            spec.undoable = True
        undone.append(specs[scope_id].element.scope)


def relate_events(process: Process, specs: Mapping[str, NodeSpec]) -> None:
    """Tell every multi-instance which signals and variables something in its bodies waits for: they are loaded then."""
    for element in process.elements.values():
        if element.kind not in _HEARD:
            continue
        signals = any(definition.kind is EventKind.SIGNAL for definition in element.events)
        names = frozenset(name for definition in element.events for name in names_in(definition.condition))
        around = process.elements.get(element.scope) if signals or names else None
        while around is not None:
            spec = specs[around.id]
            if isinstance(spec, RepeatedSpec):
                spec.hears_signals |= signals
                spec.heard_names |= names
            around = process.elements.get(around.scope)


def _boundaries(process: Process) -> Iterator[tuple[str, Element]]:
    for element in process.elements.values():
        if element.kind is ElementKind.BOUNDARY_EVENT and element.attached_to is not None:
            yield element.attached_to, element


def _with_inner(spec: NodeSpec) -> tuple[NodeSpec, ...]:
    return (spec,) if spec.inner is None else (spec, spec.inner)
