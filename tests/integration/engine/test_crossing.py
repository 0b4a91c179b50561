"""What is on its way while its receiver goes, wakes or frees itself in another transaction arrives once or not at all.

SQLite has one writer at a time, so these can only happen on PostgreSQL.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine import ProcessEngine, UnitOfWork
from engine.execution import correlation
from tests.support.bpmn import process
from tests.support.driver import Driver

_LONG_ENOUGH = 0.4  # seconds in which the other transaction comes to where it must wait


@pytest.fixture
def office(postgres_url: str) -> Iterator[Driver]:
    driver = Driver(postgres_url)
    yield driver
    driver.close()


@contextmanager
def open_transaction(driver: Driver, act: Callable[[UnitOfWork], object]) -> Iterator[None]:
    """Do an act in another thread, whose transaction stays open for a while."""
    other = ProcessEngine.open(driver.url, clock=driver.clock)
    acted = threading.Event()

    def hold() -> None:
        with other.unit_of_work() as uow:
            act(uow)
            acted.set()
            time.sleep(_LONG_ENOUGH)

    thread = threading.Thread(target=hold)
    thread.start()
    assert acted.wait(10)
    yield
    thread.join()
    other.close()
    driver.engine.run_due()


def arrivals(driver: Driver, runs: list[str]) -> int:
    return sum(driver.kinds(run).count("message_received") for run in runs)


def test_a_message_whose_receiver_is_just_leaving_goes_to_one_other(office: Driver) -> None:
    waits = process("p").start().user_task("work").user_task("rest").end()
    waits.boundary("work", "paid", message="paid", key_='= "1"').user_task("after").end("e2")
    office.deploy(waits)
    runs = [office.start("p").id for _ in range(3)]

    with open_transaction(office, lambda uow: uow.messages.correlate("paid", "1")):
        office.complete("work", instance=runs[0])

    assert arrivals(office, runs) == 1
    assert [office.open(run) for run in runs] == [["rest"], ["after"], ["work"]]


def test_a_message_for_a_run_that_is_just_resumed_arrives(office: Driver) -> None:
    office.deploy(process("p").start().catch("wait", message="paid", key_='= "1"').user_task("after").end())
    run = office.start("p")
    office.engine.suspend(run.id)

    with open_transaction(office, lambda uow: uow.instances.resume(run.id)):
        office.engine.correlate("paid", "1")

    assert office.open(run) == ["after"]


def test_a_signal_for_a_run_that_is_just_resumed_arrives(office: Driver) -> None:
    office.deploy(process("p").start().catch("wait", signal="go").user_task("after").end())
    run = office.start("p")
    office.engine.suspend(run.id)

    with open_transaction(office, lambda uow: uow.instances.resume(run.id)):
        office.engine.broadcast("go")

    assert office.open(run) == ["after"]


def test_a_buffered_message_goes_to_a_wait_that_frees_itself_or_to_a_new_one(
    office: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    listens = process("p").start().user_task("work").end()
    office.deploy(listens.boundary("work", "paid", interrupting=False, message="paid", key_='= "1"').end("e2"))
    office.deploy(process("q").start().user_task("begin").catch("wait", message="paid", key_='= "1"').end())
    office.configure(inline_jobs=1)
    old, new = office.start("p").id, office.start("q").id
    with office.engine.unit_of_work() as uow:
        uow.messages.correlate("paid", "1", {"number": 1})
        uow.messages.correlate("paid", "1", {"number": 2})  # the wait is taken: it is buffered
        (first, *_) = uow.woken
        uow.woken.clear()
    (begin,) = office.engine.tasks(instance_id=new)
    release = correlation.release_subscription

    def release_beside(*arguments: object) -> None:
        monkeypatch.undo()
        with open_transaction(office, lambda uow: uow.tasks.complete(begin.id)):
            release(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(correlation, "release_subscription", release_beside)
    office.engine.run_job(first)
    office.engine.run_due()

    assert arrivals(office, [old, new]) == 2


def test_the_end_of_a_child_whose_caller_is_just_leaving_it_is_no_failure(office: Driver) -> None:
    call = process("p").start().call("call", "child").end().boundary("call", "late", timer="PT1H").user_task("after")
    office.deploy(process("child").start().user_task("inner").end(), call.end("e2"))
    run = office.start("p")
    (inner,) = office.engine.tasks()
    office.clock.advance(hours=2)

    with open_transaction(office, lambda uow: uow.tasks.complete(inner.id)):
        office.engine.run_due()

    assert office.open() == ["after"]
    with office.engine.reading() as read:
        assert read.jobs.find(instance_id=run.id) == []
    assert office.kinds(run).count("job_failed") == 0
