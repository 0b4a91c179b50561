"""Messages reach exactly one receiver exactly once, in time or buffered; signals reach all; both can start runs."""

from __future__ import annotations

import datetime as dt
import threading

from engine import ProcessEngine
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver


def waiting(key: str = "p") -> Builder:
    return process(key).start().catch("wait", message="paid", key_="= order").user_task("after").end()


def test_a_message_goes_to_the_run_that_waits_with_its_key(driver: Driver) -> None:
    driver.deploy(waiting())
    first = driver.start("p", {"order": "1"})
    second = driver.start("p", {"order": "2"})

    message = driver.engine.correlate("paid", "2", {"amount": 5})

    assert message.instance_id == second.id
    assert driver.open(first) == []
    assert driver.open(second) == ["after"]
    assert driver.variables(second)["amount"] == 5


def test_without_keys_in_the_file_a_message_goes_to_the_run_that_has_waited_longest(driver: Driver) -> None:
    bare = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><message id="M" name="paid"/>'
        b'<process id="p" isExecutable="true"><receiveTask id="wait" messageRef="M"/><userTask id="after"/>'
        b'<sequenceFlow id="f" sourceRef="wait" targetRef="after"/></process></definitions>'
    )
    deployed = driver.engine.deploy({"p.bpmn": bare})
    first = driver.start("p")
    second = driver.start("p")

    driver.engine.correlate("paid", "", {"amount": 5})

    assert "found_by_name" in {problem.rule for problem in deployed.warnings}
    assert driver.open(first) == ["after"]
    assert driver.open(second) == []


def test_a_message_that_comes_too_early_waits_for_its_receiver(driver: Driver) -> None:
    driver.deploy(waiting())

    message = driver.engine.correlate("paid", "7", {"amount": 5}, time_to_live=dt.timedelta(hours=1))
    run = driver.start("p", {"order": "7"})
    driver.engine.run_due()

    assert message.state == "buffered"
    assert driver.open(run) == ["after"]


def test_a_message_whose_time_is_over_is_not_delivered(driver: Driver) -> None:
    driver.deploy(waiting())
    driver.engine.correlate("paid", "7", time_to_live=dt.timedelta(hours=1))
    driver.engine.correlate("paid", "8", time_to_live=dt.timedelta(0))
    driver.clock.advance(hours=2)

    late = driver.start("p", {"order": "7"})
    never = driver.start("p", {"order": "8"})
    driver.engine.run_due()

    assert driver.open(late) == driver.open(never) == []


def test_one_message_has_one_receiver_the_next_goes_to_the_next(driver: Driver) -> None:
    driver.deploy(waiting())
    runs = [driver.start("p", {"order": "1"}) for _ in range(3)]

    driver.engine.correlate("paid", "1")
    driver.engine.correlate("paid", "1")

    assert [driver.open(run) for run in runs] == [["after"], ["after"], []]


def test_the_same_message_id_is_the_same_message(driver: Driver) -> None:
    driver.deploy(waiting())
    runs = [driver.start("p", {"order": "1"}) for _ in range(2)]

    first = driver.engine.correlate("paid", "1", message_id="m-1")
    again = driver.engine.correlate("paid", "1", message_id="m-1")

    assert first.id == again.id
    assert [driver.open(run) for run in runs] == [["after"], []]


