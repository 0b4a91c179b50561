"""Several people, workers and administrators at once: whoever comes first, rows, state and history agree afterwards."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from random import Random

from engine import EngineError, NotAuthorized, NotFound, Ports, ProcessEngine, StateConflict
from tests.integration.engine.office import processes
from tests.support.driver import Driver
from tests.support.soundness import look

_SECONDS = 2.5
_KEYS = ("k1", "k2", "k3")


class Hand:
    """One of those who act, at a door of their own."""

    def __init__(self, driver: Driver, number: int) -> None:
        self.random = Random(number)
        self.clock = driver.clock
        self.name = f"w{number}"
        self.engine = ProcessEngine.open(driver.url, clock=driver.clock, ports=Ports(handlers={"print": self._print}))
        self.odd: list[str] = []
        self.acts: list[Callable[[], object]] = [
            self._start, self._complete, self._complete, self._complete, self._correlate, self._correlate,
            self._broadcast, self._wait, self._work, self._hold, self._cancel, self._repair,
        ]  # fmt: skip

    def act(self, until: float) -> None:
        """Do this and that; that somebody was faster is to be expected, anything else is not."""
        while time.monotonic() < until:
            try:
                self.random.choice(self.acts)()
            except (StateConflict, NotFound, NotAuthorized):
                continue
            except EngineError as error:
                self.odd.append(repr(error))

    def _print(self, _context: object) -> dict[str, object]:
        if self.random.random() < 0.3:
            raise RuntimeError("printer on fire")
        return {"printed": True}

    def _start(self) -> None:
        if len(self.engine.instances(state="active")) < 30:
            self.engine.start("case", {"key": self.random.choice(_KEYS), "nags": 0})

    def _complete(self) -> None:
        if tasks := self.engine.tasks():
            task = self.random.choice(tasks)
            self.engine.complete(task.id, {"more": self.random.choice([True, False, None])}, task.assignee or "ann")

    def _correlate(self) -> None:
        name, key = self.random.choice(["open", "answer", "drop", "cancel"]), self.random.choice(_KEYS)
        self.engine.correlate(name, key, {"key": key}, message_id=str(self.random.random()))

    def _broadcast(self) -> None:
        if self.random.random() < 0.3:
            self.engine.broadcast("alarm")

    def _wait(self) -> None:
        self.clock.advance(minutes=self.random.choice([1, 10, 60]))
        self.engine.run_due()

    def _work(self) -> None:
        for job in self.engine.fetch_jobs("mail", worker=self.name, limit=2, lock=dt.timedelta(minutes=30)):
            if self.random.random() < 0.5:
                self.engine.finish_job(job.id, worker=self.name)
            else:
                self.engine.throw_error(job.id, self.random.choice(["BAD", "BAD", "WORSE"]), worker=self.name)

    def _hold(self) -> None:
        state = self.random.choice(["active", "suspended"])
        if runs := self.engine.instances(state=state):
            run = self.random.choice(runs).id
            self.engine.suspend(run) if state == "active" else self.engine.resume(run)

    def _cancel(self) -> None:
        if (runs := self.engine.instances(state="active")) and self.random.random() < 0.3:
            self.engine.cancel(self.random.choice(runs).id, reason="not needed")

    def _repair(self) -> None:
        for incident in self.engine.incidents(limit=3):
            if incident.code == "expression_error" and incident.instance_id is not None:
                self.engine.set_variables(incident.instance_id, {"more": False})
            elif incident.job_id is not None:
                self.engine.retry_incident(incident.id)


def test_whoever_comes_first_everything_agrees_afterwards(driver: Driver) -> None:
    driver.deploy(*processes())
    hands = [Hand(driver, number) for number in range(4)]
    until = time.monotonic() + _SECONDS

    threads = [threading.Thread(target=hand.act, args=(until,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hands[0].engine.run_due()

    look(hands[0].engine)
    for hand in hands:
        hand.engine.close()
        assert hand.odd == []
