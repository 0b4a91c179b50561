"""Which outgoing flows a token takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.model import ElementKind, Expression
from engine.spiff.expressions import condition
from engine.spiff.steps import StepFailed
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow
    from engine.spiff.specs import Flow


def flows_out(instance: InstanceWorkflow, token: Token) -> tuple[Flow, ...]:
    """Return the flows to take: all that have no condition and all whose condition holds, else the default flow.

    An exclusive gateway takes the first of them in the diagram's order, a parallel one asks no conditions.

    Raises:
        StepFailed: No flow can be taken, though there are some; or a condition cannot be evaluated.
    """
    flows: tuple[Flow, ...] = token.task_spec.flows
    kind = token.task_spec.element.kind
    if not flows or kind is ElementKind.PARALLEL_GATEWAY:
        return flows
    if len(flows) == 1 and flows[0].condition is None:
        return flows
    taken = []
    for flow in flows:
        if not flow.is_default and (flow.condition is None or _holds(flow.condition, instance, token)):
            taken.append(flow)
            if kind is ElementKind.EXCLUSIVE_GATEWAY:
                break
    taken = taken or [flow for flow in flows if flow.is_default]
    if not taken:
        raise StepFailed(
            token.task_spec.element.id,
            "no_flow",
            "Expected an outgoing flow whose condition holds, but none does and there is no default flow.",
        )
    return tuple(taken)


def flows_that_hold(instance: InstanceWorkflow, token: Token) -> tuple[Flow, ...]:
    """Return the flows whose condition holds, else the default flow; there may be none.

    Raises:
        StepFailed: A condition cannot be evaluated.
    """
    flows: tuple[Flow, ...] = token.task_spec.flows
    taken = [flow for flow in flows if flow.condition is not None and _holds(flow.condition, instance, token)]
    return tuple(taken or [flow for flow in flows if flow.is_default])


def _holds(expression: Expression, instance: InstanceWorkflow, token: Token) -> bool:
    return condition(expression, token.scope, instance.context, token.task_spec.element.id)
