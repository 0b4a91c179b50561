"""A name is taken out of everything that the engine keeps, and every chain still proves itself; nothing else may change."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine import Actor, InstanceState
from tests.support.bpmn import process
from tests.support.driver import Driver

NAME = 'นายสมชาย "ชาย" ใจดี'
INSTEAD = "[บุคคล 7F3A]"
OFFICER = Actor("p-1", "governor@TH-52")


def talk(driver: Driver, opinions: int = 2) -> str:
    """Run a process in which a name is said; the last task stays open."""
    talk = process("talk").start()
    for number in range(opinions):
        talk = talk.user_task(f"ask{number}")
    driver.deploy(talk.user_task("last").end())
    run = driver.start("talk", {"speaker": NAME, "n": 1})
    for number in range(opinions):
        (task,) = driver.engine.tasks(instance_id=run.id)
        driver.engine.complete(task.id, {"opinion": {"by": NAME, "said": f"{number}: {NAME} เห็นด้วย"}}, OFFICER)
    return run.id


def erase(driver: Driver, reason: str = "คำขอของเจ้าของข้อมูล") -> int:
    with driver.engine.unit_of_work(OFFICER) as uow:
        return uow.erasure.erase(NAME, INSTEAD, reason=reason)


def everything(driver: Driver) -> str:
    """Return all rows of all tables of the engine as text."""
    said = []
    with driver.engine.reading() as read:
        for table in ("bpm_history", "bpm_process_instance", "bpm_state_part", "bpm_job", "bpm_message", "bpm_command"):
            for row in read.session.execute(text(f"SELECT * FROM {table}")):
                said += [
                    bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                    for value in row
                ]
    return "\n".join(said)


def test_a_name_is_gone_and_the_chains_hold(driver: Driver) -> None:
    run = talk(driver)
    assert "สมชาย" in everything(driver)

    lines = erase(driver)

    assert lines >= 3
    assert "สมชาย" not in everything(driver)
    assert driver.engine.verify_audit().verified
    (last,) = [entry for entry in driver.engine.history(run, limit=100) if entry.kind == "values_erased"]
    assert (last.actor, last.capacity) == ("p-1", "governor@TH-52")
    assert last.details["reason"] == "คำขอของเจ้าของข้อมูล"
    assert len(last.details["lines"]) == lines


def test_what_was_said_beside_the_name_stays_and_the_run_goes_on(driver: Driver) -> None:
    run = talk(driver)

    erase(driver)
    (task,) = driver.engine.tasks(instance_id=run)
    driver.engine.complete(task.id, {"closing": NAME}, OFFICER)

    with driver.engine.reading() as read:
        instance = read.instances.get(run)
    assert instance.state is InstanceState.COMPLETED
    assert instance.variables["opinion"] == {"by": INSTEAD, "said": f"1: {INSTEAD} เห็นด้วย"}
    assert instance.variables["closing"] == NAME  # said again since
    assert erase(driver) >= 1
    assert "สมชาย" not in everything(driver)
    assert driver.engine.verify_audit().verified


def test_two_names_in_one_line_may_go_at_different_times(driver: Driver) -> None:
    talk(driver)
    erase(driver)

    with driver.engine.unit_of_work(OFFICER) as uow:
        uow.erasure.erase("เห็นด้วย", "[ตัดออก]", reason="ทดสอบ")

    assert driver.engine.verify_audit().verified


@pytest.mark.parametrize("column", ["details", "actor", "capacity", "kind", "element_id"])
def test_a_line_that_was_attested_may_not_change_once_more(driver: Driver, column: str) -> None:
    run = talk(driver)
    erase(driver)
    (attests,) = [entry for entry in driver.engine.history(run, limit=100) if entry.kind == "values_erased"]
    seq = min(int(line) for line in attests.details["lines"])

    with driver.engine._database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER bpm_history_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE bpm_history DISABLE TRIGGER ALL")
        connection.execute(
            text(f"UPDATE bpm_history SET {column} = '{{}}' WHERE seq = :seq AND instance_id = :run"),
            {"seq": seq, "run": int(run)},
        )

    (finding,) = driver.engine.verify_audit().findings
    assert (finding.instance_id, finding.seq) == (run, seq)


def test_the_database_lets_nothing_else_be_changed(driver: Driver) -> None:
    run = talk(driver)
    erase(driver)
    (attests,) = [entry for entry in driver.engine.history(run, limit=100) if entry.kind == "values_erased"]
    erased = int(min(attests.details["lines"], key=int))
    for statement in (
        f"UPDATE bpm_history SET actor = 'eve' WHERE seq = {erased}",
        f"UPDATE bpm_history SET hash = previous.hash FROM bpm_history AS previous WHERE bpm_history.seq = {erased} AND previous.seq = 2",
        f"UPDATE bpm_history SET details = '{{}}' WHERE seq = {attests.seq}",
        "UPDATE bpm_history SET details = '{}' WHERE kind = 'task_created'",
        f"DELETE FROM bpm_history WHERE seq = {erased}",
    ):
        with pytest.raises((IntegrityError, DBAPIError)), driver.engine._database.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    assert driver.engine.verify_audit().verified


def test_a_few_signs_are_too_few_to_take_out(memory_driver: Driver) -> None:
    with memory_driver.engine.unit_of_work(OFFICER) as uow, pytest.raises(ValueError, match="at least 4"):
        uow.erasure.erase("นาย", INSTEAD, reason="")


def test_where_a_name_stands_is_counted_before(driver: Driver) -> None:
    talk(driver)

    with driver.engine.reading() as read:
        found = {each.table: each.rows for each in read.erasure.find(NAME)}

    assert found["bpm_history"] >= 3
    assert found["bpm_state_part"] >= 1
