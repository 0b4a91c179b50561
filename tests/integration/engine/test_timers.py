"""Timers: never early, once however many workers run, late with their lateness; cycles after an outage."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from engine import ProcessEngine
from tests.support.bpmn import process
from tests.support.driver import Driver

HOUR = dt.timedelta(hours=1)


def test_a_timer_fires_when_it_is_due_and_not_before(driver: Driver) -> None:
    driver.deploy(process("p").start().catch("wait", timer="PT1H").user_task("after").end())
    run = driver.start("p")

    assert driver.pass_time(minutes=59) == 0
    assert driver.open(run) == []
    assert driver.pass_time(minutes=1) == 1
    assert driver.open(run) == ["after"]
    assert driver.pass_time(days=3) == 0


def test_an_overdue_timer_fires_once_and_history_says_how_late(driver: Driver) -> None:
    driver.deploy(process("p").start().catch("wait", timer="PT1H").user_task("after").end())
    run = driver.start("p")

    assert driver.pass_time(days=3) == 1

    line = next(entry for entry in driver.engine.history(run.id) if entry.kind == "timer_fired")
    assert line.details["late"] == dt.timedelta(days=3) - HOUR


def test_timers_fire_exactly_once_with_several_workers(driver: Driver) -> None:
    driver.deploy(process("p").start().catch("wait", timer="PT1H").user_task("after").end())
    runs = [driver.start("p") for _ in range(30)]
    driver.clock.advance(hours=2)
    workers = [ProcessEngine.open(driver.url, clock=driver.clock) for _ in range(3)]

    threads = [threading.Thread(target=worker.run_due) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    driver.engine.run_due()

    for worker in workers:
        worker.close()
    assert [driver.kinds(run).count("timer_fired") for run in runs] == [1] * 30
    assert all(driver.open(run) == ["after"] for run in runs)
    assert driver.engine.verify_audit().verified


def test_an_interrupting_boundary_timer_takes_the_task_away(driver: Driver) -> None:
    driver.deploy(
        process("p").start().user_task("work").end().boundary("work", "late", timer="P3D").user_task("remind").end("e2")
    )
    run = driver.start("p")
    task = driver.task("work", run)

    driver.pass_time(days=3)

    assert driver.open(run) == ["remind"]
    assert driver.engine.task(task.id).state == "cancelled"


def test_a_completed_task_takes_its_boundary_timer_with_it(driver: Driver) -> None:
    driver.deploy(
        process("p").start().user_task("work").end().boundary("work", "late", timer="P3D").user_task("remind").end("e2")
    )
    run = driver.start("p")
    driver.complete("work")

    assert driver.pass_time(days=4) == 0
    assert driver.state(run) == "completed"


def test_a_start_timer_starts_runs_in_its_rhythm_and_a_newer_version_takes_over(driver: Driver) -> None:
    driver.deploy(process("p").start(cycle="R3/P1D").user_task("work").end())

    driver.pass_time(days=1)
    driver.pass_time(days=1)
    assert len(driver.engine.instances(process_id="p")) == 2
    driver.deploy(process("p").start(cycle="R/P7D").user_task("other").end())
    driver.pass_time(days=1)
    assert len(driver.engine.instances(process_id="p")) == 2
    driver.pass_time(days=6)

    newest = driver.engine.instances(process_id="p")[0]
    assert (newest.version, len(driver.engine.instances(process_id="p"))) == (2, 3)


@pytest.mark.parametrize(("repeats", "fires"), [("R3", 3), ("R", 1)])
def test_after_an_outage_a_counted_rhythm_is_caught_up_and_an_endless_one_fires_once(
    driver: Driver, repeats: str, fires: int
) -> None:
    driver.deploy(
        process("p")
        .start()
        .user_task("work")
        .end()
        .boundary("work", "remind", interrupting=False, cycle=f"{repeats}/PT1H")
        .user_task("told")
        .end("aside")
    )
    run = driver.start("p")

    driver.pass_time(hours=6, minutes=20)

    assert driver.open(run).count("told") == fires
    assert driver.engine.run_due() == 0


@pytest.mark.parametrize("period", ["PT1S", "P1D", "P1M", "P1DT1S"])
def test_a_rhythm_of_seconds_is_taken_up_at_once_after_years(memory_driver: Driver, period: str) -> None:
    driver = memory_driver
    driver.deploy(process("p").start(cycle=f"R/{period}").user_task("work").end())

    assert driver.pass_time(days=3_650) == 1

    assert len(driver.engine.instances(process_id="p")) == 1
    due = driver.engine.earliest_due()
    assert due is not None
    assert driver.clock.now() < due <= driver.clock.now() + dt.timedelta(days=31)
