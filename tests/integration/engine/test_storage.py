"""The database: in memory, full, busy, gone and back; limits of one step; long loops."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal

import pytest
from sqlalchemy import text

from engine import DatabaseUnavailable, EngineConfig, ProcessEngine
from tests.support.bpmn import process
from tests.support.driver import Driver
from web.bench.throwaway_postgres import Postgres

EXACT: dict[str, object] = {
    "budget": Decimal("1234567890.10"),
    "due": dt.date(2027, 9, 30),
    "at": dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC),
    "ชื่อ": "แผนพัฒนาจังหวัดลำปาง",
    "len": 0,
    "typename": False,
    "ลำดับ": [1, 2.5, None, {"$decimal": "no tag"}],
}


def test_variables_survive_storage_exactly(driver: Driver) -> None:
    driver.deploy(process("p").start().user_task("work").end())
    run = driver.start("p", EXACT)
    driver.restart()

    assert driver.variables(run) == EXACT
    assert type(driver.variables(run)["len"]) is not bool
    assert driver.variables(run)["typename"] is False
    driver.complete("work", {"budget": Decimal("0.10")})
    assert str(driver.variables(run)["budget"]) == "0.10"


def test_an_engine_in_memory_works_alike() -> None:
    engine = ProcessEngine.open()
    engine.deploy(process("p").start().user_task("work").end().file())

    run = engine.start("p", {"n": 1})
    engine.complete(engine.tasks()[0].id)

    assert engine.instance(run.id).state == "completed"
    engine.close()


def test_a_busy_database_is_told_clearly_and_changes_nothing(sqlite_url: str) -> None:
    driver = Driver(sqlite_url, config=EngineConfig(busy_timeout_ms=100))
    driver.deploy(process("p").start().user_task("work").end())
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseUnavailable) as refused:
        driver.start("p")
    other.execute("ROLLBACK")
    other.close()

    assert refused.value.facts["reason"] == "busy"
    assert driver.start("p").state == "active"
    driver.close()


def test_a_full_disk_is_told_clearly_and_work_goes_on_when_there_is_room(sqlite_url: str) -> None:
    driver = Driver(sqlite_url)
    driver.deploy(process("p").start().user_task("work").end())
    run = driver.start("p")
    with driver.engine.reading() as reading:  # the pool's only connection is limited
        pages = reading.session.execute(text("PRAGMA page_count")).scalar_one()
        reading.session.execute(text(f"PRAGMA max_page_count = {pages + 1}"))
    task = driver.task("work", run)

    with pytest.raises(DatabaseUnavailable) as refused:
        driver.engine.complete(task.id, {"x": "ก" * 500_000})

    assert refused.value.facts["reason"] == "disk_full"
    assert driver.open(run) == ["work"]
    driver.restart()
    driver.complete("work", {"x": "ก" * 500_000})
    assert driver.state(run) == "completed"
    driver.close()


def test_a_database_that_goes_away_and_comes_back_is_survived(postgres: Postgres, postgres_url: str) -> None:
    driver = Driver(postgres_url)
    driver.deploy(process("p").start().user_task("work").end())
    run = driver.start("p")

    with driver.engine.reading() as reading:
        kill = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")  # fmt: skip
        reading.session.execute(kill)
    task = driver.task("work", run)

    def lose_the_connection() -> None:
        with driver.engine.unit_of_work() as uow:
            uow.tasks.complete(task.id)
            uow.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseUnavailable):
        lose_the_connection()

    assert driver.open(run) == ["work"]
    driver.complete("work")
    assert driver.state(run) == "completed"
    driver.close()


def test_a_long_loop_goes_on_in_several_transactions(memory_driver: Driver) -> None:
    driver = memory_driver
    driver.deploy(
        process("p")
        .start()
        .user_task("go")
        .script("count", "= n + 1", "n")
        .exclusive("more")
        .flow_if("= n < 10000")
        .to("count")
        .at("more")
        .otherwise()
        .user_task("after")
        .end()
    )
    run = driver.start("p", {"n": 0})

    driver.complete("go")
    driver.engine.run_due()

    assert driver.open(run) == ["after"]
    assert driver.variables(run)["n"] == 10_000
    assert driver.engine.verify_audit().verified


def test_an_endless_loop_becomes_an_incident_and_keeps_what_the_person_did(memory_driver: Driver) -> None:
    driver = memory_driver.configure(step_budget=50, steps_without_wait=500)
    driver.deploy(
        process("p").start().user_task("go").script("count", "= n + 1", "n").exclusive("g").flow_if("= n < 0").end().at("g").otherwise().to("count")
    )  # fmt: skip
    run = driver.start("p", {"n": 0})

    driver.complete("go", actor="ann")
    driver.engine.run_due()

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert incident.code == "step_limit"
    assert driver.kinds(run).count("task_completed") == 1


def test_a_loop_of_people_costs_the_same_at_every_turn(driver: Driver) -> None:
    driver.deploy(
        process("p").start().user_task("work").exclusive("g").flow_if("= done").end().at("g").otherwise().to("work")
    )
    run = driver.start("p", {"done": False})
    sizes = []
    for _ in range(30):
        driver.complete("work", {"done": False})
        with driver.engine.reading() as reading:
            sizes.append(reading.session.execute(text("SELECT sum(length(data)) FROM bpm_state_part")).scalar_one())

    assert max(sizes) - min(sizes) <= 16, sizes
    driver.complete("work", {"done": True})
    assert driver.state(run) == "completed"
