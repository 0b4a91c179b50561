"""Runs one process three ways at once: straight through, stored after every command, stored after every element.

All three must tell the same effects in the same order and hold the same state; a test that passes has passed each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn.reader import read
from engine.spiff.process import ProcessModel, SpiffProcess, build
from engine.spiff.steps import (
    ElementEntered,
    ElementLeft,
    FlowTaken,
    InstanceEnded,
    MessageThrown,
    ProcessState,
    SignalThrown,
    StepContext,
    StepFailed,
    Wait,
    WaitClosed,
    WaitOpened,
)

NOW = dt.datetime(2026, 1, 31, 9, 0, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Bangkok")
Handler = Callable[[dict[str, Any]], dict[str, Any] | None]


class _Way:
    """One way to run; `loaded` are the parts that were asked for one by one."""

    def __init__(self, *, stores: bool, budget: int) -> None:
        self.stores = stores
        self.budget = budget
        self.parts: dict[str, bytes] = {}
        self.process: SpiffProcess | None = None
        self.loaded: list[str] = []
        self.written: list[str] = []

    def begin(self, make: Callable[[], SpiffProcess]) -> list[Any]:
        self.process = make()
        return self._go(lambda: None)

    def act(self, driver: Driver, part: str, act: Callable[[SpiffProcess], Any]) -> list:
        load = driver._load
        if self.stores:
            self.loaded = []
            self.process = load(self._state(part))
        assert self.process is not None
        self.process._instance.context = driver.context
        act(self.process)
        return self._go(lambda: load(self._state("")))

    def look(self, load: Callable[[ProcessState], SpiffProcess]) -> SpiffProcess:
        if self.stores:
            return load(self._state(""))
        assert self.process is not None
        return self.process

    def _go(self, load: Callable[[], SpiffProcess | None]) -> list[Any]:
        effects = []
        while True:
            assert self.process is not None
            finished = self.process.run(self.budget)
            effects += self.process.drain()
            self._save()
            if finished:
                return effects
            if self.stores:
                reloaded = load() or self._reload()
                self.process = reloaded

    def _reload(self) -> SpiffProcess:
        assert self.process is not None
        instance = self.process._instance
        return SpiffProcess.load(instance.model, self._state(""), instance.context)

    def _save(self) -> None:
        assert self.process is not None
        change = self.process.change()
        self.written = sorted(change.written)
        if not self.stores:
            self.parts = dict(change.written)
            return
        for name in change.removed:
            self.parts.pop(name, None)
        self.parts.update(change.written)

    def _state(self, part: str) -> ProcessState:
        def load_part(name: str) -> bytes:
            self.loaded.append(name)
            return self.parts[name]

        return ProcessState({name: self.parts[name] for name in {"", part} if name in self.parts}, load_part)


class Driver:
    """Acts by element id; looks at what came of it."""

    def __init__(
        self,
        builder: Any,
        variables: Mapping[str, Any] | None = None,
        *,
        start_element_id: str | None = None,
        handlers: Mapping[str, Handler] | None = None,
        called: bool = False,
        start: bool = True,
    ) -> None:
        self.model: ProcessModel = (
            builder if isinstance(builder, ProcessModel) else build(read(builder.xml(), "test.bpmn").processes[0])
        )
        self.handlers = dict(handlers or {})
        self.called = called
        self.now = NOW
        self.effects: list[Any] = []
        self.open: dict[str, Wait] = {}
        self.ways = (
            _Way(stores=False, budget=100_000),
            _Way(stores=True, budget=100_000),
            _Way(stores=True, budget=1),
        )
        if start:
            self._note(
                [
                    way.begin(
                        lambda: SpiffProcess.start(
                            self.model, dict(variables or {}), self.context, start_element_id=start_element_id
                        )
                    )
                    for way in self.ways
                ]
            )

    # -- acts ---------------------------------------------------------------------------------------------------------

    def complete(self, element: str, variables: Mapping[str, Any] | None = None, *, nth: int = 0) -> Driver:
        wait = self.wait(element, nth)
        return self._act(wait.part, lambda process: process.complete(wait.id, wait.part, dict(variables or {})))

    def fire(self, element: str, variables: Mapping[str, Any] | None = None, *, nth: int = 0) -> Driver:
        wait = self.wait(element, nth)
        return self._act(wait.part, lambda process: process.fire(wait.id, wait.part, dict(variables or {})))

    def child(self, element: str, variables: Mapping[str, Any] | None = None, *, nth: int = 0) -> Driver:
        wait = self.wait(element, nth)
        return self._act(wait.part, lambda process: process.child_completed(wait.id, wait.part, dict(variables or {})))

    def escalate(self, element: str, code: str, variables: Mapping[str, Any] | None = None) -> Driver:
        wait = self.wait(element)
        return self._act(wait.part, lambda p: p.child_escalated(wait.id, wait.part, code, dict(variables or {})))

    def error(self, element: str, code: str, variables: Mapping[str, Any] | None = None, *, nth: int = 0) -> Driver:
        wait = self.wait(element, nth)
        return self._act(wait.part, lambda p: p.throw_error(wait.id, wait.part, code, "", dict(variables or {})))

    def activate(self, ad_hoc: str, *elements: str) -> Driver:
        return self._act("", lambda process: process.activate(ad_hoc, elements))

    def cancel(self) -> Driver:
        return self._act("", lambda process: process.cancel())

    def set(self, scope: str, **variables: Any) -> Driver:
        return self._act("", lambda process: process.set_variables(scope, variables))

    # -- looks --------------------------------------------------------------------------------------------------------

    @property
    def context(self) -> StepContext:
        def call(element: str, kind: str, headers: Mapping[str, str], variables: dict[str, Any]) -> Any:
            return self.handlers[kind](variables)

        return StepContext(self.now, self.handlers.__contains__, call, zone=ZONE, called=self.called)

    @property
    def waits(self) -> list[str]:
        """Elements with open waits, in order of opening."""
        return [wait.element_id for wait in self.open.values()]

    @property
    def choices(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return self.look(lambda process: process.choices())

    @property
    def visited(self) -> list[str]:
        return [effect.element_id for effect in self.effects if isinstance(effect, ElementEntered)]

    @property
    def left(self) -> list[str]:
        return [e.element_id for e in self.effects if isinstance(e, ElementLeft) and not e.cancelled]

    @property
    def cancelled(self) -> list[str]:
        return [e.element_id for e in self.effects if isinstance(e, ElementLeft) and e.cancelled]

    @property
    def flows(self) -> list[str]:
        return [effect.flow_id for effect in self.effects if isinstance(effect, FlowTaken)]

    @property
    def ended(self) -> InstanceEnded | None:
        found = [effect for effect in self.effects if isinstance(effect, InstanceEnded)]
        assert len(found) <= 1, "an instance ends once"
        return found[0] if found else None

    @property
    def messages(self) -> list[MessageThrown]:
        return [effect for effect in self.effects if isinstance(effect, MessageThrown)]

    @property
    def signals(self) -> list[str]:
        return [effect.name for effect in self.effects if isinstance(effect, SignalThrown)]

    @property
    def variables(self) -> dict[str, Any]:
        if self.ended is not None:
            return self.ended.variables
        return self.look(lambda process: process.variables())

    @property
    def tokens(self) -> list[tuple[str, str, str]]:
        return self.look(lambda process: process.tokens())

    def look(self, read: Callable[[SpiffProcess], Any]) -> Any:
        found = [read(way.look(self._load)) for way in self.ways]
        assert found[1:] == found[:-1]
        return found[0]

    def wait(self, element: str, nth: int = 0) -> Wait:
        found = [wait for wait in self.open.values() if wait.element_id == element]
        assert len(found) > nth, f"nothing waits at {element!r}, only {self.waits}"
        return found[nth]

    def closed(self) -> list[WaitClosed]:
        return [effect for effect in self.effects if isinstance(effect, WaitClosed)]

    # -- inside -------------------------------------------------------------------------------------------------------

    def _load(self, state: ProcessState) -> SpiffProcess:
        return SpiffProcess.load(self.model, state, self.context)

    def _act(self, part: str, act: Callable[[SpiffProcess], Any]) -> Driver:
        outcomes: list[Any] = []
        failures: list[StepFailed] = []
        for way in self.ways:
            try:
                outcomes.append(way.act(self, part, act))
            except StepFailed as failure:
                failures.append(failure)
        if failures:
            assert len({(f.element_id, f.code, f.message) for f in failures}) == 1
            assert len(failures) == len(self.ways), "one way failed, another did not"
            raise failures[0]
        return self._note(outcomes)

    def _note(self, outcomes: list[list[Any]]) -> Driver:
        ended = any(isinstance(effect, InstanceEnded) for effect in outcomes[0])
        for name, way, effects in zip(("every command", "every element"), self.ways[1:], outcomes[1:], strict=True):
            _same(f"effects, stored after {name}", effects, outcomes[0])
            if not ended:
                _same(f"state, stored after {name}", sorted(way.parts.items()), sorted(self.ways[0].parts.items()))
        self.effects += outcomes[0]
        for effect in outcomes[0]:
            if isinstance(effect, WaitOpened):
                assert effect.wait.id not in self.open, "wait ids are unique"
                self.open[effect.wait.id] = effect.wait
            elif isinstance(effect, WaitClosed):
                wait = self.open.pop(effect.wait_id)
                assert wait.kind is effect.kind
        if self.ended is not None:
            assert not self.open, "nothing waits when all is over"
        return self


def _same(what: str, found: list[Any], expected: list[Any]) -> None:
    """Compare without the long listing that an assertion on thousands of values would write."""
    if found == expected:
        return
    pairs = enumerate(zip_longest(found, expected))
    at, pair = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
    pytest.fail(f"other {what}, from number {at} on:\n  {str(pair[0])[:500]}\ninstead of\n  {str(pair[1])[:500]}")
