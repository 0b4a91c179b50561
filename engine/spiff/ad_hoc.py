"""Ad-hoc sub-processes: what is inside begins when somebody, or an expression, chooses it; any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import AdHoc, Element
from engine.errors import InvalidArgument, StateConflict
from engine.spiff.expressions import condition, evaluate
from engine.spiff.specs import NodeSpec, ScopeSpec
from engine.spiff.steps import StepFailed
from engine.spiff.sub_processes import SubProcessSpec
from engine.spiff.tokens import LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

_NOTHING_SAID = AdHoc()


class AdHocSpec(SubProcessSpec):
    """An ad-hoc sub-process; its token lives until its completion condition holds.

    Without one it is over when all that was begun is over (as in Camunda 8).
    """

    ends_when_empty = False

    def __init__(self, scope_spec: ScopeSpec, element: Element, name: str | None = None) -> None:
        super().__init__(scope_spec, element, name)
        self.settings = element.ad_hoc or _NOTHING_SAID

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        self._make_scope(my_task)
        chosen = self._chosen_by_expression(instance, my_task)
        inside = instance.create_subprocess(my_task, self.element.id)
        my_task.mark(LIVE)
        instance.listen(inside)
        self._begin(instance, inside, chosen)
        return None

    @override
    def inner_left(self, workflow: Any) -> None:
        """Ask whether it is complete: each time that something inside is over."""
        instance: InstanceWorkflow = workflow.top_workflow
        host = workflow.host
        until = self.settings.completion_condition
        if until is not None and not host.closing:
            enough = condition(until, workflow.scope, instance.context, self.element.id)
            if enough and self.settings.cancel_remaining:
                instance.cancel_scope(workflow)
            host.closing = enough or None
            host.queued = None if enough else host.queued
        if not instance.is_empty(workflow):
            return
        if host.queued:
            self._begin(instance, workflow, host.queued)
        elif host.closing or until is None:
            instance.close_scope(workflow)

    def choices(self, workflow: Any) -> list[NodeSpec]:
        """Return what may be begun now; nothing while one of a sequence runs, or when it only waits for the rest."""
        host: Token = workflow.host
        busy = self.settings.sequential and not workflow.top_workflow.is_empty(workflow)
        return [] if busy or host.closing else list(workflow.spec.begins)

    def activate(self, workflow: Any, element_ids: Sequence[str]) -> None:
        """Begin what somebody has chosen.

        Raises:
            InvalidArgument: It is none of what may be chosen.
            StateConflict: Nothing may be begun now, or only one.
        """
        known = {spec.element.id for spec in workflow.spec.begins}
        if not element_ids or not known.issuperset(element_ids):
            raise InvalidArgument(
                f"Expected some of {', '.join(sorted(known))}, but got {', '.join(element_ids) or 'nothing'}.",
                ad_hoc=self.element.id,
            )
        if not self.choices(workflow) or (self.settings.sequential and len(element_ids) > 1):
            raise StateConflict(
                f"Expected that {self.element.id!r} may begin {', '.join(element_ids)}, but it does one after another, "
                "or is about to end.",
                ad_hoc=self.element.id,
            )
        self._begin(workflow.top_workflow, workflow, list(element_ids))

    def _begin(self, instance: InstanceWorkflow, workflow: Any, element_ids: list[str]) -> None:
        now = element_ids[:1] if self.settings.sequential else element_ids
        workflow.host.queued = element_ids[len(now) :] or None
        specs = {spec.element.id: spec for spec in workflow.spec.begins}
        instance.set_out(workflow, [specs[element_id] for element_id in now])

    def _chosen_by_expression(self, instance: InstanceWorkflow, token: Token) -> list[str]:
        expression = self.settings.active_elements
        if expression is None:
            return []
        found = evaluate(expression, token.scope, instance.context, self.element.id)
        known = {spec.element.id for spec in instance.subprocess_specs[self.element.id].begins}
        if not isinstance(found, list) or not all(isinstance(one, str) and one in known for one in found):
            raise StepFailed(
                self.element.id,
                "ad_hoc_elements",
                f"Expected a list of some of {', '.join(sorted(known))} from {expression.text!r}, but got {found!r}.",
            )
        return found
