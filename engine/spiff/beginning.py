"""Where an instance begins: at its plain start events, or where the event has come that begins it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.model import ElementKind
from engine.bpmn.starts import entries
from engine.spiff.instance import InstanceWorkflow
from engine.spiff.listeners import EventGatewaySpec
from engine.spiff.scopes import copied
from engine.spiff.specs import NodeSpec
from engine.spiff.steps import StepFailed, VariableChanged


def begin(instance: InstanceWorkflow, variables: Mapping[str, Any], element_id: str | None) -> None:
    """Set out the first tokens.

    Args:
        instance: The instance, still empty.
        variables: What it begins with, or what the event has brought.
        element_id: The start event, or other element, whose event has come; none: all plain start events.

    Raises:
        StepFailed: There is no such place to begin.
    """
    root = instance.model.root
    if element_id is None:
        _give(instance, variables)
        if not instance.begin(instance, [*root.starts, *root.begins]):
            if next(root.nodes(), None) is not None:
                raise StepFailed(root.name, "no_start", "Expected a place to start without an event.")
            instance.end_if_empty(instance)
        return
    spec = root.task_specs.get(element_id)
    if isinstance(spec, NodeSpec) and spec.element.kind is ElementKind.START_EVENT:
        _begin_at_start(instance, spec, variables)
    elif isinstance(spec, NodeSpec) and spec.element in entries(instance.model.process):
        _begin_at_event(instance, spec, variables)
    else:
        raise StepFailed(element_id, "no_start", "Expected a start event with this id, but there is none.")
    instance.set_out(instance, root.begins)
    instance.listen(instance)


def _begin_at_start(instance: InstanceWorkflow, spec: NodeSpec, variables: Mapping[str, Any]) -> None:
    if not spec.element.outputs:
        _give(instance, variables)
    (token,) = instance.set_out(instance, [spec])
    if spec.element.outputs:
        token.results = copied(dict(variables))


def _begin_at_event(instance: InstanceWorkflow, spec: NodeSpec, variables: Mapping[str, Any]) -> None:
    """Begin where a message has come to a receive task or behind an event-based gateway."""
    results = copied(dict(variables))
    sources = [instance.model.root.sources[flow] for flow in spec.incoming]
    gateway = next((source for source in sources if isinstance(source, EventGatewaySpec)), None)
    if gateway is not None:
        gateway.begin_with(instance, spec, results)
        return
    token = instance.new_token(spec, instance)
    spec.announce(token)
    instance.finish(token, results)


def _give(instance: InstanceWorkflow, variables: Mapping[str, Any]) -> None:
    scope = instance.scope
    for name, value in variables.items():
        scope.values[name] = copied(value)
        instance.emit(VariableChanged(scope.id, scope.element_id, name, scope.values[name]))
