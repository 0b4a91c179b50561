"""Lists have filters, an order and an end; their pages join without gaps, also while rows come and go."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from engine import Actor, InvalidArgument, TaskFilter, TaskNotFound, open_database
from tests.support.bpmn import process
from tests.support.driver import Driver


@pytest.fixture
def board(driver: Driver) -> Driver:
    """Twelve runs: provinces take turns, due dates differ, every fourth has none."""
    driver.deploy(process("p").start().user_task("work", groups="= group", due="= due", name="ร่างแผน").end())
    driver.deploy(process("q").start().user_task("other").end())
    for number in range(12):
        due = None if number % 4 == 3 else f"2026-02-{(number * 7) % 28 + 1:02d}"
        group = f"planner@TH-5{number % 3}"
        driver.start("p", {"group": group, "due": due}, f"key-{number}")
    driver.start("q")
    return driver


def test_a_pool_holds_what_its_groups_may_take(board: Driver) -> None:
    lampang = board.engine.tasks(candidate_groups=["planner@TH-52"])

    assert [task.business_key for task in lampang] == ["key-2", "key-5", "key-8", "key-11"]
    assert {group for task in lampang for group in task.candidate_groups} == {"planner@TH-52"}


def test_an_actor_sees_what_they_have_and_what_they_may_take(board: Driver) -> None:
    ann = Actor("ann", groups=frozenset({"planner@TH-50"}))
    taken = board.engine.tasks(candidate_groups=["planner@TH-51"])[0]
    board.engine.assign(taken.id, "ann", "system")
    board.engine.claim(board.engine.tasks(candidate_groups=["planner@TH-50"])[0].id, "bob")

    found = board.engine.tasks(actor=ann, process_id="p")

    assert [task.business_key for task in found] == ["key-1", "key-3", "key-6", "key-9"]


@pytest.mark.parametrize("order", ["created", "due"])
def test_pages_join_to_the_whole_list(board: Driver, order: str) -> None:
    whole = [task.id for task in board.engine.tasks(order=order)]

    paged: list[str] = []
    while page := board.engine.tasks(order=order, limit=5, after=paged[-1] if paged else None):
        paged += [task.id for task in page]

    assert paged == whole
    assert len(whole) == 13


def test_the_most_urgent_come_first_and_those_without_due_date_last(board: Driver) -> None:
    due = [task.due_at for task in board.engine.tasks(order="due")]

    known = [moment for moment in due if moment is not None]
    assert known == sorted(known)
    assert due == known + [None] * (len(due) - len(known))


def test_tasks_are_counted_as_they_are_listed(board: Driver) -> None:
    with board.engine.reading() as reading:
        tasks = reading.tasks
        limit = dt.datetime(2026, 2, 10, tzinfo=dt.UTC)
        for wanted in (
            TaskFilter(),
            TaskFilter(process_id="p"),
            TaskFilter(due_before=limit),
            TaskFilter(due_from=limit, process_id="p"),
            TaskFilter(without_due=True),
            TaskFilter(unassigned=True, candidate_groups=["planner@TH-50", "planner@TH-51"]),
            TaskFilter(business_key="key-3"),
            TaskFilter(name_contains="แผน"),
            TaskFilter(element_id="other"),
            TaskFilter(candidate_user="nobody"),
        ):
            assert tasks.count(wanted) == len(tasks.find(wanted))
        definition = reading.deployments.latest("p")
        assert tasks.count_by_element(definition.id) == {"work": 12}


def test_an_archive_lists_what_a_person_finished_newest_first(board: Driver) -> None:
    finished = []
    for task in board.engine.tasks(process_id="p", limit=3):
        board.clock.advance(minutes=1)
        board.engine.complete(task.id, {}, "ann")
        finished.insert(0, task.id)

    with board.engine.reading() as reading:
        archive = reading.tasks.find(TaskFilter(completed_by="ann"), order="ended")

    assert [task.id for task in archive] == finished


def test_pages_are_bounded_and_nonsense_is_refused(board: Driver) -> None:
    board.configure(page_limit=4)

    assert len(board.engine.tasks(limit=1_000_000)) == 4
    for wrong in ({"limit": 0}, {"order": "best"}):
        with pytest.raises(InvalidArgument):
            board.engine.tasks(**wrong)
    with pytest.raises(TaskNotFound):
        board.engine.tasks(after="999999")


def test_runs_are_found_by_what_people_know_of_them(board: Driver) -> None:
    assert [run.business_key for run in board.engine.instances(business_key="key-7")] == ["key-7"]
    assert len(board.engine.instances(process_id="p", version=1)) == 12
    assert board.engine.instances(process_id="p", version=2) == []
    board.engine.cancel(board.engine.instances(business_key="key-7")[0].id, reason="withdrawn")

    assert len(board.engine.instances(process_id="p", state="active")) == 11
    with board.engine.reading() as reading:
        (counts,) = reading.instances.count_by_version("p").values()
    assert counts == {"active": 11, "cancelled": 1, "incidents": 0}


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT id FROM bpm_job WHERE state = 'waiting' AND NOT held AND kind <> 'external' AND due_at <= '2026' ORDER BY due_at, id LIMIT 9",
            "ix_bpm_job_due",
        ),
        (
            "SELECT id FROM bpm_task WHERE state IN ('created', 'assigned') AND assignee = 'ann' ORDER BY due_at",
            "ix_bpm_task_open_assignee",
        ),
        ("SELECT id FROM bpm_task WHERE instance_id = 5", "instance_id"),
        ("SELECT task_id FROM bpm_task_candidate WHERE candidate IN ('g:a', 'g:b')", "PRIMARY KEY"),
        (
            "SELECT id FROM bpm_message WHERE state = 'buffered' AND name = 'm' AND correlation_key = 'k' ORDER BY id",
            "ix_bpm_message_buffered",
        ),
        ("SELECT id FROM bpm_subscription WHERE kind = 'message' AND name = 'm' AND correlation_key = 'k'", "ix_bpm_subscription_name"),
        ("SELECT id FROM bpm_process_instance WHERE parent_id = 5", "ix_bpm_process_instance_parent_id"),
        ("SELECT * FROM bpm_history WHERE instance_id = 5 AND seq > 3 ORDER BY seq", "PRIMARY KEY"),
    ],
)  # fmt: skip
def test_growing_queries_use_their_index(sqlite_url: str, query: str, index: str) -> None:
    engine = open_database(sqlite_url)
    with engine.connect() as connection:
        plan = " ".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    engine.dispose()

    assert index in plan
    assert "SCAN" not in plan
