"""Random processes whose events cut across each other: whatever comes in whatever order, the tokens stay sound.

Who catches what is read off the drawing. The rest are promises about the tokens themselves: every wait has a live
token and every token something to wait for, what was interrupted has nothing left, what has ended waits for nothing.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.ports import BpmnError
from engine.spiff.process import SpiffProcess
from engine.spiff.steps import (
    ElementEntered,
    ElementLeft,
    EndKind,
    ErrorUncaught,
    EscalationUncaught,
    SignalThrown,
    StepFailed,
    Wait,
    WaitKind,
    WaitOpened,
)
from engine.spiff.tokens import AT_A_JOIN, LIVE
from tests.unit.spiff.driver import Driver
from tests.unit.spiff.random_events import CODES, EventModel

SCOPES = ("sub", "esp")


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.randoms(use_true_random=True), st.integers(1, 25), st.booleans())
def test_whatever_happens_in_whatever_order_the_tokens_stay_sound(random: Random, size: int, called: bool) -> None:
    model = EventModel(random, size)
    note(model.builder.xml().decode())
    Story(model, random, called=called).tell()


class Story:
    """One run of a model, looked at after every act."""

    def __init__(self, model: EventModel, random: Random, *, called: bool) -> None:
        self.model, self.random, self.called = model, random, called
        self.x = 0  # what the process's own variable must be
        self.y = 0  # what conditional events look at
        self.held: dict[str, bool] = {}  # whether the condition of a wait held when it was last looked at
        self.before: dict[str, Wait] = {}
        self.run: Driver | None = None
        self.seen = 0  # effects looked at before

    def tell(self) -> None:
        for step in range(300):
            try:
                expected = self._start() if step == 0 else self._act(closing=step > 15)
            except StepFailed as failure:
                if failure.code != "unhandled_error":
                    raise
                return
            if expected is None:
                return
            self._look(expected)
        raise AssertionError("Expected an end, but it goes on.")

    # -- acts: each returns what it throws into the model by itself, None when there is none left ---------------------

    def _start(self) -> list[tuple[str, str, str]]:
        def fault(code: str) -> Any:
            def throw(_variables: dict[str, Any]) -> None:
                raise BpmnError(code)

            return throw

        faults = {f"fault_{key}": fault(code) for key, code in self.model.faults}
        self.run = Driver(self.model.builder, {"x": 0, "y": 0}, handlers=faults, called=self.called)
        return []

    def _act(self, *, closing: bool) -> list[tuple[str, str, str]] | None:
        assert self.run is not None
        waits = list(self.run.open.values())
        if self.run.ended:
            return None
        if closing:
            waits = [wait for wait in waits if wait.element_id not in self.model.hosts]
        self.before = dict(self.run.open)
        conditions = [wait for wait in self.before.values() if wait.kind is WaitKind.CONDITION]
        waits = [wait for wait in waits if wait.kind is not WaitKind.CONDITION]
        if not waits or (conditions and self.random.random() < 0.2):
            self.y = self.random.randint(0, 4) if waits else 9 - self.y
            note(f"y = {self.y}")
            self.run.set("", y=self.y)
            return []
        wait = self.random.choice(waits)
        key, x = wait.element_id, self.random.randint(1, 99)
        nth = [one.id for one in self.run.open.values() if one.element_id == key].index(wait.id)
        note(f"{key} {nth}")
        if wait.kind in (WaitKind.JOB, WaitKind.CHILD) and self.random.random() < 0.4:
            return self._throw_from(wait, nth)
        if wait.kind is WaitKind.CHILD:
            self.run.child(key, {"x": x}, nth=nth)  # it hands nothing back: no output says so
        else:
            act = self.run.complete if wait.kind in (WaitKind.USER_TASK, WaitKind.JOB) else self.run.fire
            alone = key not in self.model.partial
            act(key, {"x": x} if alone else {}, nth=nth)
            if alone and not self.model.around[key]:
                self.x = x
        return []

    def _throw_from(self, wait: Wait, nth: int) -> list[tuple[str, str, str]]:
        assert self.run is not None
        key, code = wait.element_id, self.random.choice((*CODES, "C"))
        if wait.kind is WaitKind.CHILD and nth == 0 and self.random.random() < 0.5:
            self.run.escalate(key, code)
            return [(key, "escalation", code)]
        caught = self.model.catcher(key, "error", code)
        try:
            self.run.error(key, code, nth=nth)
        except StepFailed:
            assert caught is None
            assert not self.called
            raise
        if caught is None:
            assert self.run.ended is not None
            assert (self.run.ended.kind, self.run.ended.error_code) == (EndKind.ERROR, code)
        return [(key, "error", code)]

    # -- looks --------------------------------------------------------------------------------------------------------

    def _look(self, thrown: list[tuple[str, str, str]]) -> None:
        assert self.run is not None
        last = self.run.effects[self.seen :]
        self.seen += len(last)
        self._look_at_catching(last, thrown)
        self._look_at_signals(last)
        self._look_at_conditions(last)
        self._look_at_interruptions(last)
        if self.run.ended is not None:
            assert Counter(self.run.visited) == Counter(self.run.left) + Counter(self.run.cancelled)
            return
        assert self.run.variables["x"] == self.x
        for way in self.run.ways:
            _sound(way.look(self.run._load), self.run)

    def _look_at_catching(self, last: list[Any], thrown: list[tuple[str, str, str]]) -> None:
        """What was thrown has reached the one who catches it by the drawing, and nobody else was reached."""
        surely: Counter[str] = Counter()
        maybe: Counter[str] = Counter()
        uncaught: Counter[tuple[str, str]] = Counter()
        faults = dict(self.model.faults)
        for effect in last:
            if not isinstance(effect, ElementLeft):
                continue
            kind, code = self.model.throws.get(effect.element_id, ("", ""))
            if effect.element_id in faults:
                kind, code = "error", faults[effect.element_id]
            if kind:
                caught = self.model.catcher(effect.element_id, kind, code)
                counts = maybe if effect.cancelled else surely
                if caught is not None:
                    counts[caught.id] += 1
                elif not effect.cancelled:
                    uncaught[kind, effect.element_id] += 1
        for key, kind, code in thrown:
            caught = self.model.catcher(key, kind, code)
            if caught is not None:
                surely[caught.id] += 1
            else:
                uncaught[kind, key] += 1
        entered = Counter(effect.element_id for effect in last if isinstance(effect, ElementEntered))
        for handler in self.model.all_handlers():
            if handler.kind in ("error", "escalation"):
                reached = entered[handler.id]
                assert surely[handler.id] <= reached <= surely[handler.id] + maybe[handler.id]
        told = Counter(("escalation", e.element_id) for e in last if isinstance(e, EscalationUncaught))
        told += Counter(("error", e.element_id) for e in last if isinstance(e, ErrorUncaught))
        if self.called:
            uncaught = Counter({what: count for what, count in uncaught.items() if what[0] == "escalation"})
        assert told == uncaught

    def _look_at_signals(self, last: list[Any]) -> None:
        """Whoever waited for a signal once has heard it; whoever hears it again and again still waits."""
        assert self.run is not None
        names = {effect.name for effect in last if isinstance(effect, SignalThrown)}
        once = {handler.event or handler.id for handler in self.model.all_handlers() if not handler.interrupting}
        once |= {boundary for boundary in self.model.hosts if self.model.taken_inside(boundary)}
        deaf = [
            wait.element_id
            for wait in self.before.values()
            if wait.id in self.run.open and wait.message_name in names and wait.kind is WaitKind.SIGNAL
        ]
        assert set(deaf) <= once

    def _look_at_conditions(self, last: list[Any]) -> None:
        """Nobody waits whose condition holds but those that have happened; they happen when it becomes true."""
        assert self.run is not None
        limits, events = self.model.limits, self.model.all_handlers()
        stays = {handler.event or handler.id: handler for handler in events if not handler.interrupting}
        waiting = {wait.id: wait.element_id for wait in self.run.open.values() if wait.kind is WaitKind.CONDITION}
        assert not {key for key in waiting.values() if self.y > limits[key]} - set(stays)
        entered = Counter(effect.element_id for effect in last if isinstance(effect, ElementEntered))
        opened = [e.wait for e in last if isinstance(e, WaitOpened) and e.wait.kind is WaitKind.CONDITION]
        before = [wait for wait in self.before.values() if wait.kind is WaitKind.CONDITION]
        for key, handler in ((key, handler) for key, handler in stays.items() if key in limits):
            looking = [wait for wait in (*opened, *before) if wait.element_id == key]
            happens = [wait.id for wait in looking if self.y > limits[key] and not self.held.get(wait.id, False)]
            assert len([one for one in happens if one in waiting]) <= entered[handler.id] <= len(happens)
        self.held = {wait_id: self.y > limits[key] for wait_id, key in waiting.items()}

    def _look_at_interruptions(self, last: list[Any]) -> None:
        """What was interrupted, or ended by a terminate event, has nothing left inside."""
        assert self.run is not None
        model = self.model
        over = {e.element_id for e in last if isinstance(e, ElementLeft) and e.cancelled and e.element_id[:3] in SCOPES}
        for effect in last:
            if isinstance(effect, ElementLeft) and not effect.cancelled and effect.element_id in model.terminates:
                around = model.around[effect.element_id]
                over.update(around[-1:])
                assert around or (self.run.ended and self.run.ended.kind is EndKind.TERMINATED)
        waiting = {wait.element_id for wait in self.run.open.values()}
        for handler in model.all_handlers():
            if handler.event and handler.interrupting and self.run.visited.count(handler.id) > self._over(handler.id):
                scope = model.hosts[handler.event]
                if not model.is_repeated(handler.id) and not (scope and self._is_begun_again(scope, than=1)):
                    there = set(model.inside(scope)) if scope else set(model.around)
                    assert not (there - set(model.inside(handler.id)) - set(model.hosts_of(scope))) & waiting
        for sub in over:
            if not model.is_repeated(sub) and not self._is_begun_again(sub):
                inside = set(model.inside(sub))
                outside = {handler.event for handler in model.all_handlers() if handler.id == sub}
                assert not (inside - outside) & waiting, "a start event waits in the scope around"
                entered = Counter(key for key in self.run.visited if key in inside)
                assert entered == Counter(key for key in (*self.run.left, *self.run.cancelled) if key in inside)

    def _is_begun_again(self, sub: str, *, than: int = 0) -> bool:
        assert self.run is not None
        return self.run.visited.count(sub) > self._over(sub) + than

    def _over(self, element: str) -> int:
        assert self.run is not None
        return (*self.run.left, *self.run.cancelled).count(element)


def _sound(process: SpiffProcess, run: Driver) -> None:
    process.tokens()  # loads every body
    instance = process._instance
    tokens = instance.index
    assert {token.wait_id for token in tokens.values() if token.wait} == set(run.open)
    standing: Counter[str] = Counter()
    for key, token in tokens.items():
        assert token.alive
        assert token.id == key
        assert token.state in (LIVE, AT_A_JOIN)
        if token.entered:
            standing[token.task_spec.element.id] += 1
        if not token.wait:
            inside = [one for one in instance.below(token) if one.task_spec.host is None]
            assert inside, f"{token.task_spec.element.id} waits for nothing"
        above = token.parent
        assert above is token.workflow.task_tree or tokens[above.id] is above
        assert any(one is token for one in above.children)
        host = token.workflow.host
        assert host is None or (tokens[host.id] is host and instance.subprocesses[host.id] is token.workflow)
    assert standing == Counter(run.visited) - Counter(run.left) - Counter(run.cancelled)
    assert not instance.moving
    assert not instance.work
