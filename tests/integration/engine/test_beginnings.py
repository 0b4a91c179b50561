"""Where runs begin: several start events, receive tasks and event-based gateways that start a process."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.errors import InvalidArgument
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver


def several() -> Builder:
    builder = process("p").start("by_hand").user_task("one").end("e1")
    builder.start("told", message="go").user_task("two").end("e2")
    builder.start("heard", signal="all").user_task("three").end("e3")
    builder.start("daily", cycle="R/P1D").user_task("four").end("e4")
    return builder.start("else").user_task("five").end("e5")


def test_each_start_event_begins_a_run_of_its_own(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(several())

    driver.engine.correlate("go", "")
    driver.engine.broadcast("all")
    driver.clock.advance(days=1)
    driver.engine.run_due()
    driver.engine.start("p", start_event="by_hand")
    driver.engine.start("p", start_event="else")

    found = [driver.open(run) for run in driver.engine.instances(process_id="p")]
    assert sorted(found) == [["five"], ["four"], ["one"], ["three"], ["two"]]


def test_plain_start_events_begin_together_when_none_is_named(memory_driver: Driver) -> None:
    memory_driver.deploy(several())

    assert sorted(memory_driver.open(memory_driver.start("p"))) == ["five", "one"]


@pytest.mark.parametrize("element", ["told", "one", "nothing"])
def test_only_a_plain_start_event_can_be_named(memory_driver: Driver, element: str) -> None:
    memory_driver.deploy(several())

    with pytest.raises(InvalidArgument):
        memory_driver.engine.start("p", start_event=element)


def test_a_receive_task_starts_a_run_by_its_message(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(process("p").receive("ask", message="asked", starts=True).user_task("answer").end())

    driver.engine.correlate("asked", "k", {"what": 1})

    (run,) = driver.engine.instances(process_id="p")
    assert driver.open(run) == ["answer"]
    assert driver.variables(run) == {"what": 1}
    assert [entry.element_id for entry in driver.engine.history(run.id) if entry.kind == "element_entered"] == [
        "ask",
        "answer",
    ]


def test_a_receive_task_behind_a_start_event_is_begun_by_its_message_and_waits_when_begun_by_hand(
    memory_driver: Driver,
) -> None:
    driver = memory_driver
    builder = process("p").start().receive("ask", message="asked", key_="= k", starts=True).user_task("answer").end()
    driver.deploy(builder)

    driver.engine.correlate("asked", "new")
    waiting = driver.start("p", {"k": "mine"})
    driver.engine.correlate("asked", "mine")

    runs = driver.engine.instances(process_id="p")
    assert len(runs) == 2
    assert driver.open(waiting) == ["answer"]
    assert all(driver.open(run) == ["answer"] for run in runs)


def test_the_first_of_the_events_behind_a_gateway_starts_a_run(memory_driver: Driver) -> None:
    driver = memory_driver
    builder = process("p").event_gateway("g", starts=True).catch("m", message="paid").user_task("a").end("e1")
    driver.deploy(builder.at("g").catch("s", signal="all").user_task("b").end("e2"))

    driver.engine.broadcast("all")
    driver.engine.correlate("paid", "", {"amount": 5})

    runs = driver.engine.instances(process_id="p")
    assert [driver.open(run) for run in runs] == [["a"], ["b"]]
    assert driver.variables(runs[0]) == {"amount": 5}


def test_a_parallel_gateway_starts_a_run_that_waits_for_the_other_events(memory_driver: Driver) -> None:
    driver = memory_driver
    builder = process("p").event_gateway("g", starts=True, type="Parallel").receive("a", message="one", key_="= k")
    builder.user_task("after_a").end("e1").at("g").receive("b", message="two", key_="= k").user_task("after_b").end(
        "e2"
    )
    driver.deploy(builder)

    driver.engine.correlate("two", "7", {"k": "7"})
    (run,) = driver.engine.instances(process_id="p")
    assert driver.open(run) == ["after_b"]
    driver.engine.correlate("one", "7", time_to_live=dt.timedelta(0))

    assert len(driver.engine.instances(process_id="p")) == 1
    assert sorted(driver.open(run)) == ["after_a", "after_b"]
    for task in driver.engine.tasks(instance_id=run.id):
        driver.engine.complete(task.id)
    assert driver.engine.instance(run.id).state == "completed"


def test_event_sub_processes_listen_however_the_run_has_begun(memory_driver: Driver) -> None:
    driver = memory_driver
    builder = process("p").start().user_task("a").end()
    builder._cursor = None
    builder.event_gateway("g", starts=True, type="Parallel").receive("m", message="one", key_="= k").end("e1")
    builder.at("g").receive("n", message="two", key_="= k").end("e2")
    builder._cursor = None
    builder.user_task("beside").end("e3")
    handler = builder.inner().start("stop", signal="all").user_task("cleared").end("over")
    driver.deploy(builder.sub("handler", handler, event=True))

    by_hand = driver.start("p")
    driver.engine.correlate("one", "7", {"k": "7"})
    told = next(run for run in driver.engine.instances(process_id="p") if run.id != by_hand.id)
    assert sorted(driver.open(by_hand)) == ["a", "beside"]
    assert driver.open(told) == ["beside"]
    driver.engine.broadcast("all")

    assert driver.open(by_hand) == driver.open(told) == ["cleared"]
