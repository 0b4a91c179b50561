"""A reading is of one moment, from its first question to its last; and a task that is taken on meanwhile is told as it is."""

from __future__ import annotations

import pytest

from engine import ProcessEngine, Task, TaskFilter
from tests.support.bpmn import process
from tests.support.driver import Driver


@pytest.fixture
def work(driver: Driver) -> Task:
    driver.deploy(process("p").start().user_task("work").end())
    driver.start("p", {"n": 1})
    return driver.task("work")


def elsewhere(driver: Driver, task: Task) -> None:
    """Complete a task in another process."""
    other = ProcessEngine.open(driver.url, clock=driver.clock)
    other.complete(task.id)
    other.close()


def test_a_reading_sees_the_moment_of_its_first_question(driver: Driver, work: Task) -> None:
    with driver.engine.reading() as read:
        (listed,) = read.tasks.find(TaskFilter())
        elsewhere(driver, work)

        assert read.tasks.get(listed.id).variables == {"n": 1}
        assert read.instances.get(listed.instance_id).state == "active"
        assert [token.element_id for token in read.instances.tokens(listed.instance_id)] == ["work"]

    assert driver.engine.task(work.id).state == "completed"


def test_a_reading_leaves_the_next_transaction_of_its_connection_as_it_was(driver: Driver, work: Task) -> None:
    with driver.engine.reading() as read:
        read.tasks.find(TaskFilter())

    driver.engine.claim(work.id, "ann")
    driver.engine.complete(work.id, {}, "ann")

    assert driver.engine.task(work.id).completed_by == "ann"


def test_a_task_that_is_finished_while_it_is_looked_at_is_told_as_finished(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver(postgres_url)
    driver.deploy(process("p").start().user_task("work").end())
    driver.start("p", {"n": 1})
    work = driver.task("work")

    with driver.engine.unit_of_work() as uow:  # it may write, so it sees what others commit
        asked = uow.tasks._row

        def row_of_before(task_id: str) -> object:
            found = asked(task_id)
            monkeypatch.undo()
            elsewhere(driver, work)
            return found

        monkeypatch.setattr(uow.tasks, "_row", row_of_before)
        found = uow.tasks.get(work.id)

    assert found.state == "completed"
    driver.close()
