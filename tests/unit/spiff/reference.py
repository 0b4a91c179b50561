"""What the standard says of block models, worked out by walking the blocks; it knows nothing of the engine.

A token is a call that goes on; a group counts the tokens that can still come to its end: a scope (process or
sub-process), or a branch of an inclusive gateway.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tests.unit.spiff.blocks import (
    Block,
    Boundary,
    Catch,
    Choice,
    Handler,
    Jump,
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
from tests.unit.spiff.reference_state import Activity, Frame, GoOn, Group, Scope, Wait
from tests.unit.spiff.repetition import Repetition


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
            case Jump():
                self.visits.update((f"{block.id}_from", f"{block.id}_to"))
                go_on()
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
            self.body(block, activity, Frame({}, scope.frame), scope.path, leaves)
        else:
            Repetition(self, block, activity, leaves).begin()

    def body(
        self, block: Catch | Task | Sub, activity: Activity, frame: Frame, path: tuple[int, ...], go_on: GoOn
    ) -> None:
        if not isinstance(block, Sub):
            self._open(activity, block.id, frame, path, go_on)
            return
        outside = dict.fromkeys(block.shadows)
        frame.values.update({flag: not frame.get(flag) for flag in outside})
        inside = Scope(frame, path)
        activity.inside.append(inside)
        group = Group(inside, lambda: self.finish(activity, go_on))
        for handler in block.handlers:
            self._wait_beside(handler, inside, group)
        self._visit(f"{block.id}_start")
        self._run(block.body, group, self._ending(f"{block.id}_end", group))

    def _wait_beside(self, handler: Handler, scope: Scope, group: Group) -> None:
        """Start the handler inside the scope when its event comes; an interrupting one takes the place of all there."""
        listener, fired = Activity(scope), 0
        scope.live.append(listener)

        def happen(values: Mapping[str, Any]) -> None:
            nonlocal fired
            fired += 1
            if handler.interrupting:
                for one in list(scope.live):
                    self.cancel(one)
                group.tokens = 1
            else:
                group.add(1)
                if handler.kind == "timer" or (handler.kind == "cycle" and fired == 2):
                    self._remove(listener, wait)
            run = f"v_{handler.event}"
            frame = Frame({run: None}, scope.frame)
            for name, value in values.items():
                frame.write(name, value)
            activity = Activity(scope)
            inside = Scope(frame, (*scope.path, frame.values[run]))
            activity.inside.append(inside)
            scope.live.append(activity)
            within = Group(inside, lambda: self.finish(activity, group.vanish))
            self.visits.update((handler.id, handler.event))
            self._run(handler.path, within, self._ending(f"{handler.id}_end", within))

        wait = Wait(handler.event, scope.path, True, happen)
        self._add(listener, wait)

    def _open(self, activity: Activity, element: str, frame: Frame, path: tuple[int, ...], go_on: GoOn) -> None:
        if activity not in activity.scope.live:
            activity.scope.live.append(activity)

        def happen(values: Mapping[str, Any]) -> None:
            for name, value in values.items():
                frame.write(name, value)
            self.finish(activity, go_on)

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
                self.cancel(host)
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

    def finish(self, activity: Activity, go_on: GoOn) -> None:
        self.cancel(activity)
        go_on()

    def cancel(self, activity: Activity) -> None:
        activity.alive = False
        for wait in list(activity.waits):
            self._remove(activity, wait)
        for inside in activity.inside:
            for one in list(inside.live):
                self.cancel(one)
        for body in activity.bodies:
            self.cancel(body)
        if activity in activity.scope.live:
            activity.scope.live.remove(activity)


def _by_flag(branches: tuple[tuple[str | None, Sequence], ...]) -> list[tuple[str | None, Sequence]]:
    """The default comes last, wherever it stands."""
    return sorted(branches, key=lambda branch: branch[0] is None)


def _splits_by_task(block: Together | Spread) -> bool:
    return isinstance(block, Spread) or block.by_task
