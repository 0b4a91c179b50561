"""Tasks: for people, for handlers and workers, scripts, messages sent, and calls of other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from engine.bpmn.model import EventKind, UserTaskSettings
from engine.ports import BpmnError
from engine.spiff.expressions import evaluate, names, required_text, text, whole_number
from engine.spiff.scopes import copied
from engine.spiff.specs import NodeSpec, WorkSpec
from engine.spiff.steps import DecisionCall, DecisionMade, StepFailed, Variables, Wait, WaitKind
from engine.spiff.throwing import publish, throw_error
from engine.spiff.tokens import LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

_NO_SETTINGS = UserTaskSettings()


class UserTaskSpec(NodeSpec):
    """A user task: somebody will complete it."""

    @override
    def _on_ready(self, my_task: Token) -> None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        settings = self.element.user_task or _NO_SETTINGS
        scope, context, element_id = my_task.scope, instance.context, self.element.id
        my_task.mark(LIVE)
        due, follow_up = (
            None if expression is None else evaluate(expression, scope, context, element_id)
            for expression in (settings.due_date, settings.follow_up_date)
        )
        wait = Wait(
            id=my_task.wait_id,
            token=my_task.id,
            part=my_task.part,
            kind=WaitKind.USER_TASK,
            element_id=element_id,
            assignee=text(settings.assignee, scope, context, element_id, what="an assignee"),
            candidate_groups=names(settings.candidate_groups, scope, context, element_id),
            candidate_users=names(settings.candidate_users, scope, context, element_id),
            due_date=due,
            follow_up_date=follow_up,
            priority=whole_number(settings.priority, scope, context, element_id),
            form_id=settings.form_id,
            name=self.element.name,
            headers=settings.headers,
            variables=_local(my_task),
        )
        instance.open_wait(wait, my_task)


class JobSpec(WorkSpec):
    """Work of a type: done at once by a handler in the process, else left to a worker. Also throws with such work."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        work, scope, context, element_id = self.element.work, my_task.scope, instance.context, self.element.id
        if work is None:
            raise StepFailed(element_id, "expression_error", "Expected a type of work, but there is none.")
        work_type = required_text(work.type, scope, context, element_id, what="a type of work")
        handed = copied(_local(my_task) if self.element.inputs else scope.everything())
        if context.has_handler(work_type):
            try:
                results = context.call_handler(element_id, work_type, work.headers, handed)
            except BpmnError as error:
                throw_error(instance, my_task, error.code, error.message, error.variables)
                return None
            if results is not None:
                my_task.results = copied(dict(results))
                return True
        wait = Wait(
            id=my_task.wait_id,
            token=my_task.id,
            part=my_task.part,
            kind=WaitKind.JOB,
            element_id=element_id,
            name=self.element.name,
            type=work_type,
            retries=whole_number(work.retries, scope, context, element_id),
            headers=work.headers,
            variables=handed,
        )
        instance.open_wait(wait, my_task)
        return None


class ScriptSpec(WorkSpec):
    """A script task: a FEEL expression into a variable."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        script = self.element.script
        if script is None:
            raise StepFailed(self.element.id, "expression_error", "Expected a script, but there is none.")
        value = evaluate(script.expression, my_task.scope, instance.context, self.element.id)
        my_task.results = {script.result_variable: value} if script.result_variable else {}
        return True


class DecisionSpec(WorkSpec):
    """A business rule task: a decision over everything in scope, into a variable."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        settings, scope, context, element_id = self.element.decision, my_task.scope, instance.context, self.element.id
        if settings is None or context.call_decision is None:
            raise StepFailed(element_id, "decision_not_found", "Expected a decision to make, but there is none.")
        decision_id = required_text(settings.decision_id, scope, context, element_id, what="the id of a decision")
        visible = copied(scope.everything())
        call = DecisionCall(element_id, decision_id, settings.binding, settings.version_tag, visible)
        value, details = context.call_decision(call)
        instance.emit(DecisionMade(element_id, details))
        my_task.results = {settings.result_variable: copied(value)} if settings.result_variable else {}
        return True


class SendSpec(WorkSpec):
    """A send task, throw or end event that publishes a message; its inputs are what the message carries."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        element = self.element
        message = element.message
        if message is None and element.event_kind is EventKind.MESSAGE:
            message = element.events[0].message
        publish(my_task, message)
        return True


class CallSpec(WorkSpec):
    """A call activity: a child instance runs, and hands back its variables."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        call, scope, element_id = self.element.call, my_task.scope, self.element.id
        if call is None:
            raise StepFailed(element_id, "expression_error", "Expected a process to call, but there is none.")
        process_id = required_text(call.process_id, scope, instance.context, element_id, what="the id of a process")
        handed = scope.everything() if call.propagate_all_parent_variables else _local(my_task)
        wait = Wait(
            id=my_task.wait_id,
            token=my_task.id,
            part=my_task.part,
            kind=WaitKind.CHILD,
            element_id=element_id,
            name=self.element.name,
            variables=copied(handed),
            process_id=process_id,
            binding=call.binding,
            version_tag=call.version_tag,
            version=call.version,
        )
        instance.open_wait(wait, my_task)
        return None

    @override
    def fired(self, token: Token, results: Variables) -> None:
        """Take what the child hands back: through the outputs, or all of it where the diagram says so."""
        takes = self.element.outputs or (self.element.call and self.element.call.propagate_all_child_variables)
        token.workflow.top_workflow.finish(token, results if takes else None)


def _local(token: Token) -> Variables:
    """Return the variables of the element's own scope."""
    return dict(token.scope.values) if token.own_scope else {}
