"""What the standard says of block models, worked out by walking the blocks; it knows nothing of the engine.

A token is a call that goes on; a group counts the tokens that can still come to its end: a scope (process or
sub-process), or a branch of an inclusive gateway.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.spiff.blocks import (
    Block,
    Boundary,
    Catch,
    Choice,
    Leave,
    Loop,
    Rounds,
    Script,
    Sequence,
    Some,
    Spread,
    Sub,
    Task,
    Together,
)

GoOn = Callable[[], None]


@dataclass(eq=False)
class Frame:
    """Variables of the process, a sub-process or a body."""

    values: dict[str, Any]
    outer: Frame | None = None
    of_body: bool = False

    def get(self, name: str) -> Any:
        if name in self.values or self.outer is None:
            return self.values.get(name)
        return self.outer.get(name)

    def write(self, name: str, value: Any, *, stays_in_body: bool = False) -> None:
        border: Frame | None = None
        frame = self
        while name not in frame.values and frame.outer is not None:
            if stays_in_body and frame.of_body:
                border = border or frame
            frame = frame.outer
        (frame if name in frame.values or border is None else border).values[name] = value


@dataclass(eq=False)
class Scope:
    """A process or sub-process that runs."""

    frame: Frame
    path: tuple[int, ...] = ()
    live: list[Activity] = field(default_factory=list)


@dataclass(eq=False)
class Group:
    """Counts the tokens in it and in what is inside it."""

    scope: Scope
    emptied: GoOn
    outer: Group | None = None
    tokens: int = 1

    def add(self, tokens: int) -> None:
        for group in self.around():
            group.tokens += tokens

    def vanish(self) -> None:
        """A token ends here without coming to the group's end."""
        self.add(-1)
        empty = [group for group in self.around() if group.tokens == 0]
        for group in empty:
            group.emptied()

    def around(self) -> Iterator[Group]:
        group: Group | None = self
        while group is not None:
            yield group
            group = group.outer


@dataclass(eq=False)
class Activity:
    """Something that waits, with the boundary events beside it."""

    scope: Scope
    waits: list[Wait] = field(default_factory=list)
    inside: list[Scope] = field(default_factory=list)
    bodies: list[Activity] = field(default_factory=list)
    alive: bool = True


@dataclass(eq=False)
class Wait:
    """Somebody may complete this task, or this event may come."""

    element: str
    path: tuple[int, ...]
    is_boundary: bool
    happen: Callable[[Mapping[str, Any]], None]


