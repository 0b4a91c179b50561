"""An activity that begins only when so many tokens have come (startQuantity): they wait in front of it."""

from __future__ import annotations

from typing_extensions import override

from engine.spiff.gateways import JoinSpec
from engine.spiff.specs import NodeSpec
from engine.spiff.tokens import Token

_DOOR = ">"  # what stands in front of an activity is named by its id and this; no XML id has it


class QuantitySpec(JoinSpec):
    """Stands in front of an activity; tokens wait here whichever flow they came on."""

    def __init__(self, behind: NodeSpec) -> None:
        super().__init__(behind.scope_spec, behind.element, f"{behind.element.id}{_DOOR}")
        self.behind = behind

    @override
    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        workflow = my_task.workflow
        instance = workflow.top_workflow
        lines = workflow.joining[self]
        waiting = sorted((token for line in lines.values() for token in line), key=instance.age)
        if len(waiting) < self.element.start_quantity:
            return False
        for token in waiting:
            instance.remove(token)
        del workflow.joining[self]
        instance.set_out(workflow, [self.behind])
        return False
