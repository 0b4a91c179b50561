"""A process of the diagram → `ProcessModel`: one pass over the nodes, one over the flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.bpmn.model import Element, ElementKind, EventKind, Expression, Process
from engine.spiff import private
from engine.spiff.activities import CallSpec, DecisionSpec, JobSpec, ScriptSpec, SendSpec, UserTaskSpec
from engine.spiff.ad_hoc import AdHocSpec
from engine.spiff.compensation import CancelSpec, CompensateSpec
from engine.spiff.complex_gateways import ComplexJoinSpec
from engine.spiff.ends import TerminateSpec, ThrowingEndSpec, ThrowSpec
from engine.spiff.event_sub_processes import EventSubProcessSpec, ScopeListenerSpec
from engine.spiff.expressions import names_in
from engine.spiff.gateways import InclusiveJoinSpec, ParallelJoinSpec, PassSpec
from engine.spiff.listeners import BoundarySpec, CatchSpec, EventGatewaySpec
from engine.spiff.loops import LoopSpec
from engine.spiff.model import ProcessModel
from engine.spiff.multi_instance import MultiInstanceSpec
from engine.spiff.quantities import QuantitySpec
from engine.spiff.relations import relate_events, relate_links, relate_undoing
from engine.spiff.specs import Flow, NodeSpec, ScopeSpec
from engine.spiff.sub_processes import SubProcessSpec

private.quiet()

_KINDS: Final[Mapping[ElementKind, type[NodeSpec]]] = {
    ElementKind.TASK: PassSpec,
    ElementKind.MANUAL_TASK: PassSpec,
    ElementKind.USER_TASK: UserTaskSpec,
    ElementKind.SERVICE_TASK: JobSpec,
    ElementKind.SCRIPT_TASK: ScriptSpec,
    ElementKind.SEND_TASK: SendSpec,
    ElementKind.RECEIVE_TASK: CatchSpec,
    ElementKind.BUSINESS_RULE_TASK: DecisionSpec,
    ElementKind.CALL_ACTIVITY: CallSpec,
    ElementKind.SUB_PROCESS: SubProcessSpec,
    ElementKind.TRANSACTION: SubProcessSpec,
    ElementKind.AD_HOC_SUB_PROCESS: AdHocSpec,
    ElementKind.EXCLUSIVE_GATEWAY: PassSpec,
    ElementKind.EVENT_BASED_GATEWAY: EventGatewaySpec,
    ElementKind.START_EVENT: PassSpec,
    ElementKind.INTERMEDIATE_CATCH_EVENT: CatchSpec,
    ElementKind.BOUNDARY_EVENT: BoundarySpec,
}
_ENDS: Final[Mapping[EventKind, type[NodeSpec]]] = {
    EventKind.NONE: PassSpec,
    EventKind.MESSAGE: SendSpec,
    EventKind.SIGNAL: ThrowingEndSpec,
    EventKind.ERROR: ThrowingEndSpec,
    EventKind.ESCALATION: ThrowingEndSpec,
    EventKind.COMPENSATE: CompensateSpec,
    EventKind.CANCEL: CancelSpec,
    EventKind.TERMINATE: TerminateSpec,
}
_THROWS: Final[Mapping[EventKind, type[NodeSpec]]] = {
    EventKind.NONE: PassSpec,
    EventKind.MESSAGE: SendSpec,
    EventKind.SIGNAL: ThrowSpec,
    EventKind.ESCALATION: ThrowSpec,
    EventKind.COMPENSATE: CompensateSpec,
    EventKind.LINK: PassSpec,
}
_JOINS: Final[Mapping[ElementKind, type[NodeSpec]]] = {
    ElementKind.PARALLEL_GATEWAY: ParallelJoinSpec,
    ElementKind.INCLUSIVE_GATEWAY: InclusiveJoinSpec,
}
_INNER: Final = "#"  # an activity that runs several times is named by its id and this; no XML id has it


class NotExecutable(ValueError):
    """Expected elements that the deploy gate lets through, but one is not executed."""


def build(process: Process) -> ProcessModel:
    """Make a process ready to run.

    Raises:
        NotExecutable: An element is of a kind that is not executed.
    """
    scopes = {scope_id: ScopeSpec(scope_id) for scope_id in process.children}
    specs: dict[str, NodeSpec] = {}
    for element in process.elements.values():
        specs[element.id] = _spec(scopes[element.scope], element)
    for spec in specs.values():
        if spec.element.start_quantity > 1:
            spec.door = QuantitySpec(spec)
    for spec in specs.values():
        _connect(spec, specs, process)
    for scope_id, scope in scopes.items():
        around, nodes = process.elements.get(scope_id), [specs[element_id] for element_id in process.children[scope_id]]
        _find_starts(scope, nodes, triggered_by_event=around is not None and around.triggered_by_event)
        _find_handlers(scope, nodes, process)
    relate_links(process, specs)
    relate_undoing(process, scopes, specs)
    relate_events(process, specs)
    watched = frozenset(name for definition in _conditions(process) for name in names_in(definition))
    has_ad_hoc = any(element.ad_hoc for element in process.elements.values())
    return ProcessModel(process, scopes[process.id], scopes, specs, has_ad_hoc, watched)


def _spec(scope: ScopeSpec, element: Element) -> NodeSpec:
    if element.activation is not None and element.incoming:
        return ComplexJoinSpec(scope, element, element.activation)
    many, loop = element.multi_instance, element.standard_loop
    if (many is None and loop is None) or element.triggered_by_event:
        return _class_of(element)(scope, element)
    inner = _class_of(element)(scope, element, f"{element.id}{_INNER}")
    if many is not None:
        return MultiInstanceSpec(scope, element, inner, many)
    assert loop is not None
    return LoopSpec(scope, element, inner, loop)


def _class_of(element: Element) -> type[NodeSpec]:
    found = _KINDS.get(element.kind)
    if element.kind in _JOINS:
        found = _JOINS[element.kind] if len(element.incoming) > 1 else PassSpec
    elif element.kind is ElementKind.COMPLEX_GATEWAY and len(element.incoming) < 2:  # noqa: PLR2004 - it only splits
        found = PassSpec
    elif element.kind is ElementKind.END_EVENT:
        found = ThrowingEndSpec if len(element.events) > 1 else _ENDS.get(element.event_kind)
    elif element.kind is ElementKind.INTERMEDIATE_CATCH_EVENT and element.event_kind is EventKind.LINK:
        found = PassSpec
    elif element.kind is ElementKind.INTERMEDIATE_THROW_EVENT:
        found = ThrowSpec if len(element.events) > 1 else _THROWS.get(element.event_kind)
    if found in (SendSpec, DecisionSpec) and element.work is not None:
        found = JobSpec
    if element.triggered_by_event:
        found = EventSubProcessSpec
    if found is None:
        raise NotExecutable(
            f"Expected elements that the deploy gate lets through, but {element.id!r} is a {element.kind} "
            f"({element.event_kind}) that is not executed."
        )
    return found


def _connect(spec: NodeSpec, specs: Mapping[str, NodeSpec], process: Process) -> None:
    element = spec.element
    flows = []
    for flow_id in element.outgoing:
        flow = process.flows[flow_id]
        target = specs[flow.target].door or specs[flow.target]
        spec.connect(target)
        spec.scope_spec.sources[flow_id] = spec
        flows.append(Flow(flow_id, target, flow.condition, flow_id == element.default_flow))
    spec.flows = tuple(flows)
    found = [specs[boundary_id] for boundary_id in element.boundary]
    for boundary in found:
        boundary.host = spec
    spec.boundary = tuple(boundary for boundary in found if isinstance(boundary, BoundarySpec))


def _find_starts(scope: ScopeSpec, nodes: list[NodeSpec], *, triggered_by_event: bool) -> None:
    for spec in nodes:
        element = spec.element
        if element.kind is ElementKind.START_EVENT:
            if element.event_kind is EventKind.NONE or triggered_by_event:
                scope.starts.append(spec)
        elif not (
            element.incoming
            or element.kind is ElementKind.BOUNDARY_EVENT
            or element.triggered_by_event
            or element.for_compensation
            or element.event_kind is EventKind.LINK
            or element.instantiate
        ):
            scope.begins.append(spec.door or spec)


def _find_handlers(scope: ScopeSpec, nodes: list[NodeSpec], process: Process) -> None:
    """Put the start event of each event sub-process beside the scope around it."""
    for spec in nodes:
        if isinstance(spec, EventSubProcessSpec):
            inside = [process.elements[element_id] for element_id in process.children[spec.element.id]]
            start = next(element for element in inside if element.kind is ElementKind.START_EVENT)
            if start.event_kind is EventKind.COMPENSATE:
                scope.compensation = spec
            else:
                scope.handlers.append(ScopeListenerSpec(scope, start, spec))


def _conditions(process: Process) -> Iterator[Expression | None]:
    return (definition.condition for element in process.elements.values() for definition in element.events)
