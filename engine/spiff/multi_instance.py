"""Multi-instance: one token for the whole and a body for each item, each parallel body in a state part of its own.

What the whole must know is a few counters, however many bodies there are. A finished body leaves its output in its
part until the end, so that finishing one of many reads and writes two small parts. Items of a sequential run wait in
chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from engine.bpmn.model import Element, MultiInstance
from engine.feel import compile_expression
from engine.spiff.behavior import events_due, throw_behavior
from engine.spiff.expressions import FAILED, condition, evaluate, null_because, whole_number
from engine.spiff.mappings import write
from engine.spiff.repeating import Many, RepeatedSpec
from engine.spiff.specs import NodeSpec, ScopeSpec
from engine.spiff.steps import ElementLeft, StepFailed
from engine.spiff.tokens import DONE, DUE, ITEMS_IN_A_PART, LIVE, Token

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


class Counters(Mapping[str, Any]):
    """What the bodies and the completion condition can read of the whole: counters, and outputs so far by name."""

    def __init__(self, wrapper: Token, spec: MultiInstanceSpec) -> None:
        self._wrapper = wrapper
        self._spec = spec

    @override
    def __getitem__(self, name: str) -> Any:
        many = self._wrapper.many
        if many is None:
            raise KeyError(name)
        if name == "numberOfInstances":
            return many.total
        if name == "numberOfActiveInstances":
            return (many.spawned if self._spec.sequential else many.total) - many.done
        if name == "numberOfCompletedInstances":
            return many.done
        if name == "numberOfTerminatedInstances":
            return 0
        if name == self._spec.settings.output_collection:
            return self._spec.gather(self._wrapper)
        raise KeyError(name)

    @override
    def __contains__(self, name: object) -> bool:
        return name in _NAMES or (name is not None and name == self._spec.settings.output_collection)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)  # outputs so far are read by name only: gathering them costs

    @override
    def __len__(self) -> int:
        return len(_NAMES)


_NAMES: Final = (
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
)


class MultiInstanceSpec(RepeatedSpec):
    """The whole of a multi-instance activity."""

    def __init__(self, scope_spec: ScopeSpec, element: Element, inner: NodeSpec, settings: MultiInstance) -> None:
        super().__init__(scope_spec, element, inner)
        self.settings = settings
        self.sequential = settings.sequential
        self.keeps_finished = settings.output_element is not None or not settings.sequential
        self._local_output = _variable_of(settings)

    # -- from arrival to the last body --------------------------------------------------------------------------------

    @override
    def enter(self, token: Token) -> None:
        """Read the collection; boundary events listen beside the whole."""
        self.announce(token)
        items, total = self._collection(token)
        limit = token.workflow.top_workflow.context.max_items
        if total > limit:
            raise StepFailed(
                self.element.id, "item_limit", f"Expected at most {limit} items of a multi-instance, but got {total}."
            )
        token.many = Many(total, items=items)
        token.scope = self.scope_of(token)
        self.listen(token)

    @override
    def values_of(self, token: Token) -> Counters:
        return Counters(token, self)

    @override
    def spawn(self, token: Token, limit: int) -> None:
        """Make bodies: all of a parallel run before anything else works, within the budget; one of a sequential run."""
        instance: InstanceWorkflow = token.workflow.top_workflow
        many = token.many
        assert many is not None
        until = many.total if not self.sequential else min(many.total, many.done + 1)
        until = min(until, many.spawned + limit)
        while many.spawned < until:
            self._new_body(instance, token, many)
        if many.spawned < many.total and not self.sequential:
            return  # the rest comes first in the next transaction
        if many.spawned == many.total:
            self._drop_items(token, many)
        instance.work.popleft()
        token.mark(LIVE)
        if many.total == 0:
            instance.finish(token)

    @override
    def body_done(self, body: Token) -> None:
        """Keep a body's output; go on to the next one, or end when it was the last or the condition holds."""
        instance: InstanceWorkflow = body.workflow.top_workflow
        wrapper, many = body.wrapper, body.wrapper and body.wrapper.many
        assert wrapper is not None
        assert many is not None
        many.done += 1
        if self.settings.output_element is not None:
            many.outputs[body.index] = evaluate(
                self.settings.output_element, body.scope, instance.context, self.element.id
            )
        elif not self.sequential:
            many.outputs[body.index] = None
        until = self.settings.completion_condition
        enough = until is not None and condition(until, body.scope, instance.context, self.element.id)
        due = events_due(instance, wrapper, self.settings, body.scope)
        instance.emit(ElementLeft(self.element.id, body.id))
        instance.remove(body)
        for event in due:
            throw_behavior(instance, wrapper, event, {"loopCounter": body.index + 1, **wrapper.scope.values})
            if not wrapper.alive:
                return
        if enough or many.done == many.total:
            for running in self.load_bodies(wrapper):
                instance.cancel(running)
            if wrapper in instance.work:
                instance.work.remove(wrapper)
            instance.finish(wrapper)
        elif self.sequential:
            wrapper.mark(DUE)
            instance.work.append(wrapper)

    @override
    def _on_complete_hook(self, my_task: Token) -> None:
        instance: InstanceWorkflow = my_task.workflow.top_workflow
        name = self.settings.output_collection
        if name is not None:
            outer = my_task.workflow.scope
            write(instance, outer, {name: self.gather(my_task)}, within=_body_scopes(my_task))
        super()._on_complete_hook(my_task)

    # -- bodies and their parts ---------------------------------------------------------------------------------------

    @override
    def load_bodies(self, wrapper: Token) -> list[Token]:
        """Return the bodies that are live, in order; parts are loaded for it."""
        instance: InstanceWorkflow = wrapper.workflow.top_workflow
        many = wrapper.many
        assert many is not None
        if self.sequential or wrapper.state == DONE:
            return super().load_bodies(wrapper)
        unknown = [i for i in range(many.kept) if i not in many.outputs]
        missing = [i for i in unknown if self.part_of(wrapper, i) not in instance.index]
        instance.parts.fetch(self.part_of(wrapper, i) for i in missing)
        for index in missing:
            instance.load_body(wrapper, index)
        return sorted(super().load_bodies(wrapper), key=lambda body: body.index)

    def gather(self, wrapper: Token) -> list[Any]:
        """Return the outputs in the items' order; null where there is none yet."""
        instance: InstanceWorkflow = wrapper.workflow.top_workflow
        many = wrapper.many
        assert many is not None
        if self.settings.output_element is not None and len(many.outputs) < many.done:
            missing = [i for i in range(many.kept) if i not in many.outputs]
            missing = [i for i in missing if self.part_of(wrapper, i) not in instance.index]
            instance.parts.fetch(self.part_of(wrapper, i) for i in missing)
            for index in missing:
                instance.load_body(wrapper, index)
        return [many.outputs.get(index) for index in range(many.total)]

    @override
    def drop_parts(self, wrapper: Token) -> None:
        """Forget the parts of a multi-instance that is over."""
        parts, many = wrapper.workflow.top_workflow.parts, wrapper.many
        assert many is not None
        for index in range(many.kept):
            parts.remove(self.part_of(wrapper, index), stored=True)
        many.kept = 0
        self._drop_items(wrapper, many)

    def _drop_items(self, wrapper: Token, many: Many) -> None:
        for chunk in range(many.chunks):
            wrapper.workflow.top_workflow.parts.remove(f"{wrapper.id}.i{chunk}", stored=True)
        many.chunks = 0

    def _new_body(self, instance: InstanceWorkflow, wrapper: Token, many: Many) -> None:
        index = many.spawned
        values: dict[str, Any] = {"loopCounter": index + 1}
        if self.settings.input_element is not None and self.settings.input_collection is not None:
            values[self.settings.input_element] = self._item(instance, wrapper, many, index)
        if self._local_output is not None and self._local_output not in values:
            values[self._local_output] = None
        self.make_body(wrapper, values)

    def _item(self, instance: InstanceWorkflow, wrapper: Token, many: Many, index: int) -> Any:
        if many.items is not None:
            return many.items[index]
        chunk, place = divmod(index, ITEMS_IN_A_PART)
        return instance.parts.value(f"{wrapper.id}.i{chunk}")[place]

    def _collection(self, token: Token) -> tuple[list[Any] | None, int]:
        context = token.workflow.top_workflow.context
        collection = self.settings.input_collection
        if collection is None:
            total = whole_number(self.settings.cardinality, token.scope, context, self.element.id)
            if total is None or total < 0:
                raise StepFailed(self.element.id, FAILED, f"Expected a number of instances, but got {total}.")
            return None, total
        items = evaluate(collection, token.scope, context, self.element.id)
        if not isinstance(items, list):
            kind = null_because(collection, token.scope) if items is None else type(items).__name__
            raise StepFailed(
                self.element.id, FAILED, f"Expected a list of items from {collection.text!r}, but got {kind}."
            )
        return items, len(items)


def _variable_of(settings: MultiInstance) -> str | None:
    """Return the variable that an output element names, alone or as the start of a path.

    It is made in each body's own scope, so that bodies that run side by side do not overwrite each other's.
    """
    element = settings.output_element
    if element is None or not element.is_feel:
        return None
    names = compile_expression(element.text).names
    if len(names) != 1:
        return None
    (name,) = names
    steps = [step.strip() for step in element.text.split(".")]
    is_path = steps[0] == name and not any(mark in step for step in steps for mark in "()[]{}+-*/<>=,;\"'")
    return name if is_path else None


def _body_scopes(token: Token) -> frozenset[str]:
    """Return the ids of the bodies around a token: collections of outputs stay in the body that they were made in."""
    found = []
    host = token.workflow.host
    while host is not None:
        if host.wrapper is not None and isinstance(host.wrapper.task_spec, MultiInstanceSpec):
            found.append(host.id)
        host = host.workflow.host
    return frozenset(found)
