"""The bodies of a multi-instance, for the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.spiff.blocks import Sub, Task
from tests.unit.spiff.reference_state import Activity, Frame, GoOn, Scope

if TYPE_CHECKING:
    from tests.unit.spiff.reference import Reference


class Repetition:
    """The bodies of a multi-instance."""

    def __init__(self, run: Reference, block: Task | Sub, whole: Activity, leaves: GoOn) -> None:
        assert block.many is not None
        self.run, self.block, self.whole, self.leaves, self.many = run, block, whole, leaves, block.many
        self.done: dict[int, Any] = {}

    def begin(self) -> None:
        if self.many.count == 0:
            self._end()
        for number in range(1, (min(1, self.many.count) if self.many.sequential else self.many.count) + 1):
            self._start(number)

    def _start(self, number: int) -> None:
        block, scope = self.block, self.whole.scope
        frame = Frame({f"item_{block.id}": number}, scope.frame, of_body=True)
        if isinstance(block, Task):
            frame.values[f"res_{block.id}"] = None
        body = Activity(Scope(scope.frame))
        self.whole.bodies.append(body)
        self.run.visits[block.id] += 1
        self.run.body(block, body, frame, (*scope.path, number), lambda: self._is_done(number, body, frame))

    def _is_done(self, number: int, body: Activity, frame: Frame) -> None:
        self.whole.bodies.remove(body)
        self.done[number] = frame.get(f"{'res' if isinstance(self.block, Task) else 'item'}_{self.block.id}")
        if len(self.done) in (self.many.count, self.many.until):
            self._end()
        elif self.many.sequential:
            self._start(number + 1)

    def _end(self) -> None:
        outputs = [self.done.get(number) for number in range(1, self.many.count + 1)]
        self.whole.scope.frame.write(f"out_{self.block.id}", outputs, stays_in_body=True)
        self.run.finish(self.whole, self.leaves)