def test_messages_sent_at_once_reach_as_many_receivers_once_each(driver: Driver) -> None:
    driver.deploy(waiting())
    runs = [driver.start("p", {"order": "1"}) for _ in range(4)]
    engine = driver.engine

    threads = [threading.Thread(target=lambda: engine.correlate("paid", "1")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    driver.engine.run_due()

    assert [driver.kinds(run).count("message_received") for run in runs] == [1] * 4
    later = [driver.start("p", {"order": "1"}) for _ in range(3)]
    driver.engine.run_due()
    assert [driver.open(run) for run in later] == [["after"], ["after"], []]


def test_waiting_and_publishing_at_the_same_moment_never_miss_each_other(driver: Driver) -> None:
    driver.deploy(waiting())
    engine = driver.engine
    other = ProcessEngine.open(driver.url, clock=driver.clock)
    for number in range(15):
        key = f"k{number}"
        threads = [
            threading.Thread(target=lambda key=key: engine.start("p", {"order": key})),
            threading.Thread(target=lambda key=key: other.correlate("paid", key)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    engine.run_due()
    other.close()

    assert driver.open() == ["after"] * 15


def test_a_message_starts_a_run_and_its_key_only_one_at_a_time(driver: Driver) -> None:
    driver.deploy(process("p").start(message="ordered").user_task("work").end())

    driver.engine.correlate("ordered", "A", {"n": 1})
    driver.engine.correlate("ordered", "A", {"n": 2})
    driver.engine.correlate("ordered", "B", {"n": 3})
    assert driver.open() == ["work", "work"]

    first = next(task for task in driver.engine.tasks() if driver.variables(task.instance_id)["n"] == 1)
    driver.engine.complete(first.id)

    assert sorted(driver.variables(task.instance_id)["n"] for task in driver.engine.tasks()) == [2, 3]


def test_a_message_without_key_starts_a_run_each_time(driver: Driver) -> None:
    driver.deploy(process("p").start(message="ordered").user_task("work").end())

    driver.engine.correlate("ordered", "")
    driver.engine.correlate("ordered", "")

    assert driver.open() == ["work", "work"]


def test_only_the_newest_version_is_started_by_its_message(driver: Driver) -> None:
    driver.deploy(process("p").start(message="ordered").user_task("old").end())
    driver.deploy(process("p").start(message="ordered").user_task("new").end())

    driver.engine.correlate("ordered", "1")

    assert driver.open() == ["new"]


def test_a_message_between_runs(driver: Driver) -> None:
    driver.deploy(
        waiting("receiver"),
        process("sender").start().user_task("go").send("tell", message="paid", key_="= order").end(),
    )
    receiver = driver.start("receiver", {"order": "9"})
    sender = driver.start("sender", {"order": "9"})

    driver.complete("go", instance=sender)

    assert driver.state(sender) == "completed"
    assert driver.open(receiver) == ["after"]


def test_a_signal_reaches_every_run_that_listens(driver: Driver) -> None:
    driver.deploy(process("p").start().catch("wait", signal="cutoff").user_task("after").end())
    runs = [driver.start("p") for _ in range(3)]

    receivers = driver.engine.broadcast("cutoff", {"by": "ann"})

    assert receivers == 3
    assert [driver.open(run) for run in runs] == [["after"]] * 3
    assert driver.variables(runs[0])["by"] == "ann"
    assert driver.engine.broadcast("cutoff") == 0


def test_a_signal_starts_runs_and_crosses_from_run_to_run(driver: Driver) -> None:
    driver.deploy(
        process("started").start(signal="go").user_task("work").end(),
        process("listener").start().catch("wait", signal="go").user_task("after").end(),
        process("thrower").start().user_task("ready").throw("shout", signal="go").end(),
    )
    listener = driver.start("listener")
    driver.start("thrower")

    driver.complete("ready")

    assert driver.open(listener) == ["after"]
    assert sorted(driver.open()) == ["after", "work"]


def test_a_message_on_its_way_to_a_run_that_leaves_finds_another_receiver(driver: Driver) -> None:
    driver.configure(inline_jobs=1)
    driver.deploy(waiting())
    first = driver.start("p", {"order": "1"})
    second = driver.start("p", {"order": "1"})

    with driver.engine.unit_of_work() as uow:
        uow.messages.correlate("paid", "1")
        uow.instances.cancel(first.id, reason="withdrawn")
    driver.engine.run_due()

    assert driver.open(second) == ["after"]
