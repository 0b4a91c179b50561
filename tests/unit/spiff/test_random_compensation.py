"""Random work that is undone: what was completed last is undone first, in scopes, bodies and loops, and once.

The order is worked out from what the drawing says and from the order in which the work was done; the engine has no say.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.spiff.steps import ElementLeft
from tests.support.bpmn import Builder, process
from tests.unit.spiff.driver import Driver

Record = tuple[str, list[Any]]  # of a task: what undoes it; of a sub-process: what is inside


class UndoneModel:
    """Tasks, sub-processes, branches side by side and rounds; some can be undone, in one way or another."""

    def __init__(self, random: Random, size: int, *, transaction: bool) -> None:
        self.random = random
        self.left = size
        self.number = 0
        self.scope: dict[str, str] = {}  # of tasks and sub-processes that are done
        self.undone_by: dict[str, str] = {}  # tasks, by what they undo
        self.own: dict[str, str] = {}  # tasks in compensation event sub-processes, by the sub-process
        self.rest: set[str] = set()  # sub-processes whose own handler undoes the parts, too
        self.bodies: dict[str, int] = {}
        self.limits: dict[str, str] = {}  # timers by sub-process that they end
        self.builder = process("p").start()
        if transaction:
            inner = self.builder.inner().start("in")
            self._work(inner, "tx")
            inner.end("end", cancel="yes")
            self.builder.sub("tx", inner, transaction=True).end("never")
            self.builder.boundary("tx", "cancelled", cancel="yes").end("gone")
        else:
            self._work(self.builder, "")
            self.builder.throw("undo", compensate="").user_task("after").end("gone")

    def _id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def _work(self, to: Builder, scope: str) -> None:
        for _ in range(self.random.randint(1, 3)):
            if self.left <= 0:
                break
            self.left -= 1
            kind = self.random.choice(("task", "task", "sub", "fork"))
            if kind == "fork":
                self._fork(to, scope)
            else:
                self._activity(to, scope, kind)

    def _fork(self, to: Builder, scope: str) -> None:
        fork, join = self._id("fork"), self._id("join")
        to.parallel(fork)
        for number in range(2):
            to.at(fork)
            self._work(to, scope)
            to.to(join) if number else to.parallel(join)
        to.at(join)

    def _activity(self, to: Builder, scope: str, kind: str) -> None:
        key = self._id(kind)
        self.scope[key] = scope
        many: dict[str, str] = {}
        if self.random.random() < 0.2:
            self.bodies[key] = self.random.randint(1, 3)
            many = {"each": f"= 1..{self.bodies[key]}".replace("= ", "= for i in ") + " return i", "sequential": "yes"}
        if kind == "task":
            to.user_task(key, **many)
        else:
            inner = to.inner().start(self._id("start"))
            self._work(inner, key)
            inner.end(self._id("end"))
            if self.random.random() < 0.3:
                self._own_handler(inner, key)
            to.sub(key, inner, **many)
            if self.random.random() < 0.2 and not many:
                self.limits[key] = self._id("late")
                meet = self._id("meet")
                to.exclusive(meet).boundary(key, self.limits[key], timer="PT1H").to(meet)
        if self.random.random() < (0.7 if kind == "task" else 0.2):
            self.undone_by[key] = f"un_{key}"
            cursor = to.cursor
            to.apart().user_task(f"un_{key}").undo(key, f"un_{key}").at(cursor)

    def _own_handler(self, inner: Builder, key: str) -> None:
        cursor = inner.cursor
        self.own[key] = f"own_{key}"
        handler = inner.inner().start(self._id("on"), compensate="").user_task(self.own[key])
        if self.random.random() < 0.5:
            self.rest.add(key)
            handler.throw(self._id("rest"), compensate="")
        inner.sub(self._id("esp"), handler.end(self._id("end")), event=True).at(cursor)

    # -- what is expected ---------------------------------------------------------------------------------------------

    def records(self, effects: list[Any]) -> list[Record]:
        """Work out what there is to undo in the outermost scope, from who left in which order."""
        found: dict[str, list[Record]] = {}
        bodies: dict[str, int] = {}
        held: dict[str, list[Record]] = {}  # of bodies, until the whole is over
        for effect in effects:
            if not isinstance(effect, ElementLeft) or effect.element_id not in self.scope:
                continue
            key = effect.element_id
            inside = found.pop(key, [])
            if effect.cancelled:
                continue
            around = found.setdefault(self.scope[key], [])
            if key in self.bodies:
                bodies[key] = bodies.get(key, 0) + 1
                if bodies[key] > self.bodies[key]:  # the whole
                    around.extend(held.pop(key, []))
                    del bodies[key]
                    continue
                around = held.setdefault(key, [])
            if key in self.undone_by:
                around.append((self.undone_by[key], []))
            elif inside or key in self.own:
                around.append((key, inside))
        return found.get("tx" if "cancelled" in self.builder.xml().decode() else "", [])

    def order(self, records: list[Record]) -> list[str]:
        """List the tasks that undo, in the order in which they come."""
        found: list[str] = []
        for key, inside in reversed(records):
            if key not in self.scope:
                found.append(key)
            elif key in self.own:
                found += [self.own[key], *(self.order(inside) if key in self.rest else [])]
            else:
                found += self.order(inside)
        return found


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=True), st.integers(1, 14), st.booleans())
def test_the_last_that_was_completed_is_undone_first(random: Random, size: int, transaction: bool) -> None:
    model = UndoneModel(random, size, transaction=transaction)
    note(model.builder.xml().decode())
    run = Driver(model.builder)
    while forward := [wait for wait in run.waits if wait in model.scope or wait in model.limits.values()]:
        timers = [wait for wait in forward if wait in model.limits.values()]
        tasks = [wait for wait in forward if wait in model.scope]
        late = bool(timers) and (not tasks or random.random() < 0.1)
        key = random.choice(timers if late else tasks)
        run.fire(key) if late else run.complete(key, nth=random.randrange(run.waits.count(key)))
    before = len(run.effects)
    expected = model.order(model.records(run.effects[:before]))
    for key in expected:
        assert run.waits == [key]
        run.complete(key)

    if transaction:
        assert run.visited[-2:] == ["cancelled", "gone"]
        assert run.ended is not None
    else:
        assert run.waits == ["after"]
        assert run.complete("after").ended
