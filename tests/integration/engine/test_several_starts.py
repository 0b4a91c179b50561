"""A start event that waits for several events: a run begins when all have come, in whatever order, and once."""

from __future__ import annotations

from tests.support.bpmn import Builder, process
from tests.support.driver import Driver


def needing_all() -> Builder:
    builder = process("p").start("on", message="paid").also("on", signal="open", parallel=True)
    return builder.also("on", timer="PT1H").also("on", condition="= ready").user_task("work").end()


def runs(driver: Driver) -> list[str]:
    return [run.id for run in driver.engine.instances(process_id="p")]


def test_a_run_begins_when_all_have_come(driver: Driver) -> None:
    driver.deploy(needing_all())
    driver.engine.correlate("paid", "1", {"amount": 5})
    assert driver.engine.evaluate_conditions({"ready": True}) == []
    driver.engine.broadcast("open", {"by": "somsri"})
    driver.restart()
    assert runs(driver) == []
    driver.pass_time(hours=1)

    (run,) = runs(driver)
    assert driver.variables(run) == {"amount": 5, "ready": True, "by": "somsri"}
    assert driver.open(run) == ["work"]
    driver.engine.broadcast("open")
    assert runs(driver) == [run], "what has come is used once"


def test_messages_go_together_by_their_key_and_a_new_version_begins_anew(driver: Driver) -> None:
    builder = process("p").start("on", message="paid").also("on", message="sent", parallel=True).user_task("work").end()
    driver.deploy(builder)
    driver.engine.correlate("paid", "1", {"paid": 1})
    driver.engine.correlate("sent", "2", {"sent": 2})
    assert runs(driver) == []
    message = driver.engine.correlate("sent", "1", {"sent": 1})
    assert message.state == "delivered"
    (run,) = runs(driver)
    assert driver.variables(run) == {"paid": 1, "sent": 1}

    driver.complete("work")
    driver.deploy(builder.at("work").task("more").end("e2"))
    driver.engine.correlate("paid", "2")
    assert runs(driver) == [run]
    driver.engine.correlate("sent", "2")
    assert len(runs(driver)) == 2
