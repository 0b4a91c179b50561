"""Exclusive gateways and splits, which only route, and joins, at which tokens wait for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element
from engine.spiff.specs import NodeSpec, ScopeSpec
from engine.spiff.tokens import AT_A_JOIN, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


class PassSpec(NodeSpec):
    """A flow node that does nothing but route: gateways, none events, undefined and manual tasks."""


class JoinSpec(NodeSpec):
    """A gateway with several incoming flows: tokens wait here, labelled with their flow; they are its whole state."""

    joins = True

    def __init__(self, scope_spec: ScopeSpec, element: Element, name: str | None = None) -> None:
        super().__init__(scope_spec, element, name)
        self.reaching: dict[str, frozenset[NodeSpec]] = {}

    @override
    def _update_hook(self, my_task: Token) -> bool:
        my_task.mark(AT_A_JOIN)
        self.line_up(my_task)
        return False

    def line_up(self, token: Token) -> None:
        """Take a token into the line of its flow."""
        lines = token.workflow.joining.setdefault(self, {})
        lines.setdefault(token.flow, []).append(token)

    def rests(self, workflow: Any) -> bool:  # noqa: ARG002 - subclasses look at it
        """Tell whether it goes on when no token can come any more on a flow that has none."""
        return False

    def filled(self, workflow: Any) -> frozenset[str]:
        """Return the flows on which no token is waited for."""
        return frozenset(workflow.joining[self])

    def first(self, workflow: Any) -> Token:
        """Return the oldest token that goes on next."""
        found: Token = min((line[0] for line in workflow.joining[self].values()), key=workflow.top_workflow.age)
        return found

    def go_on(self, workflow: Any) -> None:
        """Let the first token of each line go on as one; what is left waits for the next round."""
        instance: InstanceWorkflow = workflow.top_workflow
        lines = workflow.joining.pop(self)
        merged = sorted((line[0] for line in lines.values()), key=instance.age)
        left = {flow: line[1:] for flow, line in lines.items() if len(line) > 1}
        if left:
            workflow.joining[self] = left
        for token in merged[1:]:
            instance.remove(token)
        merged[0].flow = None
        self.enter(merged[0])
        merged[0].run()


class ParallelJoinSpec(JoinSpec):
    """Waits for one token on each incoming flow."""

    @override
    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        if len(my_task.workflow.joining[self]) == len(self.incoming):
            self.go_on(my_task.workflow)
        return False


class InclusiveJoinSpec(JoinSpec):
    """Waits until no token can come any more on a flow that has none; looked at when nothing else can move."""

    @override
    def rests(self, workflow: Any) -> bool:
        return True
