"""Embedded sub-processes: a scope of their own in the same instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from engine.spiff.mappings import own_scope
from engine.spiff.specs import WorkSpec
from engine.spiff.tokens import LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


class SubProcessSpec(WorkSpec):
    """An embedded sub-process: a scope of its own in the same instance."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        self._make_scope(my_task)
        inside = instance.create_subprocess(my_task, self.element.id)
        my_task.mark(LIVE)
        if not instance.begin(inside, [*inside.spec.starts, *inside.spec.begins]):
            instance.end_if_empty(inside)
        return None

    def _make_scope(self, token: Token) -> None:
        """Give the sub-process a scope of its own, with its data objects without values."""
        if not token.own_scope:
            own_scope(token)
        for name in self.element.data_objects:
            token.scope.values.setdefault(name, None)

    def compensated(self, opened: Token) -> None:
        """Close a sub-process that was opened again to undo what is inside."""
        opened.workflow.top_workflow.finish(opened)
