"""The host hears every fact in the transaction that made it true, and may have them kept for sending."""

from __future__ import annotations

import pytest

from engine import events
from tests.support.bpmn import process
from tests.support.driver import Driver


def test_listeners_hear_of_every_step_in_order(driver: Driver) -> None:
    heard: list[events.Event] = []
    driver.plug(listeners=(lambda _session, event, _now: heard.append(event),))
    driver.deploy(process("p").start().user_task("work", groups="planner", due="P5D").end())

    run = driver.start("p", {}, "key", actor="ann")
    task = driver.task("work", run)
    driver.engine.claim(task.id, "bob")
    driver.engine.release(task.id, "bob")
    driver.engine.assign(task.id, "bob", "ann")
    driver.engine.complete(task.id, {"x": 1}, "bob", outcome="approved", comment="ok")

    names = [type(event).__name__ for event in heard if not isinstance(event, events.ElementEntered)]
    assert names == [
        "DefinitionDeployed",
        "InstanceStarted",
        "TaskCreated",
        "TaskClaimed",
        "TaskReleased",
        "TaskAssigned",
        "TaskCompleted",
        "InstanceEnded",
    ]
    created = next(event for event in heard if isinstance(event, events.TaskCreated))
    assert (created.task_id, created.instance_id, created.business_key) == (task.id, run.id, "key")
    assert (created.candidate_groups, created.due_at, created.due_date) == (("planner",), task.due_at, "P5D")
    completed = next(event for event in heard if isinstance(event, events.TaskCompleted))
    assert (completed.actor, completed.outcome, completed.comment) == ("bob", "approved", "ok")


def test_a_listener_that_refuses_undoes_the_whole_command(driver: Driver) -> None:
    class Refused(Exception):
        pass

    def refuse(_session, event, _now) -> None:
        if isinstance(event, events.TaskCompleted):
            raise Refused

    driver.plug(listeners=(refuse,))
    driver.deploy(process("p").start().user_task("work").end())
    run = driver.start("p")

    with pytest.raises(Refused):
        driver.complete("work")

    assert driver.open(run) == ["work"]
    assert "task_completed" not in driver.kinds(run)


def test_facts_the_host_asks_for_are_kept_until_they_are_sent(driver: Driver) -> None:
    driver.configure(outbox=frozenset({"TaskCreated"}))
    driver.deploy(process("p").start().user_task("work").end())
    run = driver.start("p")

    with driver.engine.unit_of_work() as uow:
        (entry,) = uow.outbox.take()
        uow.outbox.put("mail", {"to": "ann"})
        uow.outbox.sent([entry.id])

    assert (entry.topic, entry.payload["instance_id"]) == ("TaskCreated", run.id)
    with driver.engine.unit_of_work() as uow:
        assert [found.topic for found in uow.outbox.take()] == ["mail"]
