"""Compensation throw and end events, and the end of a transaction that is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from engine.bpmn.model import Element
from engine.spiff.specs import NodeSpec, ScopeSpec, WorkSpec
from engine.spiff.steps import ElementLeft
from engine.spiff.tokens import Token
from engine.spiff.undoing import compensate, take_records

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow

_ASIDE = "!"  # the driver of a throw event that does not wait is named by its id and this; no XML id has it


class DriverSpec(NodeSpec):
    """Drives compensation beside the flow, for a throw event that goes on at once."""

    def compensated(self, driver: Token) -> None:
        """End."""
        instance: InstanceWorkflow = driver.workflow.top_workflow
        instance.remove(driver)
        instance.end_if_empty(driver.workflow)


class CompensateSpec(WorkSpec):
    """A compensation throw or end event: undoes one activity of its scope, or all of them."""

    def __init__(self, scope_spec: ScopeSpec, element: Element, name: str | None = None) -> None:
        super().__init__(scope_spec, element, name)
        self.aside = DriverSpec(scope_spec, element, f"{element.id}{_ASIDE}")

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        definition = self.element.events[0]
        records = take_records(my_task.workflow, definition.reference)
        if not records:
            return True
        if definition.wait_for_completion:
            compensate(instance, my_task, records)
            return None
        compensate(instance, instance.new_token(self.aside, my_task.workflow), records)
        return True

    def compensated(self, driver: Token) -> None:
        """Go on."""
        driver.workflow.top_workflow.finish(driver)


class CancelSpec(WorkSpec):
    """A cancel end event: what runs in its transaction is removed, what is done there undone, then it is left."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        workflow = my_task.workflow
        instance.emit(ElementLeft(self.element.id, my_task.id))
        instance.remove(my_task)
        instance.cancel_scope(workflow)
        compensate(instance, instance.new_token(self, workflow), take_records(workflow, None))
        return None

    def compensated(self, driver: Token) -> None:
        """Leave the transaction by its cancel boundary event."""
        host = driver.workflow.host.wrapper or driver.workflow.host
        host.task_spec.cancelled_by.catch(host, {})
