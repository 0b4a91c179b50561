"""The host's duties: done with what is due, each batch a unit of work; one that fails stands in nobody's way."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine import EngineConfig, Ports, ProcessEngine, UnitOfWork, Worker
from tests.support.bpmn import process
from tests.support.driver import Driver

if TYPE_CHECKING:
    import pytest


class Reminders:
    """A duty with moments at which something is due."""

    def __init__(self, *moments: dt.datetime, batch: int = 1) -> None:
        self.waiting = sorted(moments)
        self.done: list[tuple[dt.datetime, dt.datetime]] = []  # due, when
        self.broken = False
        self._batch = batch

    def earliest(self, _session: Session) -> dt.datetime | None:
        return self.waiting[0] if self.waiting else None

    def run(self, uow: UnitOfWork) -> int:
        if self.broken:
            raise RuntimeError("the host is broken")
        due = [moment for moment in self.waiting if moment <= uow.now][: self._batch]
        self.waiting = self.waiting[len(due) :]
        self.done += [(moment, uow.now) for moment in due]
        return len(due)


def test_what_is_due_of_a_duty_runs_in_batches_and_not_before(driver: Driver) -> None:
    start = driver.clock.now()
    hours = [start + dt.timedelta(hours=number) for number in (1, 2, 3)]
    duty = Reminders(*hours)
    driver.plug(duties=(duty,))

    early = driver.engine.run_due()
    done = driver.pass_time(hours=2)

    assert (early, done) == (0, 2)
    assert duty.done == [(hours[0], hours[1]), (hours[1], hours[1])]


def test_the_next_due_moment_is_that_of_jobs_and_duties(driver: Driver) -> None:
    start = driver.clock.now()
    duty = Reminders(start + dt.timedelta(hours=5))
    driver.plug(duties=(duty,))
    driver.deploy(process("p").start().catch("wait", timer="PT8H").end())

    alone = driver.engine.earliest_due()
    driver.start("p")
    both = driver.engine.earliest_due()
    driver.pass_time(hours=5)

    assert alone == both == start + dt.timedelta(hours=5)
    assert driver.engine.earliest_due() == start + dt.timedelta(hours=8)


def test_a_duty_acts_on_processes_and_what_it_causes_runs_after_it(driver: Driver) -> None:
    class Starter(Reminders):
        def run(self, uow: UnitOfWork) -> int:
            done = super().run(uow)
            if done:
                uow.instances.start("p", {}, "by duty")
            return done

    driver.deploy(
        process("child").start().user_task("inner").end(),
        process("p").start().call("down", "child").user_task("x").end(),
    )
    driver.plug(duties=(Starter(driver.clock.now()),))

    driver.engine.run_due()

    assert driver.open() == ["inner"]


def test_what_a_duty_makes_due_at_once_is_done_in_the_same_run(driver: Driver) -> None:
    class Starter(Reminders):
        def run(self, uow: UnitOfWork) -> int:
            done = super().run(uow)
            if done:
                uow.instances.start("p")
            return done

    driver.deploy(process("p").start().catch("wait", timer="PT0S").user_task("after").end())
    driver.plug(duties=(Starter(driver.clock.now()),))

    driver.engine.run_due()

    assert driver.open() == ["after"]


def test_a_duty_that_fails_stops_neither_jobs_nor_other_duties(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    moment = driver.clock.now() + dt.timedelta(hours=1)
    broken, sound = Reminders(moment), Reminders(moment)
    broken.broken = True
    driver.plug(duties=(broken, sound))
    driver.deploy(process("p").start().catch("wait", timer="PT1H").user_task("after").end())
    driver.start("p")

    driver.pass_time(hours=1)

    assert driver.open() == ["after"]
    assert [due for due, _ in sound.done] == [moment]
    assert "duty_failed" in caplog.text
    assert driver.engine.earliest_due() is None, "no worker turns round and round on it"
    broken.broken = False
    driver.engine.run_due()
    assert [due for due, _ in broken.done] == [moment]


def test_a_duty_that_cannot_say_when_is_asked_again(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    class Silent(Reminders):
        def earliest(self, session: Session) -> dt.datetime | None:
            if self.broken:
                raise RuntimeError("no answer")
            return super().earliest(session)

    duty = Silent(driver.clock.now())
    duty.broken = True
    driver.plug(duties=(duty,))

    silent = (driver.engine.run_due(), driver.engine.earliest_due())
    duty.broken = False

    assert silent == (0, None)
    assert "duty_unreadable" in caplog.text
    assert driver.engine.run_due() == 1


def test_what_a_failed_batch_wrote_is_undone(driver: Driver) -> None:
    class Half(Reminders):
        def run(self, uow: UnitOfWork) -> int:
            uow.instances.start("p")
            return super().run(uow)

    duty = Half(driver.clock.now())
    duty.broken = True
    driver.deploy(process("p").start().user_task("work").end())
    driver.plug(duties=(duty,))

    driver.engine.run_due()

    assert driver.engine.instances() == []


def test_the_worker_does_a_duty_at_its_moment_not_at_the_next_beat(sqlite_url: str) -> None:
    opened = ProcessEngine.open(sqlite_url)
    duty = Reminders(opened.clock.now() + dt.timedelta(seconds=0.4))
    opened.close()
    engine = ProcessEngine.open(
        sqlite_url, ports=Ports(duties=(duty,)), config=EngineConfig(heartbeat=dt.timedelta(seconds=60))
    )
    worker = Worker(engine)
    worker.start()

    end = time.monotonic() + 10
    while not duty.done and time.monotonic() < end:
        time.sleep(0.02)

    worker.stop()
    engine.close()
    assert len(duty.done) == 1
