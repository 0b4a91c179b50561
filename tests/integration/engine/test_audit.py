"""The audit chain: whoever alters, removes, moves or cuts lines is found; the database itself refuses to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine import InstanceNotFound, open_database
from tests.support.bpmn import process
from tests.support.driver import Driver


@pytest.fixture
def runs(driver: Driver) -> list[str]:
    driver.deploy(process("p").start().user_task("work").end())
    found = [driver.start("p", {"n": n, "title": "แผน"}).id for n in range(3)]
    for run in found:
        driver.complete("work", {"done": True}, "ann", instance=run)
    assert driver.engine.verify_audit().verified
    return found


def tamper(driver: Driver, act: Callable[[Connection], object]) -> None:
    """Do what an intruder with the database's password would do."""
    engine = open_database(driver.url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for trigger in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER bpm_history_no_{trigger}")
        else:
            connection.exec_driver_sql("ALTER TABLE bpm_history DISABLE TRIGGER ALL")
        act(connection)
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE bpm_history SET actor = 'eve' WHERE instance_id = :run AND seq = 3", 3),
        ("UPDATE bpm_history SET details = '{}' WHERE instance_id = :run AND seq = 1", 1),
        ("UPDATE bpm_history SET at = (SELECT max(at) FROM bpm_history) , element_id = 'x' WHERE instance_id = :run AND seq = 2", 2),
        ("DELETE FROM bpm_history WHERE instance_id = :run AND seq = 2", 2),
        ("DELETE FROM bpm_history WHERE instance_id = :run AND seq = 1", 1),
        ("DELETE FROM bpm_history WHERE instance_id = :run AND seq >= 5", 5),
        ("DELETE FROM bpm_history WHERE instance_id = :run", 1),
    ],
    ids=["actor", "details", "element", "removed", "first removed", "tail cut", "all removed"],
)  # fmt: skip
def test_a_changed_line_is_named(driver: Driver, runs: list[str], statement: str, seq: int) -> None:
    tamper(driver, lambda connection: connection.execute(text(statement), {"run": int(runs[1])}))

    report = driver.engine.verify_audit()

    assert not report.verified
    assert [(finding.instance_id, finding.seq) for finding in report.findings] == [(runs[1], seq)]


def test_lines_that_changed_places_are_named(driver: Driver, runs: list[str]) -> None:
    def swap(connection: Connection) -> None:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            connection.execute(
                text("UPDATE bpm_history SET seq = :new WHERE instance_id = :run AND seq = :old"),
                {"run": int(runs[0]), "old": old, "new": new},
            )

    tamper(driver, swap)

    (finding,) = driver.engine.verify_audit().findings
    assert (finding.instance_id, finding.seq) == (runs[0], 3)


def test_the_database_refuses_to_change_history(driver: Driver, runs: list[str]) -> None:
    engine = open_database(driver.url)
    for statement in ("UPDATE bpm_history SET actor = 'eve'", "DELETE FROM bpm_history"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()

    assert driver.engine.verify_audit().verified


def test_progress_is_told_while_chains_are_verified(driver: Driver, runs: list[str]) -> None:
    told: list[tuple[int, int]] = []

    report = driver.engine.verify_audit(lambda done, total: told.append((done, total)))

    assert told[-1] == (3, 3)
    assert report.instances == 3
    assert report.entries == sum(len(driver.engine.history(run)) for run in runs)


def test_history_comes_in_pages_that_join(driver: Driver, runs: list[str]) -> None:
    whole = driver.engine.history(runs[0])

    paged = []
    while page := driver.engine.history(runs[0], limit=2, after=paged[-1].seq if paged else 0):
        paged += page

    assert paged == whole
    assert all(line.previous_hash == before.hash for before, line in pairwise(whole))


def test_the_latest_lines_of_a_long_history_are_the_last_ones(driver: Driver) -> None:
    driver.deploy(
        process("p").start().user_task("work").exclusive("g").flow_if("= done").end().at("g").otherwise().to("work")
    )
    run = driver.start("p", {"done": False})
    for _ in range(5):
        driver.complete("work", {"done": False})

    with driver.engine.reading() as read:
        whole = read.history.of_instance(run.id)
        latest = read.history.latest(run.id, limit=4)
        completed = read.history.latest(run.id, limit=2, kinds=("task_completed",))
        entered = read.history.entered(run.id)

    assert latest == whole[:-5:-1]
    assert completed == [line for line in reversed(whole) if line.kind == "task_completed"][:2]
    assert entered == {"start", "work", "g"}
    with driver.engine.reading() as read, pytest.raises(InstanceNotFound):
        read.history.latest("999999")
