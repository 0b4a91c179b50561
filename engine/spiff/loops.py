"""The loop marker: an activity runs again and again while its condition holds, as often as its maximum allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element, StandardLoop
from engine.spiff.expressions import condition
from engine.spiff.repeating import Many, RepeatedSpec
from engine.spiff.scopes import Scope
from engine.spiff.specs import NodeSpec, ScopeSpec
from engine.spiff.steps import ElementLeft
from engine.spiff.tokens import DUE, LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

_COUNTER = "loopCounter"  # as the standard names it; 1 in the first run, 0 where the condition is tested before it


class LoopSpec(RepeatedSpec):
    """The whole of an activity with a loop marker; its runs follow one another."""

    def __init__(self, scope_spec: ScopeSpec, element: Element, inner: NodeSpec, settings: StandardLoop) -> None:
        super().__init__(scope_spec, element, inner)
        self.settings = settings

    @override
    def enter(self, token: Token) -> None:
        self.announce(token)
        token.many = Many(0)
        token.scope = self.scope_of(token)
        self.listen(token)

    @override
    def values_of(self, token: Token) -> dict[str, Any]:
        return {}

    @override
    def spawn(self, token: Token, limit: int) -> None:
        """Begin the next run; the first one only when its condition holds, where that is tested before."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        many = token.many
        assert many is not None
        begins = many.spawned > 0 or not self.settings.test_before or self._holds(token, _counting(token, 0))
        instance.work.popleft()
        token.mark(LIVE)
        if begins:
            self.make_body(token, {_COUNTER: many.spawned + 1})
        else:
            instance.finish(token)

    @override
    def body_done(self, body: Token) -> None:
        """Ask whether it runs again: what the run has made of the variables is seen, its own ones too."""
        instance: InstanceWorkflow = body.workflow.top_workflow
        wrapper = body.wrapper
        assert wrapper is not None
        assert wrapper.many is not None
        most, runs = self.settings.maximum, wrapper.many.done + 1
        again = (most is None or runs < most) and self._holds(wrapper, body.scope)
        wrapper.many.done = runs
        instance.emit(ElementLeft(self.element.id, body.id))
        instance.remove(body)
        if again:
            wrapper.mark(DUE)
            instance.work.append(wrapper)
        else:
            instance.finish(wrapper)

    def _holds(self, token: Token, scope: Scope) -> bool:
        test = self.settings.condition
        return test is None or condition(test, scope, token.workflow.top_workflow.context, self.element.id)


def _counting(token: Token, runs: int) -> Scope:
    return Scope(token.id, token.task_spec.element.id, {_COUNTER: runs}, token.workflow.scope, writable=False)
