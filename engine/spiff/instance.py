"""The running instance: SpiffWorkflow's workflow classes, the tokens in them, and what moves next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.spiff.codec import load_body
from engine.spiff.conditions import look
from engine.spiff.joins import ready_join, refuse_dead_joins
from engine.spiff.model import ProcessModel
from engine.spiff.parts import Parts
from engine.spiff.process_variables import ProcessVariables
from engine.spiff.scopes import Scope
from engine.spiff.specs import Flow, NodeSpec
from engine.spiff.steps import (
    CloseReason,
    Effect,
    ElementLeft,
    EndKind,
    FlowTaken,
    InstanceEnded,
    StepContext,
    StepFailed,
    VariableChanged,
    Wait,
    WaitClosed,
    WaitKind,
    WaitOpened,
)
from engine.spiff.tokens import DONE, DUE, ON_ITS_WAY, Token, order_of
from engine.spiff.workflows import ScopeTokens, ScopeWorkflow


class InstanceWorkflow(ScopeTokens, BpmnWorkflow):
    """A process instance: tokens, what moves next, and what happened."""

    def __init__(self, model: ProcessModel, context: StepContext, parts: Parts) -> None:
        super().__init__(model.root, model.scopes, script_engine=model, deserializing=True)
        self.model = model
        self.context = context
        self.parts = parts
        self.data = ProcessVariables(parts)
        self.plant(Scope(model.process.id, model.process.id, self.data), "", None)
        self.index: dict[str, Token] = {}
        self.counters: dict[str, int] = {"": 0}
        self.moving: deque[Token] = deque()
        self.work: deque[Token] = deque()
        self.effects: list[Effect] = []
        self.error: str | None = None  # code of an error that nobody caught
        self.ended = False
        self.unfinished = False  # the budget was used up before all came to rest
        self.parked: dict[str, None] = {}  # tokens, by id, that go on only when what stops them is repaired
        self.avoid: frozenset[str] = frozenset()  # those that this step parks when it comes to them
        self.changed: set[str] = set()  # variables that conditional events have still to look at
        self.to_look = False  # whether any has to look

    # -- what happened --------------------------------------------------------------------------------------------

    def emit(self, effect: Effect) -> None:
        """Note what happened."""
        self.effects.append(effect)

    def note_variable(self, scope: Scope, name: str) -> None:
        """Note that a variable has got a value in its scope."""
        self.effects.append(VariableChanged(scope.id, scope.element_id, name, scope.values[name]))
        if name in self.model.watched:
            self.changed.add(name)
            self.to_look = True

    def open_wait(self, wait: Wait, token: Token) -> None:
        """Note that a token waits."""
        token.wait = wait.kind
        self.effects.append(WaitOpened(wait))

    def close_wait(self, token: Token, reason: CloseReason) -> None:
        """Note that a token waits no more."""
        if token.wait is not None:
            self.effects.append(WaitClosed(token.wait_id, token.wait, reason))
            token.wait = None
            token.name = None

    # -- tokens ---------------------------------------------------------------------------------------------------

    def new_token(self, spec: NodeSpec, workflow: Any, parent: Token | None = None) -> Token:
        """Make a token in a scope; without a parent it stands in the scope itself."""
        part = workflow.part if parent is None else parent.part
        number = self.counters[part] = self.counters[part] + 1
        token_id = f"{part}.{number}" if part else f"t{number}"
        return self.adopt(Token(workflow, spec, parent or workflow.task_tree, token_id), part)

    def adopt(self, token: Token, part: str) -> Token:
        """Take a token that was made or loaded into the index."""
        token.part = part
        self.index[token.id] = token
        return token

    def forget(self, token: Token) -> None:
        """Note that the library has removed a token."""
        token.alive = False
        self.index.pop(token.id, None)
        self.parked.pop(token.id, None)
        if token.part == token.id:
            self.counters.pop(token.part, None)

    def find(self, token_id: str) -> Token | None:
        """Return a token by id, from a part that is not loaded yet if need be; None when it is gone."""
        if token_id not in self.index:
            steps = token_id.split(".")
            for depth in range(2, len(steps) + 1, 2):
                wrapper, index = self.index.get(".".join(steps[: depth - 1])), int(steps[depth - 1])
                if wrapper is None or wrapper.many is None:
                    return None
                if ".".join(steps[:depth]) not in self.index and index < wrapper.many.kept:
                    self.load_body(wrapper, index)
        return self.index.get(token_id)

    def load_body(self, wrapper: Token, index: int) -> None:
        """Load a body of a parallel multi-instance from its part, or its output when it is finished."""
        load_body(self, wrapper, index)

    def lift(self, token: Token) -> None:
        """Move a token out from below another one into its scope."""
        above, root = token.parent, token.workflow.task_tree
        above.children = [child for child in above.children if child is not token]
        token.parent = root
        root.children = [*root.children, token]

    def remove(self, token: Token) -> None:
        """Take a token out, with the listeners beside it."""
        token.workflow._remove_task(token.id)  # noqa: SLF001 - the library's own way to drop a branch

    def finish(self, token: Token, results: dict[str, Any] | None = None) -> None:
        """Note that a token's work is over: its wait and its listeners close now, it leaves when it is its turn.

        What it brought goes to its scopes at once, so that it can be seen and mended if the token cannot leave.
        """
        self.close_wait(token, CloseReason.COMPLETED)
        self.close_listeners(token)
        inside = self.subprocesses.pop(token.id, None)
        if inside is not None and inside.records:
            token.records = inside.records
        token.results = results
        with suppress(StepFailed):  # it fails again, and counts, when the token leaves
            token.task_spec.bring(token)
        token.mark(DONE)
        self.moving.append(token)

    def close_listeners(self, token: Token) -> None:
        """End what stands beside a token."""
        for listener in token.children:
            for one in (listener, *listener.children):
                self.close_wait(one, CloseReason.CANCELLED)
            self.remove(listener)

    def move_on(self, token: Token, flows: tuple[Flow, ...]) -> None:
        """Send tokens along flows in place of one; a scope without tokens is over."""
        workflow = token.workflow
        self.close_listeners(token)
        for flow in flows:
            if flow.id:
                self.emit(FlowTaken(flow.id))
            following = self.new_token(flow.target, workflow)
            if flow.target.joins:
                following.flow = flow.id
            self.moving.append(following)
        self.remove(token)
        if workflow.host is not None and not workflow.host.task_spec.ends_when_empty:
            workflow.host.task_spec.inner_left(workflow)
        elif not flows:
            self.end_if_empty(workflow)

    def is_empty(self, workflow: Any) -> bool:
        """Tell whether no token is left in a scope but its listeners."""
        return all(token.task_spec.beside_scope for token in workflow.root_tokens())

    def end_if_empty(self, workflow: Any) -> None:
        """Finish a scope in which no token is left."""
        if self.ended or not self.is_empty(workflow):
            return
        if workflow.host is not None and not workflow.host.task_spec.ends_when_empty:
            workflow.host.task_spec.inner_left(workflow)
        else:
            self.close_scope(workflow)

    def close_scope(self, workflow: Any) -> None:
        """Finish a scope; its listeners go with it."""
        for listener in list(workflow.root_tokens()):
            self.cancel(listener)
        if workflow.host is None:
            self.end(EndKind.ERROR if self.error is not None else EndKind.COMPLETED, self.error)
        elif self.subprocesses.get(workflow.host.id) is workflow:
            self.finish(workflow.host)

    def end(self, kind: EndKind, code: str | None = None) -> None:
        """Note that the instance is over."""
        self.ended = True
        self.emit(InstanceEnded(kind, self.data.everything(), code))

    def cancel(self, token: Token) -> None:
        """Remove a token with all that is inside and beside it, loaded or not."""
        for one in reversed(self.subtree(token)):
            self.close_wait(one, CloseReason.CANCELLED)
            if one.entered:
                self.emit(ElementLeft(one.task_spec.element.id, one.id, cancelled=True))
            if one.many is not None:
                one.task_spec.drop_parts(one)
            self.subprocesses.pop(one.id, None)
            if one is not token:
                self.forget(one)
        self.remove(token)

    def cancel_scope(self, workflow: Any) -> None:
        """Remove all tokens of a scope."""
        for token in workflow.root_tokens():
            self.cancel(token)
        workflow.joining.clear()

    def subtree(self, token: Token) -> list[Token]:
        """Return a token and all inside and beside it, outer before inner; bodies are loaded for it."""
        found, to_see = [], [token]
        while to_see:
            one = to_see.pop()
            found.append(one)
            to_see.extend(reversed(self.below(one)))
        return found

    def below(self, token: Token) -> list[Token]:
        """Return what is beside and inside a token, in order; bodies are loaded for it."""
        if token.many is not None:
            token.task_spec.load_bodies(token)
        found: list[Token] = sorted(token.children, key=self.age) if token.many is not None else token.children
        inside = self.subprocesses.get(token.id)
        return found if inside is None else [*found, *inside.root_tokens()]

    def age(self, token: Token) -> tuple[int, ...]:
        """Return by what tokens are sorted."""
        return order_of(token.id)

    # -- scopes ---------------------------------------------------------------------------------------------------

    def create_subprocess(self, my_task: Token, spec_name: str) -> ScopeWorkflow:
        """Open the inside of a sub-process."""
        inside = ScopeWorkflow(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = inside
        return inside

    def begin(self, workflow: Any, specs: Iterator[NodeSpec] | list[NodeSpec]) -> list[Token]:
        """Set out tokens where a scope begins, and behind them the listeners of its event sub-processes."""
        tokens = self.set_out(workflow, specs)
        if tokens:
            self.listen(workflow)
        return tokens

    def set_out(self, workflow: Any, specs: Iterator[NodeSpec] | list[NodeSpec]) -> list[Token]:
        """Make tokens that arrive at elements next."""
        tokens = [self.new_token(spec, workflow) for spec in specs]
        self.moving.extend(tokens)
        return tokens

    def listen(self, workflow: Any) -> None:
        """Let the event sub-processes of a scope wait for their events."""
        self.set_out(workflow, [listener for listener in workflow.spec.handlers if listener.listens])

    def workflows(self) -> list[Any]:
        """Return all loaded scopes, the process first."""
        return [self, *self.subprocesses.values()]

    def _task_removed_notify(self, task: Token) -> None:
        self.forget(task)

    # -- moving ---------------------------------------------------------------------------------------------------

    def run(self, budget: int, avoid: frozenset[str] = frozenset()) -> bool:
        """Move tokens until none can move; False when the budget of elements is used up before.

        Tokens are delivered first, then one element works: a throw never comes before its catch listens. With a budget
        of nothing nothing moves, so that an act can be kept whose consequences fail. Tokens to avoid are parked.

        Raises:
            StepFailed: An element cannot go on.
        """
        left, self.unfinished, self.avoid = budget, False, avoid
        while not self.ended:
            if self.to_look and left > 0:
                look(self)
                continue
            queue = self._alive(self.moving) or self._alive(self.work)
            join = self._next_join() if queue is None else None
            if queue is None and join is None and not self.to_look:
                for workflow in self.workflows():
                    refuse_dead_joins(workflow)
                return True
            if left <= 0:
                self.unfinished = True
                return False
            if queue is not None:
                with _blamed(queue[0].id):
                    left -= self._move(queue, left)
            elif join is not None:
                left -= self._go_on(*join)
        return True

    def take_up(self, token_id: str) -> None:
        """Let a parked token try again."""
        if token_id not in self.parked:
            return
        del self.parked[token_id]
        token = self.find(token_id)
        if token is not None and token.state in (ON_ITS_WAY, DONE):
            self.moving.append(token)
        elif token is not None and token.state == DUE:
            self.work.append(token)
        elif token is not None and token.wait is WaitKind.CONDITION:
            token.held, self.to_look = None, True

    def park(self, token: Token) -> bool:
        """Park a token that this step avoids; False when it may go on."""
        if token.id in self.avoid:
            self.parked[token.id] = None
        return token.id in self.parked

    def _move(self, queue: deque[Token], left: int) -> int:
        """Do what is next; return how many elements it entered."""
        token = queue[0]
        if self.park(token):
            queue.popleft()
            return 0
        if token.state == DUE and token.many is not None:
            token.task_spec.spawn(token, left)
            return 0
        queue.popleft()
        if token.state == ON_ITS_WAY:
            token.arrive()
            return 1
        if token.state == DONE:
            token.leave()
        else:
            token.run()
        return 0

    def _go_on(self, join: Any, workflow: Any) -> int:
        """Let an inclusive join go on; the oldest token at it stands for all of them."""
        token = join.first(workflow)
        if self.park(token):
            return 0
        with _blamed(token.id):
            join.go_on(workflow)
        return 1

    def _alive(self, queue: deque[Token]) -> deque[Token] | None:
        while queue and not queue[0].alive:
            queue.popleft()
        return queue or None

    def _next_join(self) -> tuple[Any, Any] | None:
        waiting = [workflow for workflow in self.workflows() if workflow.joining]
        for workflow in sorted(waiting, key=_age_of_host):
            spec = ready_join(workflow)
            if spec is not None:
                return spec, workflow
        return None


@contextmanager
def _blamed(token_id: str) -> Iterator[None]:
    try:
        yield
    except StepFailed as failure:
        failure.token = failure.token or token_id
        raise


def _age_of_host(workflow: Any) -> tuple[int, ...]:
    return () if workflow.host is None else order_of(workflow.host.id)