class Reference:
    """A run of a block model."""

    def __init__(self, body: Sequence, variables: Mapping[str, Any]) -> None:
        self.visits: Counter[str] = Counter()
        self.ended = False
        self.waits: list[Wait] = []
        self.frame = Frame(dict(variables))
        self._arrived: dict[tuple[Scope, str], Counter[int]] = defaultdict(Counter)
        scope = Scope(self.frame)
        group = Group(scope, self._end)
        self._visit("start")
        self._run(body, group, self._ending("end", group))

    def _end(self) -> None:
        self.ended = True

    def _visit(self, element: str) -> None:
        self.visits[element] += 1

    def _ending(self, element: str, group: Group) -> GoOn:
        def end() -> None:
            self._visit(element)
            group.vanish()

        return end

    def _passing(self, element: str, go_on: GoOn) -> GoOn:
        def passes() -> None:
            self._visit(element)
            go_on()

        return passes

    # -- blocks -------------------------------------------------------------------------------------------------------

    def _run(self, block: Block, group: Group, go_on: GoOn) -> None:
        frame = group.scope.frame
        match block:
            case Sequence():
                self._one_after_the_other(block.blocks, group, go_on)
            case Script():
                self._visit(block.id)
                frame.write(f"n_{block.id}", frame.get(f"n_{block.id}") + 1)
                go_on()
            case Leave():
                self._visit(block.id)
                (self._ending(f"{block.id}_end", group) if frame.get(block.flag) else go_on)()
            case Choice():
                self._visit(block.id)
                chosen = next(branch for flag, branch in _by_flag(block.branches) if flag is None or frame.get(flag))
                self._run(chosen, group, self._passing(f"{block.id}_join", go_on))
            case Loop():
                self._loop(block, group, go_on)
            case Rounds():
                inner = (f"{block.id}_start", f"{block.id}_end", block.id)
                self.visits.update(inner)
                self.visits.update({f"{block.id}_{name}": block.times for name in ("in", "count", "more")})
                go_on()
            case Together() | Spread():
                self._split(block.id, group, lambda: self._fork(block, group, go_on), waits=_splits_by_task(block))
            case Some():
                self._split(block.id, group, lambda: self._choose_some(block, group, go_on), waits=block.by_task)
            case Catch() | Task() | Sub():
                self._activity(block, group, go_on)

    def _one_after_the_other(self, blocks: tuple[Block, ...], group: Group, go_on: GoOn) -> None:
        if not blocks:
            go_on()
        else:
            self._run(blocks[0], group, lambda: self._one_after_the_other(blocks[1:], group, go_on))

    def _loop(self, block: Loop, group: Group, go_on: GoOn) -> None:
        def check() -> None:
            self._visit(block.id)
            if group.scope.frame.get(block.again):
                self._loop(block, group, go_on)
            else:
                go_on()

        self._visit(f"{block.id}_in")
        self._run(block.body, group, check)

    def _split(self, element: str, group: Group, go_on: GoOn, *, waits: bool) -> None:
        self._visit(element)
        if waits:
            self._open(Activity(group.scope), element, group.scope.frame, group.scope.path, go_on)
        else:
            go_on()

    def _fork(self, block: Together | Spread, group: Group, go_on: GoOn) -> None:
        group.add(len(block.branches) - 1)
        for number, branch in enumerate(block.branches):
            meeting = self._meeting if isinstance(block, Together) else self._passing_on
            self._run(branch, group, meeting(block, number, group, go_on))

    def _passing_on(self, block: Spread, _number: int, group: Group, go_on: GoOn) -> GoOn:
        return self._passing(f"{block.id}_meet", lambda: self._run(block.tail, group, go_on))

    def _meeting(self, block: Together, number: int, group: Group, go_on: GoOn) -> GoOn:
        arrived = self._arrived[group.scope, block.id]

        def meet() -> None:
            arrived[number] += 1
            if all(arrived[one] for one in range(len(block.branches))):
                arrived.subtract(range(len(block.branches)))
                group.add(1 - len(block.branches))
                self._visit(f"{block.id}_join")
                go_on()

        return meet

    def _choose_some(self, block: Some, group: Group, go_on: GoOn) -> None:
        frame = group.scope.frame
        chosen = [branch for flag, branch in block.branches if flag is not None and frame.get(flag)]
        chosen = chosen or [branch for flag, branch in block.branches if flag is None]
        arrived = 0

        def check() -> None:
            if arrived and not any(lane.tokens for lane in lanes):
                group.add(1 - arrived)
                self._visit(f"{block.id}_join")
                go_on()

        def arrive(lane: Group) -> None:
            nonlocal arrived
            arrived += 1
            lane.tokens -= 1
            check()

        lanes = [Group(group.scope, check, group) for _ in chosen]
        group.add(len(chosen) - 1)
        for lane, branch in zip(lanes, chosen, strict=True):
            self._run(branch, lane, lambda lane=lane: arrive(lane))

    # -- activities ---------------------------------------------------------------------------------------------------

    def _activity(self, block: Catch | Task | Sub, group: Group, go_on: GoOn) -> None:
        scope, activity = group.scope, Activity(group.scope)
        scope.live.append(activity)
        self._visit(block.id)
        boundaries = () if isinstance(block, Catch) else block.boundaries
        leaves = self._passing(f"{block.id}_out", go_on) if any(one.merges for one in boundaries) else go_on
        for boundary in boundaries:
            self._listen(boundary, activity, group, leaves)
        if isinstance(block, Catch) or block.many is None:
            self._body(block, activity, Frame({}, scope.frame), scope.path, leaves)
        else:
            _Repetition(self, block, activity, leaves).begin()

    def _body(
        self, block: Catch | Task | Sub, activity: Activity, frame: Frame, path: tuple[int, ...], go_on: GoOn
    ) -> None:
        if not isinstance(block, Sub):
            self._open(activity, block.id, frame, path, go_on)
            return
        outside = dict.fromkeys(block.shadows)
        frame.values.update({flag: not frame.get(flag) for flag in outside})
        inside = Scope(frame, path)
        activity.inside.append(inside)
        group = Group(inside, lambda: self._finish(activity, go_on))
        self._visit(f"{block.id}_start")
        self._run(block.body, group, self._ending(f"{block.id}_end", group))

    def _open(self, activity: Activity, element: str, frame: Frame, path: tuple[int, ...], go_on: GoOn) -> None:
        if activity not in activity.scope.live:
            activity.scope.live.append(activity)

        def happen(values: Mapping[str, Any]) -> None:
            for name, value in values.items():
                frame.write(name, value)
            self._finish(activity, go_on)

        self._add(activity, Wait(element, path, False, happen))

    def _listen(self, boundary: Boundary, host: Activity, group: Group, leaves: GoOn) -> None:
        fired = 0

        def happen(values: Mapping[str, Any]) -> None:
            nonlocal fired
            fired += 1
            for name, value in values.items():
                group.scope.frame.write(name, value)
            self._visit(boundary.id)
            *lanes, whole = group.around()
            if boundary.interrupting:
                self._cancel(host)
                if boundary.merges:
                    self._run(boundary.path, group, leaves)
                    return
                for lane in lanes:  # from here no way leads to their ends
                    lane.tokens -= 1
                for lane in [one for one in lanes if one.tokens == 0]:
                    lane.emptied()
            else:
                if boundary.kind == "timer" or (boundary.kind == "cycle" and fired == 2):
                    self._remove(host, wait)
                whole.add(1)
            self._run(boundary.path, whole, self._ending(f"{boundary.id}_end", whole))

        wait = Wait(boundary.id, group.scope.path, True, happen)
        self._add(host, wait)

    def _add(self, activity: Activity, wait: Wait) -> None:
        activity.waits.append(wait)
        self.waits.append(wait)

    def _remove(self, activity: Activity, wait: Wait) -> None:
        activity.waits.remove(wait)
        self.waits.remove(wait)

    def _finish(self, activity: Activity, go_on: GoOn) -> None:
        self._cancel(activity)
        go_on()

    def _cancel(self, activity: Activity) -> None:
        activity.alive = False
        for wait in list(activity.waits):
            self._remove(activity, wait)
        for inside in activity.inside:
            for one in list(inside.live):
                self._cancel(one)
        for body in activity.bodies:
            self._cancel(body)
        if activity in activity.scope.live:
            activity.scope.live.remove(activity)


class _Repetition:
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
        self.run._body(block, body, frame, (*scope.path, number), lambda: self._is_done(number, body, frame))

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
        self.run._finish(self.whole, self.leaves)


def _by_flag(branches: tuple[tuple[str | None, Sequence], ...]) -> list[tuple[str | None, Sequence]]:
    """The default comes last, wherever it stands."""
    return sorted(branches, key=lambda branch: branch[0] is None)


def _splits_by_task(block: Together | Spread) -> bool:
    return isinstance(block, Spread) or block.by_task
