"""Commands at the door in any order, on two engines at one database: whatever comes, rows, state and history agree."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine import (
    Actor,
    HandlerContext,
    IdempotencyMismatch,
    InstanceNotActive,
    JobNotLocked,
    Ports,
    ProcessEngine,
    StateConflict,
    TaskAlreadyClaimed,
    TaskNotActive,
)
from tests.integration.engine.office import processes
from tests.support.clock import ManualClock
from tests.support.soundness import look
from web.bench.throwaway_postgres import Postgres

Door = Callable[[], Any]  # a context manager that yields the url of a database with all tables

KEYS = st.sampled_from(["k1", "k2", "k3"])
WHICH = st.integers(0, 10**6)
PEOPLE = st.sampled_from([Actor("ann", groups=frozenset({"planner"})), Actor("bob", groups=frozenset({"planner"}))])


class Office(RuleBasedStateMachine):
    """People, workers and administrators at two doors of one database."""

    door: Door

    @initialize()
    def open(self) -> None:
        self._opened = type(self).door()
        self.url = self._opened.__enter__()
        self.clock = ManualClock()
        self.broken = False
        self.engines = self._two_doors()
        self.engines[0].deploy({name: content for one in processes() for name, content in one.file().items()})
        self.numbers = itertools.count()
        self.asleep: dict[str, int] = {}  # suspended runs, with the length of their history
        self.leases: list[tuple[int, str]] = []
        self.turn = 0

    def teardown(self) -> None:
        if hasattr(self, "engines"):
            for engine in self.engines:
                engine.close()
            self._opened.__exit__(None, None, None)

    @property
    def engine(self) -> ProcessEngine:
        """The two take turns."""
        self.turn += 1
        return self.engines[self.turn % 2]

    # -- runs ---------------------------------------------------------------------------------------------------------

    @rule(key=KEYS, twice=st.booleans())
    def start(self, key: str, twice: bool) -> None:
        name = f"start-{next(self.numbers)}"
        values = {"key": key, "nags": 0}
        run = self.engine.start("case", values, key, idempotency_key=name)
        if twice:
            assert self.engine.start("case", values, key, idempotency_key=name) == run
            with pytest.raises(IdempotencyMismatch):
                self.engine.start("case", values, "another", idempotency_key=name)

    @rule(which=WHICH)
    def suspend(self, which: int) -> None:
        if run := self._pick(self._runs("active"), which):
            self.engine.suspend(run, reason="pause")
            for below in self._tree(run):
                self.asleep[below] = self._length(below)

    @rule(which=WHICH)
    def resume(self, which: int) -> None:
        if run := self._pick(self._runs("suspended"), which):
            for below in self._tree(run):
                self.asleep.pop(below, None)
            self.engine.resume(run)

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        if run := self._pick([*self._runs("active"), *self._runs("suspended")], which):
            if self.engine.instance(run).parent_id is not None:
                with pytest.raises(StateConflict):
                    self.engine.cancel(run, reason="its caller decides")
                return
            for below in self._tree(run):
                self.asleep.pop(below, None)
            self.engine.cancel(run, reason="not needed")
            self._settle()
            assert {self.engine.instance(below).state for below in self._tree(run)} <= {"cancelled", "completed"}
            with pytest.raises(InstanceNotActive):
                self.engine.resume(run)

    # -- tasks --------------------------------------------------------------------------------------------------------

    @rule(which=WHICH, who=PEOPLE)
    def claim(self, which: int, who: Actor) -> None:
        if (task := self._pick(self.engine.tasks(limit=1_000), which)) is None:
            return
        if task.instance_id in self.asleep:
            with pytest.raises(InstanceNotActive):
                self.engine.claim(task.id, who)
        elif task.assignee not in (None, who.id):
            with pytest.raises(TaskAlreadyClaimed):
                self.engine.claim(task.id, who)
        elif not task.candidate_groups or who.groups & set(task.candidate_groups):
            assert self.engine.claim(task.id, who).assignee == who.id

    @rule(which=WHICH, more=st.sampled_from([True, False, False, None, "neither"]), again=st.booleans())
    def complete(self, which: int, more: Any, again: bool) -> None:
        if (task := self._pick(self.engine.tasks(limit=1_000), which)) is None:
            return
        who, name = task.assignee or "ann", f"done-{next(self.numbers)}"
        values = {"more": more, "by": who}
        if task.instance_id in self.asleep:
            with pytest.raises(InstanceNotActive):
                self.engine.complete(task.id, values, who)
            return
        done = self.engine.complete(task.id, values, who, idempotency_key=name)
        if again:
            length = self._length(task.instance_id)
            assert self.engine.complete(task.id, values, who, idempotency_key=name) == done
            with pytest.raises(TaskNotActive) as told:
                self.engine.complete(task.id, values, "bob")
            assert (told.value.facts["by"], told.value.facts["at"]) == (who, self.clock.now())
            assert self._length(task.instance_id) == length

    # -- messages, signals, time --------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(["open", "answer", "drop", "cancel"]), key=KEYS, lives=st.sampled_from([0, 30, None]))
    def correlate(self, name: str, key: str, lives: int | None) -> None:
        number = f"m-{next(self.numbers)}"
        lasts = None if lives is None else dt.timedelta(minutes=lives)
        first = self.engine.correlate(name, key, {"key": key}, message_id=number, time_to_live=lasts)
        assert self.engine.correlate(name, key, {"key": key}, message_id=number, time_to_live=lasts).id == first.id

    @rule()
    def broadcast(self) -> None:
        self.engine.broadcast("alarm", {"heard": True})

    @rule(minutes=st.sampled_from([1, 29, 60, 200, 600]), both=st.booleans())
    def pass_time(self, minutes: int, both: bool) -> None:
        self.clock.advance(minutes=minutes)
        self.engine.run_due()
        if both:
            assert self.engine.run_due() == 0, "everything that was due has been done"
            assert (self.engine.earliest_due() or self.clock.now() + dt.timedelta(1)) > self.clock.now()

    @rule()
    def restart(self) -> None:
        for engine in self.engines:
            engine.close()
        self.engines = self._two_doors()

    @rule()
    def break_or_mend_the_printer(self) -> None:
        self.broken = not self.broken

    # -- work outside -------------------------------------------------------------------------------------------------

    @rule(worker=st.sampled_from(["w1", "w2"]))
    def fetch(self, worker: str) -> None:
        found = self.engine.fetch_jobs("mail", worker=worker, limit=2, lock=dt.timedelta(minutes=30))
        assert not {job.instance_id for job in found} & set(self.asleep)
        taken = {job.id for job in found}
        self.leases = [lease for lease in self.leases if lease[0] not in taken] + [(job.id, worker) for job in found]

    @precondition(lambda self: self.leases)
    @rule(which=WHICH, answer=st.sampled_from(["finish", "fail", "give up", "throw", "unknown"]))
    def answer_work(self, which: int, answer: str) -> None:
        job_id, worker = lease = self.leases[which % len(self.leases)]
        other = "w1" if worker == "w2" else "w2"
        with pytest.raises(JobNotLocked):
            self.engine.finish_job(job_id, worker=other)
        acts: dict[str, Callable[[], object]] = {
            "finish": lambda: self.engine.finish_job(job_id, {"sent": True}, worker=worker),
            "fail": lambda: self.engine.fail_job(job_id, "no line", worker=worker),
            "give up": lambda: self.engine.fail_job(job_id, "no line", retries=0, worker=worker),
            "throw": lambda: self.engine.throw_error(job_id, "BAD", worker=worker),
            "unknown": lambda: self.engine.throw_error(job_id, "WORSE", worker=worker),
        }
        try:
            acts[answer]()
        except InstanceNotActive:
            assert self._of_job(job_id) in self.asleep
            return
        except StateConflict:
            assert self.engine.instance(str(self._of_job(job_id))).state != "active", "only for its run was over"
        self.leases.remove(lease)

    # -- repair -------------------------------------------------------------------------------------------------------

    @rule(which=WHICH, repaired=st.booleans())
    def retry(self, which: int, repaired: bool) -> None:
        incident = self._pick([one for one in self.engine.incidents() if one.instance_id not in self.asleep], which)
        if incident is None or incident.job_id is None:
            return
        if repaired and incident.code == "expression_error":
            self.engine.set_variables(str(incident.instance_id), {"more": False}, reason="repair")
        if incident.id in {one.id for one in self.engine.incidents()}:
            self.engine.retry_incident(incident.id)
            self._settle()
        still = [one for one in self.engine.incidents(instance_id=incident.instance_id) if one.code == incident.code]
        assert not (repaired and still and incident.code == "expression_error")

    # -- always -------------------------------------------------------------------------------------------------------

    @invariant()
    def everything_agrees(self) -> None:
        if hasattr(self, "engines"):
            look(self.engines[self.turn % 2])
            for run, length in list(self.asleep.items()):
                seen = self.engine.instance(run)
                if seen.state == "cancelled" and seen.parent_id not in (None, *self.asleep):
                    del self.asleep[run]  # its caller, which is awake, has left it
                else:
                    assert self._length(run) == length, "a suspended run did something"

    # -- inside ---------------------------------------------------------------------------------------------------

    def _two_doors(self) -> list[ProcessEngine]:
        def print_it(_context: HandlerContext) -> dict[str, object]:
            if self.broken:
                raise RuntimeError("printer on fire")
            return {"printed": True}

        ports = Ports(handlers={"print": print_it})
        return [ProcessEngine.open(self.url, clock=self.clock, ports=ports) for _ in range(2)]

    # -- looking ------------------------------------------------------------------------------------------------------

    def _runs(self, state: str) -> list[str]:
        return [run.id for run in self.engine.instances(state=state, limit=1_000)]

    def _tree(self, run: str) -> Iterator[str]:
        yield run
        for child in self.engine.instances(parent_id=run, limit=1_000):
            yield from self._tree(child.id)

    def _length(self, run: str) -> int:
        return len(self.engine.history(run, limit=1_000))

    def _of_job(self, job_id: int) -> str | None:
        with self.engine.reading() as read:
            return read.jobs.get(job_id).instance_id

    def _settle(self) -> None:
        self.engine.run_due()

    @staticmethod
    def _pick(found: Any, which: int) -> Any:
        return found[which % len(found)] if found else None


def _hold(door: Door, *, examples: int, steps: int) -> None:
    office = type("Office", (Office,), {"door": staticmethod(door)})
    run_state_machine_as_test(
        office,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )


def test_rows_state_and_history_agree_whatever_comes(sqlite_template: Path) -> None:
    @contextmanager
    def door() -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(sqlite_template, f"{folder}/test.db")
            yield f"sqlite:///{folder}/test.db"

    _hold(door, examples=20, steps=30)


def test_rows_state_and_history_agree_on_postgresql_too(postgres: Postgres) -> None:
    @contextmanager
    def door() -> Iterator[str]:
        url = postgres.create()
        yield url
        postgres.drop(url)

    _hold(door, examples=4, steps=25)
