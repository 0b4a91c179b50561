"""One command, one transaction: exactly one of two wins, a repetition is answered alike, a rejection changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import MetaData, select

from engine import (
    Actor,
    EngineError,
    IdempotencyMismatch,
    InstanceNotFound,
    InvalidVariables,
    LimitExceeded,
    NotAuthorized,
    ProcessNotFound,
    StateConflict,
    TaskAlreadyClaimed,
    TaskFilter,
    TaskNotActive,
    TaskNotFound,
    TaskState,
    UnitOfWork,
    open_database,
)
from tests.support.bpmn import Builder, process
from tests.support.driver import Driver


def approval() -> Builder:
    return (
        process("approval")
        .start()
        .user_task("draft", groups="planner", name="ร่างแผน")
        .exclusive("complete_enough")
        .flow_if("= approved")
        .user_task("sign", groups="governor")
        .end()
        .at("complete_enough")
        .otherwise()
        .to("draft")
    )


def contents(driver: Driver) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the database holds."""
    engine = open_database(driver.url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def together(*acts: Callable[[], object]) -> list[object]:
    """Do acts in threads at once; return what each returned or raised."""
    results: list[object] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = acts[number]()
        except EngineError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_process_runs_from_deployment_to_its_end(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval", {"title": "แผนพัฒนาจังหวัด"}, "TH-52/2570", actor="somchai")

    driver.complete("draft", {"approved": False}, "somchai")
    driver.complete("draft", {"approved": True}, "somchai", comment="ครบถ้วน", outcome="approved")
    driver.complete("sign", actor="governor")

    ended = driver.engine.instance(run.id)
    assert ended.state == "completed"
    assert ended.variables == {"title": "แผนพัฒนาจังหวัด", "approved": True}
    assert driver.path(run) == [
        "start", "draft", "complete_enough", "draft", "complete_enough", "sign", "end",
    ]  # fmt: skip
    assert driver.engine.verify_audit().verified


def test_history_says_who_did_what_with_which_words(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval", actor="somchai")

    planner = Actor("somsri", "รักษาราชการแทน", frozenset({"planner"}))
    driver.complete("draft", {"approved": True}, planner, comment="ครบถ้วน", outcome="approved")

    line = next(entry for entry in driver.engine.history(run.id) if entry.kind == "task_completed")
    assert (line.actor, line.capacity, line.element_id) == ("somsri", "รักษาราชการแทน", "draft")
    assert line.details["comment"] == "ครบถ้วน"
    assert line.details["outcome"] == "approved"
    assert line.details["variables"] == {"approved": True}


def test_of_two_people_who_complete_one_task_exactly_one_succeeds(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)
    engine = driver.engine

    results = together(
        *(lambda name=name: engine.complete(task.id, {"approved": True, "by": name}, name) for name in ("ann", "bob"))
    )

    lost = [result for result in results if isinstance(result, TaskNotActive)]
    assert len(lost) == 1, results
    winner = str(driver.variables(run)["by"])
    assert lost[0].facts["by"] == winner
    assert lost[0].facts["at"] is not None
    assert driver.open(run) == ["sign"]


def test_of_many_who_claim_one_task_exactly_one_gets_it(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)
    engine = driver.engine

    results = together(*(lambda name=f"p{n}": engine.claim(task.id, name) for n in range(6)))

    assert sum(not isinstance(result, EngineError) for result in results) == 1
    assert all(isinstance(result, TaskAlreadyClaimed) for result in results if isinstance(result, EngineError))


def test_a_repeated_command_is_done_once_and_answered_alike(driver: Driver) -> None:
    driver.deploy(approval())
    first = driver.start("approval", {"n": 1}, actor="ann", idempotency_key="s1")
    again = driver.start("approval", {"n": 1}, actor="ann", idempotency_key="s1")
    task = driver.task("draft", first)

    done = driver.engine.complete(task.id, {"approved": True}, "ann", idempotency_key="c1")
    repeated = driver.engine.complete(task.id, {"approved": True}, "ann", idempotency_key="c1")

    assert again == first
    assert repeated == done
    assert len(driver.engine.instances(process_id="approval")) == 1
    assert driver.open(first) == ["sign"]


def test_a_key_used_for_something_else_is_refused(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)
    driver.engine.complete(task.id, {"approved": True}, "ann", idempotency_key="c1")

    with pytest.raises(IdempotencyMismatch):
        driver.engine.complete(task.id, {"approved": False}, "ann", idempotency_key="c1")


def test_the_same_command_sent_twice_at_once_has_one_effect_and_one_answer(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)
    engine = driver.engine

    results = together(
        *(lambda: engine.complete(task.id, {"approved": True}, "ann", idempotency_key="twice") for _ in range(3))
    )

    assert results[0] == results[1] == results[2]
    assert driver.kinds(run).count("task_completed") == 1


def test_a_rejected_command_changes_nothing(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)
    driver.engine.claim(task.id, "ann")
    stranger = Actor("eve", groups=frozenset({"others"}))
    before = contents(driver)

    for error, act in (
        (NotAuthorized, lambda: driver.engine.complete(task.id, {"approved": True}, stranger, idempotency_key="k")),
        (TaskAlreadyClaimed, lambda: driver.engine.claim(task.id, "bob")),
        (NotAuthorized, lambda: driver.engine.release(task.id, stranger)),
        (NotAuthorized, lambda: driver.engine.assign(task.id, "eve", stranger)),
        (TaskNotFound, lambda: driver.engine.complete("999999", {}, "ann")),
        (TaskNotFound, lambda: driver.engine.complete("no such id", {}, "ann")),
        (InvalidVariables, lambda: driver.engine.complete(task.id, {"x": object()}, "ann")),
        (InvalidVariables, lambda: driver.engine.complete(task.id, {"x": float("nan")}, "ann")),
        (LimitExceeded, lambda: driver.engine.complete(task.id, {"x": "ก" * 2_000_000}, "ann")),
        (ProcessNotFound, lambda: driver.start("nothing")),
        (ProcessNotFound, lambda: driver.start("approval", version=7)),
        (InstanceNotFound, lambda: driver.engine.cancel("999999", reason="x")),
    ):
        with pytest.raises(error):
            act()

    assert contents(driver) == before


def test_a_unit_of_work_is_all_or_nothing(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)
    before = contents(driver)

    def fail_half_way() -> None:
        with driver.engine.unit_of_work("ann") as uow:
            uow.tasks.complete(task.id, {"approved": True})
            uow.instances.start("approval")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert contents(driver) == before


def test_verbs_in_one_unit_of_work_see_each_other(driver: Driver) -> None:
    driver.deploy(approval())

    with driver.engine.unit_of_work("ann", idempotency_key="both") as uow:
        run = uow.instances.start("approval")
        task = uow.tasks.claim(driver_task(uow, run.id))
        uow.tasks.complete(task.id, {"approved": True})

    assert driver.open(run) == ["sign"]
    assert driver.engine.verify_audit().verified


def driver_task(uow: UnitOfWork, instance_id: str) -> str:
    return uow.tasks.find(TaskFilter(instance_id=instance_id))[0].id


def test_claim_release_assign(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)

    assert driver.engine.claim(task.id, "ann").state is TaskState.ASSIGNED
    assert driver.engine.claim(task.id, "ann").assignee == "ann"
    assert driver.engine.release(task.id, "ann").state is TaskState.CREATED
    with pytest.raises(StateConflict):
        driver.engine.release(task.id, "ann")
    assert driver.engine.assign(task.id, "bob", "ann").assignee == "bob"
    with pytest.raises(NotAuthorized):
        driver.engine.complete(task.id, {}, "ann")
    driver.engine.complete(task.id, {"approved": True}, "bob")

    kinds = [kind for kind in driver.kinds(run) if kind.startswith("task_") and kind != "task_created"]
    assert kinds == ["task_claimed", "task_released", "task_assigned", "task_completed"]


def test_only_candidates_take_a_task_when_the_actor_brings_groups(driver: Driver) -> None:
    driver.deploy(approval())
    run = driver.start("approval")
    task = driver.task("draft", run)

    with pytest.raises(NotAuthorized):
        driver.engine.claim(task.id, Actor("eve", groups=frozenset({"governor"})))
    driver.engine.claim(task.id, Actor("ann", groups=frozenset({"planner"})))

    lampang = driver.engine.tasks(actor=Actor("x", groups=frozenset({"planner"})))
    assert lampang == []  # ann has it
    assert [found.id for found in driver.engine.tasks(actor="ann")] == [task.id]


def test_an_output_mapping_that_fails_keeps_what_the_person_did(driver: Driver) -> None:
    driver.deploy(
        process("p").start().user_task("ask", outputs={"share": "= assert(part, part > 0)"}).user_task("after").end()
    )
    run = driver.start("p")

    driver.complete("ask", {"part": -1}, "ann", comment="checked")

    (incident,) = driver.engine.incidents(instance_id=run.id)
    assert incident.element_id == "ask"
    line = next(entry for entry in driver.engine.history(run.id) if entry.kind == "task_completed")
    assert (line.actor, line.details["variables"]) == ("ann", {"part": -1})
    assert driver.engine.instance(run.id).has_incident
