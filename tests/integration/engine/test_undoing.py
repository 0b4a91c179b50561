"""Undoing on the database: what was done is known after a restart, and undone by work outside, in reverse order."""

from __future__ import annotations

from tests.support.bpmn import process
from tests.support.driver import Driver


def test_a_cancelled_transaction_is_undone_by_workers_after_a_restart(driver: Driver) -> None:
    builder = process("trip").start()
    inside = builder.inner().start("is").service_task("hotel", "hotel").service_task("car", "car").user_task("approve")
    inside.exclusive("x").flow_if("= approved").end("ok").at("x").otherwise().end("no", cancel="yes")
    inside.apart().service_task("un_hotel", "un_hotel").undo("hotel", "un_hotel")
    inside.apart().service_task("un_car", "un_car").undo("car", "un_car")
    builder.sub("booking", inside, transaction=True, inputs={"price": "= 10"}).end()
    builder.boundary("booking", "cancelled", cancel="yes").user_task("tell").end("e2")
    driver.deploy(builder)
    run = driver.start("trip")

    def work(kind: str, **variables: object) -> dict[str, object]:
        (job,) = driver.engine.fetch_jobs(kind, worker="w")
        driver.engine.finish_job(job.id, variables, worker="w")
        return dict(job.variables)

    work("hotel", price=20)
    work("car")
    driver.restart()
    driver.complete("approve", {"approved": False})
    assert driver.engine.fetch_jobs("un_hotel", worker="w") == []
    assert work("un_car")["price"] == 20
    driver.restart()
    assert work("un_hotel")["price"] == 20

    assert driver.open(run) == ["tell"]
    driver.complete("tell")
    assert driver.state(run) == "completed"
    assert driver.engine.verify_audit().verified
