"""An activity that runs several times: one token for the whole, and a body for each run of the activity itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from engine.bpmn.model import Element
from engine.spiff.scopes import Scope
from engine.spiff.specs import NodeSpec, ScopeSpec, WorkSpec
from engine.spiff.tokens import Token
from engine.spiff.undoing import handler_done

if TYPE_CHECKING:
    from engine.spiff.instance import InstanceWorkflow


@dataclass(slots=True)
class Many:
    """How far the whole is."""

    total: int
    spawned: int = 0
    done: int = 0
    chunks: int = 0  # parts in the store that hold items
    kept: int = 0  # bodies whose parts may stand in the store
    items: list[Any] | None = None  # all of them, in the step that read the collection
    outputs: dict[int, Any] = field(default_factory=dict)  # of bodies that this step has finished or loaded


class RepeatedSpec(WorkSpec):
    """The whole; `inner` is the activity that each body runs. Boundary events stand beside the whole."""

    sequential = True  # one body at a time
    keeps_finished = False  # whether a finished body leaves a part behind

    def __init__(self, scope_spec: ScopeSpec, element: Element, inner: NodeSpec) -> None:
        super().__init__(scope_spec, element)
        self.inner = inner
        self.hears_signals = False
        self.heard_names: frozenset[str] = frozenset()  # variables that conditions of events in its bodies read

    # -- what kinds of repetition differ in ---------------------------------------------------------------------------

    def spawn(self, token: Token, limit: int) -> None:
        """Make the bodies that are next, at most `limit`."""
        raise NotImplementedError

    def body_done(self, body: Token) -> None:
        """Go on when a body is over."""
        raise NotImplementedError

    def values_of(self, token: Token) -> Any:
        """Return what bodies and conditions can read of the whole."""
        raise NotImplementedError

    # -- what they share ----------------------------------------------------------------------------------------------

    @override
    def bring(self, token: Token) -> None:
        """Nothing: the mappings are those of each body."""

    @override
    def _on_complete_hook(self, my_task: Token) -> None:
        self.drop_parts(my_task)
        my_task.many = None
        my_task.scope = my_task.workflow.scope
        if my_task.driver is not None:
            handler_done(my_task)
            return
        my_task.workflow.records.extend(my_task.records or ())
        self.depart(my_task)

    def scope_of(self, token: Token) -> Scope:
        """Return the scope around the bodies."""
        return Scope(token.id, self.element.id, self.values_of(token), token.workflow.scope, writable=False)

    def restore(self, token: Token, total: int, spawned: int, done: int, chunks: int) -> None:
        """Take up the counters from the stored state."""
        token.many = Many(total, spawned, done, chunks, self.kept_of(spawned, done))
        token.scope = self.scope_of(token)

    def kept_of(self, spawned: int, done: int) -> int:
        """Return how many bodies have, or have left, a part in the store."""
        if self.sequential:
            return done if self.keeps_finished else 0
        return spawned

    def part_of(self, wrapper: Token, index: int) -> str:
        """Return the name of a body, which is its part's name, too."""
        return f"{wrapper.id}.{index}"

    def load_bodies(self, wrapper: Token) -> list[Token]:
        """Return the bodies that are live, in order; parts are loaded for it."""
        return [child for child in wrapper.children if child.wrapper is wrapper]

    def drop_parts(self, wrapper: Token) -> None:
        """Forget the parts of a repetition that is over."""

    def make_body(self, wrapper: Token, values: dict[str, Any]) -> None:
        """Set out the next body, in a scope of its own with these values."""
        instance: InstanceWorkflow = wrapper.workflow.top_workflow
        many = wrapper.many
        assert many is not None
        name = self.part_of(wrapper, many.spawned)
        body = Token(wrapper.workflow, self.inner, wrapper, name)
        body.wrapper, body.index, body.own_scope = wrapper, many.spawned, True
        body.scope = Scope(name, self.element.id, values, wrapper.scope)
        if self.sequential:
            instance.adopt(body, wrapper.part)
        else:
            instance.counters[name] = 0
            instance.adopt(body, name)
        many.spawned += 1
        instance.moving.append(body)
