"""The complex gateway: goes on when its activation condition holds, then takes in what still comes and starts over.

A token that stays at the gateway remembers on which flows tokens were taken in: the standard's state of waiting for
reset (BPMN 2.0.2, table 13.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element, Expression
from engine.spiff.expressions import condition
from engine.spiff.gateways import JoinSpec
from engine.spiff.routing import flows_that_hold
from engine.spiff.scopes import Scope
from engine.spiff.specs import ScopeSpec
from engine.spiff.steps import ElementLeft
from engine.spiff.tokens import AT_A_JOIN, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


class ComplexJoinSpec(JoinSpec):
    """A complex gateway with an activation condition."""

    def __init__(self, scope_spec: ScopeSpec, element: Element, activation: Expression) -> None:
        super().__init__(scope_spec, element)
        self.activation = activation

    @override
    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        self._look(my_task.workflow)
        return False

    @override
    def rests(self, workflow: Any) -> bool:
        return self._memory(workflow) is not None

    @override
    def filled(self, workflow: Any) -> frozenset[str]:
        memory = self._memory(workflow)
        lines = workflow.joining[self]
        return frozenset(flow for flow in lines if flow is not None).union((memory and memory.taken_in) or ())

    @override
    def first(self, workflow: Any) -> Token:
        return self._memory(workflow) or super().first(workflow)

    @override
    def go_on(self, workflow: Any) -> None:
        """Take in what came late; the conditions are asked once more, and may send tokens out once more."""
        instance: InstanceWorkflow = workflow.top_workflow
        memory = self._memory(workflow)
        assert memory is not None
        lines = workflow.joining[self]
        late = [line[0] for flow, line in lines.items() if flow is not None and flow not in (memory.taken_in or ())]
        memory.scope = self._scope(memory, waiting=False)
        flows = flows_that_hold(instance, memory) if late else ()
        del lines[None]
        for token in late:
            self._take(workflow, token)
            instance.remove(token)
        if not lines:
            del workflow.joining[self]
        if flows:
            self.announce(memory)
            instance.emit(ElementLeft(self.element.id, memory.id))
        instance.move_on(memory, flows)
        self._look(workflow)

    @override
    def depart(self, token: Token) -> None:
        token.scope = self._scope(token, waiting=True)
        super().depart(token)

    def _look(self, workflow: Any) -> None:
        """Do what the tokens that are here allow: activate, or start over when none is missing any more."""
        if self not in workflow.joining:
            return
        memory = self._memory(workflow)
        if memory is None:
            scope = self._scope(super().first(workflow), waiting=True)
            if condition(self.activation, scope, workflow.top_workflow.context, self.element.id):
                self._activate(workflow)
        elif self.filled(workflow).issuperset(self.incoming):
            self.go_on(workflow)

    def _activate(self, workflow: Any) -> None:
        """Let the first token of each line go on as one; flows that had none are waited for."""
        instance: InstanceWorkflow = workflow.top_workflow
        merged = sorted((line[0] for line in workflow.joining[self].values()), key=instance.age)
        taken_in = [flow for flow in self.incoming if flow in workflow.joining[self]]
        for token in merged:
            self._take(workflow, token)
        for token in merged[1:]:
            instance.remove(token)
        if len(taken_in) < len(self.incoming):
            memory = instance.new_token(self, workflow)
            memory.taken_in = taken_in
            memory.mark(AT_A_JOIN)
            self.line_up(memory)
        if not workflow.joining[self]:
            del workflow.joining[self]
        merged[0].flow, merged[0].taken_in = None, taken_in
        self.enter(merged[0])
        merged[0].run()
        self._look(workflow)

    def _take(self, workflow: Any, token: Token) -> None:
        lines = workflow.joining[self]
        lines[token.flow].remove(token)
        if not lines[token.flow]:
            del lines[token.flow]

    def _memory(self, workflow: Any) -> Token | None:
        found: list[Token] = workflow.joining.get(self, {}).get(None, [])
        return found[0] if found else None

    def _scope(self, token: Token, *, waiting: bool) -> Scope:
        """Return the variables with the gateway's own: how many flows have a token, and which state it is in."""
        workflow = token.workflow
        counts = {flow: len(line) for flow, line in workflow.joining.get(self, {}).items() if flow is not None}
        if waiting and token.taken_in is not None:
            counts = dict.fromkeys(token.taken_in, 1)
        own = {
            "activationCount": len(counts),
            "activationCounts": {flow: counts.get(flow, 0) for flow in self.incoming},
            "waitingForStart": waiting,
        }
        return Scope(token.id, self.element.id, own, workflow.scope, writable=False)
