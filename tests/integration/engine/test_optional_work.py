"""People choose what is done in an ad-hoc sub-process: through the door, under the policy, in the history."""

from __future__ import annotations

import datetime as dt

import pytest

from engine import Actor, Instance, InstanceNotActive, NotAuthorized, Ports, StateConflict
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver


def review() -> Builder:
    builder = process("p").start()
    inside = builder.inner().user_task("ask", name="ขอความเห็น")
    inside._cursor = None
    inside.user_task("visit")
    return builder.ad_hoc("review", inside, until="= enough").user_task("after").end()


def test_somebody_chooses_and_the_history_says_who(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(review())
    run = driver.start("p", {"enough": False})

    (choice,) = driver.engine.choices(run.id)
    assert (choice.element_id, dict(choice.elements)) == ("review", {"ask": "ขอความเห็น", "visit": "visit"})
    driver.engine.activate(run.id, choice.id, ["visit"], actor="somchai")
    driver.engine.activate(run.id, "review", ["ask", "ask"], actor="somchai")
    assert driver.open(run) == ["visit", "ask", "ask"]
    driver.complete("visit", {"enough": True})

    assert driver.open(run) == ["after"]
    told = [entry for entry in driver.engine.history(run.id) if entry.kind == "elements_chosen"]
    assert [(entry.element_id, entry.details["elements"], entry.actor) for entry in told] == [
        ("review", ["visit"], "somchai"),
        ("review", ["ask", "ask"], "somchai"),
    ]
    with pytest.raises(StateConflict):
        driver.engine.activate(run.id, "review", ["ask"])


def test_a_run_that_is_paused_begins_nothing(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(review())
    run = driver.start("p", {"enough": False})
    driver.engine.suspend(run.id)

    with pytest.raises(InstanceNotActive):
        driver.engine.activate(run.id, "review", ["ask"])
    assert driver.open(run) == []


def test_the_policy_decides_who_may_choose() -> None:
    class Policy:
        def check_task(self, *_: object, **__: object) -> None: ...

        def check(self, _session: object, act: str, actor: Actor, _at: dt.datetime, _run: Instance | None) -> None:
            if act == "activate" and actor.id != "head":
                raise NotAuthorized(f"Expected the head to {act}, but {actor.id} tried.")

    driver = Driver("sqlite://", ports=Ports(authority=Policy()))
    driver.deploy(review())
    run = driver.start("p", {"enough": False})
    with pytest.raises(NotAuthorized):
        driver.engine.activate(run.id, "review", ["ask"], actor="clerk")
    driver.engine.activate(run.id, "review", ["ask"], actor="head")

    assert driver.open(run) == ["ask"]
    driver.close()


def test_a_choice_that_is_sent_twice_counts_once(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(review())
    run = driver.start("p", {"enough": False})
    for _ in range(2):
        with driver.engine.unit_of_work("somchai") as uow:
            uow.optional_work.activate(run.id, "review", ["ask"], idempotency_key="once")

    assert driver.open(run) == ["ask"]
