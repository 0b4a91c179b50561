"""Event sub-processes on the database: their subscriptions and timers come and go with their scope."""

from __future__ import annotations

from tests.support.bpmn import Builder, process
from tests.support.driver import Driver


def office(*, interrupting: bool) -> Builder:
    builder = process("p").start().user_task("work").end()
    for name, event in {
        "told": {"message": "tell", "key_": "= order"},
        "late": {"cycle": "R/P1D"} if not interrupting else {"timer": "P1D"},
        "alarm": {"signal": "alarm"},
    }.items():
        inside = (
            builder.inner().start(f"on_{name}", interrupting=interrupting, **event).user_task(name).end(f"e_{name}")
        )
        builder.sub(f"sub_{name}", inside, event=True)
    return builder


def test_handlers_beside_the_process_run_as_often_as_their_events_come(driver: Driver) -> None:
    driver.deploy(office(interrupting=False))
    run = driver.start("p", {"order": "1"})
    for amount in (1, 2):
        assert driver.engine.correlate("tell", "1", {"amount": amount}).instance_id == run.id
    assert driver.engine.broadcast("alarm") == 1
    driver.pass_time(days=1)
    driver.pass_time(days=1)
    assert sorted(driver.open(run)) == ["alarm", "late", "late", "told", "told", "work"]
    assert driver.variables(run)["amount"] == 2

    for task in driver.engine.tasks(instance_id=run.id):
        driver.engine.complete(task.id)

    assert driver.state(run) == "completed"
    assert driver.engine.broadcast("alarm") == 0
    assert driver.engine.correlate("tell", "1").state == "buffered"
    assert driver.pass_time(days=3) == 0
    assert driver.engine.verify_audit().verified


def test_an_interrupting_one_takes_tasks_timers_and_subscriptions_away(driver: Driver) -> None:
    driver.deploy(office(interrupting=True))
    run = driver.start("p", {"order": "1"})
    driver.engine.broadcast("alarm")

    assert driver.open(run) == ["alarm"]
    assert driver.engine.correlate("tell", "1").state == "buffered"
    assert driver.pass_time(days=3) == 0
    driver.complete("alarm")
    assert driver.state(run) == "completed"


def test_a_key_that_cannot_be_worked_out_stops_the_listener_alone(driver: Driver) -> None:
    driver.deploy(office(interrupting=False))
    run = driver.start("p")
    driver.engine.run_due()

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert incident.element_id == "on_told"
    assert driver.open(run) == ["work"]
    driver.engine.set_variables(run.id, {"order": "1"})
    driver.engine.run_due()
    assert driver.engine.incidents(instance_id=run.id) == []
    driver.engine.correlate("tell", "1")
    assert sorted(driver.open(run)) == ["told", "work"]


def test_processes_begin_by_what_is_the_case_and_tasks_end_by_it(driver: Driver) -> None:
    dry = process("dry").start("on", condition="= rain < 10").user_task("water").end()
    dry.boundary("water", "wet", condition="= rain >= 10").user_task("rest").end("e2")
    driver.deploy(dry)
    assert driver.engine.evaluate_conditions({"rain": 20}) == []
    assert driver.engine.evaluate_conditions({}) == []
    (run,) = driver.engine.evaluate_conditions({"rain": 5}, business_key="TH-52")
    assert driver.engine.instance(run).business_key == "TH-52"
    assert driver.open(run) == ["water"]

    driver.engine.set_variables(run, {"rain": 12})
    driver.engine.run_due()
    assert driver.open(run) == ["rest"]
    driver.complete("rest")
    assert driver.state(run) == "completed"
