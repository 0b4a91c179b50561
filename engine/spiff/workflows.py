"""SpiffWorkflow's workflow of a scope: a root, its tokens in order, lines at joins, and what can be undone there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.spiff.scopes import Scope
from engine.spiff.specs import ScopeSpec
from engine.spiff.tokens import LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

_ROOT = "root"


class ScopeTokens:
    """What both kinds of workflow share: a root, its tokens in order, lines at joins."""

    spec: Any
    tasks: dict[str, Token]
    task_tree: Any
    scope: Scope
    part: str
    joining: dict[Any, dict[str | None, list[Token]]]
    host: Token | None
    records: list[Any]  # of what is completed here and can be undone, in this order

    def plant(self, scope: Scope, part: str, host: Token | None) -> None:
        """Make the root of the tokens."""
        self.scope = scope
        self.part = part
        self.host = host
        self.joining = {}
        self.records = []
        self.task_tree = Token(self, self.spec.start, None, _ROOT, LIVE)

    def root_tokens(self) -> list[Token]:
        """Return the tokens of this scope, without what is inside or beside them."""
        found: list[Token] = self.task_tree.children
        return found


class ScopeWorkflow(ScopeTokens, BpmnSubWorkflow):
    """The inside of a sub-process."""

    def __init__(self, spec: ScopeSpec, host: Token, top: InstanceWorkflow) -> None:
        super().__init__(spec, host.id, top, deserializing=True)
        self.plant(host.scope, host.part, host)
        self.data = host.scope.values

    def _calculate_depth(self) -> int:
        return 0  # nobody asks; the library would walk over all hosts

    def _task_removed_notify(self, task: Token) -> None:
        self.top_workflow.forget(task)
