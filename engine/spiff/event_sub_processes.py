"""Event sub-processes: listeners of a scope, and the handlers that they start inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element
from engine.spiff.specs import ScopeSpec
from engine.spiff.steps import CloseReason
from engine.spiff.sub_processes import SubProcessSpec
from engine.spiff.tokens import Token
from engine.spiff.undoing import is_opened_again
from engine.spiff.waiting import ListeningSpec

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


class EventSubProcessSpec(SubProcessSpec):
    """An event sub-process that runs: one token for each time that its start event has happened."""

    interrupting = True

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        results, my_task.results = my_task.results, None
        super()._run_hook(my_task)
        inside = my_task.workflow.top_workflow.get_subprocess(my_task)
        inside.root_tokens()[0].results = results  # the start event hands them on
        return None


class ScopeListenerSpec(ListeningSpec):
    """The start event of an event sub-process, seen from the scope around: it waits while the scope is open."""

    beside_scope = True

    def __init__(self, scope_spec: ScopeSpec, start: Element, handler: EventSubProcessSpec) -> None:
        super().__init__(scope_spec, start)
        self.handler = handler
        handler.interrupting = start.interrupting

    @override
    def _update_hook(self, my_task: Token) -> bool:
        return True

    @override
    def _on_ready(self, my_task: Token) -> None:
        self.open(my_task, my_task.scope, my_task.id)

    @override
    def happened(self, token: Token, cause: Token | None, results: dict[str, Any]) -> None:
        """Start the handler; an interrupting one takes the place of all that is in the scope."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        if not self.element.interrupting:
            self.stay(token, cause, token.id)
        elif cause is not None:
            instance.close_wait(cause, CloseReason.COMPLETED)
        self.catch(token.workflow, results)

    def catch(self, workflow: Any, results: dict[str, Any]) -> None:
        """Start the handler in a scope."""
        instance: InstanceWorkflow = workflow.top_workflow
        if self.element.interrupting:
            instance.cancel_scope(workflow)
            if workflow.host is not None and not workflow.host.task_spec.ends_when_empty:
                workflow.host.closing = True  # the handler is the last that runs in it
        token = instance.new_token(self.handler, workflow)
        token.results = results
        instance.moving.append(token)


def is_interrupted(workflow: Any) -> bool:
    """Tell whether an interrupting handler has taken a scope over: no other handler begins there any more."""
    return any(
        isinstance(token.task_spec, EventSubProcessSpec) and token.task_spec.interrupting
        for token in workflow.root_tokens()
    )


def handlers_of(workflow: Any, running: Token) -> list[ScopeListenerSpec]:
    """Return the event sub-processes of a scope that may catch what comes out of one of its tokens: not themselves."""
    found: list[ScopeListenerSpec] = workflow.spec.handlers
    if not found or is_opened_again(workflow.host) or is_interrupted(workflow):
        return []
    return [listener for listener in found if listener.handler is not running.task_spec]
