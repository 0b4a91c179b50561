"""Runs a process whose scripts fail on demand; tokens that fail are parked, as the engine does, and taken up later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from engine.bpmn.reader import read
from engine.spiff.activities import ScriptSpec
from engine.spiff.process import SpiffProcess, build
from engine.spiff.steps import (
    ElementEntered,
    InstanceEnded,
    ProcessState,
    StepContext,
    StepFailed,
    WaitClosed,
    WaitOpened,
)
from engine.spiff.steps import Wait as StepWait
from tests.unit.spiff.blocks import Drawing
from tests.unit.spiff.driver import NOW, ZONE
from tests.unit.spiff.reference import Wait

_WORK = ScriptSpec._run_hook


class Patient:
    """Runs a model whose scripts fail now and then: what fails is parked, and taken up when it is repaired."""

    def __init__(self, drawing: Drawing, variables: dict[str, Any]) -> None:
        self.model = build(read(drawing.builder.xml(), "test.bpmn").processes[0])
        self.names = drawing.items
        self.broken: frozenset[str] = frozenset()
        self.parts: dict[str, bytes] = {}
        self.open: dict[str, StepWait] = {}
        self.visited: Counter[str] = Counter()
        self.variables = variables
        self.ended = False
        self.parked: tuple[str, ...] = ()
        self._step(lambda: SpiffProcess.start(self.model, variables, self._context))

    def act(self, wait: Wait, submitted: dict[str, Any]) -> None:
        found = [one for one in self.open.values() if one.element_id == wait.element]
        paths = [self._path(one) for one in found]
        this = found[paths.index(wait.path)]

        def act() -> SpiffProcess:
            process = self._load()
            does = process.complete if this.kind == "user_task" else process.fire
            does(this.id, this.part, submitted)
            return process

        self._step(act)

    def repair(self) -> None:
        """Mend everything; what was parked goes on."""
        self.broken = frozenset()

        def take_up() -> SpiffProcess:
            process = self._load()
            process.take_up()
            return process

        if self.parked:
            self._step(take_up)

    @property
    def _context(self) -> StepContext:
        return StepContext(NOW, lambda _type: False, lambda *_: None, zone=ZONE)

    def _load(self) -> SpiffProcess:
        return SpiffProcess.load(self.model, ProcessState({"": self.parts[""]}, self.parts.__getitem__), self._context)

    def _path(self, wait: StepWait) -> tuple[int, ...]:
        names = self.names.get(wait.element_id, ())
        seen = self._load().variables(wait.id, wait.part) if names else {}
        return tuple(seen[name] for name in names)

    def _step(self, make: Callable[[], SpiffProcess]) -> None:
        avoid: set[str] = set()
        finished = False
        while not finished:
            process = make()
            try:
                with patch.object(ScriptSpec, "_run_hook", self._work):
                    finished = process.run(1_000_000, frozenset(avoid))
            except StepFailed as failure:
                if failure.token is None or failure.token in avoid:
                    raise
                avoid.add(failure.token)
        assert not self.broken or set(process.parked) == avoid
        self.parked = process.parked
        self._note(process)

    def _work(self, token: Any) -> bool | None:
        if token.task_spec.element.id in self.broken:
            raise StepFailed(token.task_spec.element.id, "handler_error", "printer on fire")
        return _WORK(token.task_spec, token)

    def _note(self, process: SpiffProcess) -> None:
        for effect in process.drain():
            if isinstance(effect, ElementEntered):
                self.visited[effect.element_id] += 1
            elif isinstance(effect, WaitOpened):
                self.open[effect.wait.id] = effect.wait
            elif isinstance(effect, WaitClosed):
                del self.open[effect.wait_id]
            elif isinstance(effect, InstanceEnded):
                self.ended, self.variables = True, effect.variables
        if not self.ended:
            self.variables = process.variables()
            change = process.change()
            for name in change.removed:
                self.parts.pop(name, None)
            self.parts.update(change.written)
