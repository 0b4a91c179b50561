"""The library's specs as we need them: a scope, a flow node, a flow; what all flow nodes do alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from typing_extensions import override

from engine.bpmn.model import Element, Expression
from engine.spiff.mappings import apply_inputs, apply_results
from engine.spiff.routing import flows_out
from engine.spiff.steps import ElementEntered, ElementLeft
from engine.spiff.tokens import DUE, ON_ITS_WAY, Token
from engine.spiff.undoing import handler_done, note_completed

if TYPE_CHECKING:
    from engine.spiff.event_sub_processes import EventSubProcessSpec, ScopeListenerSpec
    from engine.spiff.instance import InstanceWorkflow
    from engine.spiff.listeners import BoundarySpec

_ROOT = "()"  # no XML id looks like this


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A sequence flow, joined to its target's spec; without an id it is the jump from a link to its other half."""

    id: str
    target: NodeSpec
    condition: Expression | None
    is_default: bool


class ScopeSpec(BpmnProcessSpec):
    """A process or sub-process. The library's own Start, End and EndJoin are not made."""

    def __init__(self, scope_id: str) -> None:
        WorkflowSpec.__init__(self, name=scope_id)
        self.data_objects: dict[str, Any] = {}
        self.start = RootSpec(self)
        self.end = None
        self.starts: list[NodeSpec] = []  # where tokens begin when nobody says where
        self.begins: list[NodeSpec] = []  # elements without incoming flow: they begin with the scope, however it starts
        self.compensation: EventSubProcessSpec | None = None  # undoes the whole sub-process
        self.handlers: list[ScopeListenerSpec] = []  # its event sub-processes, in the diagram's order
        self.sources: dict[str, NodeSpec] = {}  # of flows by id

    def _add_notify(self, task_spec: TaskSpec) -> None:
        WorkflowSpec._add_notify(self, task_spec)  # noqa: SLF001 - past BpmnProcessSpec, which looks for its own starts

    def nodes(self) -> Iterator[NodeSpec]:
        """All flow nodes."""
        return (spec for spec in self.task_specs.values() if isinstance(spec, NodeSpec))


class RootSpec(TaskSpec):
    """The root of a scope's tokens; it never moves."""

    def __init__(self, scope_spec: ScopeSpec) -> None:
        super().__init__(scope_spec, _ROOT)


class NodeSpec(TaskSpec):
    """A flow node. Its token arrives (`_update`), works (`_run`) and leaves (`_on_complete`): the library's hooks."""

    joins = False
    ends_when_empty = True  # of a sub-process: it is over when no token is left inside
    beside_scope = False  # a listener of the scope itself: a scope in which nothing else is left is over

    def __init__(self, scope_spec: ScopeSpec, element: Element, name: str | None = None) -> None:
        super().__init__(scope_spec, name or element.id, description=str(element.kind))
        self.place = len(scope_spec.task_specs)  # in the diagram's order
        self.host: NodeSpec | None = None  # of a boundary event
        self.door: NodeSpec | None = None  # where tokens wait until there are enough for it to begin
        self.scope_spec = scope_spec
        self.element = element
        self.flows: tuple[Flow, ...] = ()
        self.incoming: tuple[str, ...] = element.incoming
        self.boundary: tuple[BoundarySpec, ...] = ()
        self.undone_by: NodeSpec | None = None  # the activity that undoes this one
        self.opens_again = False  # a sub-process in which a handler of its own undoes it
        self.undoable = False  # whether it is recorded when it is completed
        self.cancelled_by: BoundarySpec | None = None  # of a transaction: where it is left when it is cancelled
        self.inner: NodeSpec | None = None  # of a multi-instance: the activity that each body runs
        self.linked_from: list[NodeSpec] = []  # throws that lead to this link

    # -- the library's hooks ------------------------------------------------------------------------------------------

    def _predict(self, my_task: Token, *_args: Any, **_kwargs: Any) -> None:
        """Nothing is predicted: children are made when flows are taken."""

    def _update(self, my_task: Token) -> None:
        if my_task.state == ON_ITS_WAY and self._update_hook(my_task):
            my_task._ready()  # noqa: SLF001 - the library's own step

    def _update_hook(self, my_task: Token) -> bool:
        self.enter(my_task)
        return True

    def _on_ready(self, my_task: Token) -> None:
        my_task.mark(DUE)
        self._on_ready_hook(my_task)

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.run()

    def _run(self, my_task: Token) -> bool | None:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:  # noqa: ARG002 - subclasses look at it
        return True

    def _on_complete(self, my_task: Token) -> None:
        self._on_complete_hook(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        """Leave: results to their scopes, then along the flows."""
        self.bring(my_task)
        if my_task.driver is not None:
            handler_done(my_task)
            return
        if self.undoable:
            note_completed(my_task)
        if my_task.wrapper is not None:
            my_task.wrapper.task_spec.body_done(my_task)
        else:
            self.depart(my_task)

    # -- what subclasses share ----------------------------------------------------------------------------------------

    def enter(self, token: Token) -> None:
        """Make the element live: its inputs are mapped, its boundary events listen."""
        self.announce(token)
        if self.element.inputs:
            apply_inputs(token.workflow.top_workflow, token)
        self.listen(token)

    def announce(self, token: Token) -> None:
        """Note that the element is live."""
        token.entered = True
        token.workflow.top_workflow.emit(ElementEntered(self.element.id, token.id))

    def listen(self, token: Token) -> None:
        """Open what stands beside the element."""
        for boundary in self.boundary:
            boundary.listen(token)

    def bring(self, token: Token) -> None:
        """Hand on what the element's work brought, once."""
        if not token.brought:
            apply_results(token.workflow.top_workflow, token)
            token.brought = True

    def depart(self, token: Token) -> None:
        """Go on along the flows."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        flows = flows_out(instance, token)
        if self.element.completion_quantity > 1:
            flows = tuple(flow for flow in flows for _ in range(self.element.completion_quantity))
        instance.emit(ElementLeft(self.element.id, token.id))
        instance.move_on(token, flows)

    def inner_left(self, workflow: Any) -> None:
        """Of an ad-hoc sub-process: something inside it is over."""

    def fired(self, token: Token, results: dict[str, Any]) -> None:
        """What the token waited for has happened."""
        token.workflow.top_workflow.finish(token, results)


class WorkSpec(NodeSpec):
    """A flow node whose work comes when all tokens are where they go: a throw never precedes its catch."""

    @override
    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.work.append(my_task)
