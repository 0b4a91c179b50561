"""Every due date of a task is a clock: what started it, by which rule, until when, and all that happened to it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from tests.integration.clocks.conftest import DUE, GOVERNOR, Clockwork, areas_of
from workflows.calendar import end_of, moment_of
from workflows.clocks import ClockEventKind, ClockState, sum_of

OPENED, MOVED, MET, MISSED, CANCELLED = (
    ClockEventKind.OPENED,
    ClockEventKind.MOVED,
    ClockEventKind.MET,
    ClockEventKind.MISSED,
    ClockEventKind.CANCELLED,
)


def kinds(clockwork: Clockwork, task_id: str) -> list[ClockEventKind]:
    found = clockwork.find_clock(task_id)
    assert found is not None
    return [line.kind for line in found.history if line.kind is not ClockEventKind.RUNG]


def test_a_task_with_a_due_date_starts_a_clock(clockwork: Clockwork) -> None:
    clockwork.begin()

    clock = clockwork.clock()
    assert clock.due == clock.original_due == end_of(DUE)
    assert (clock.unit, clock.rule, clock.basis) == ("TH-52", "working-days:10", "basis of draft")
    assert (clock.started_by, clock.started_at) == ("task_created", clockwork.driver.clock.now())
    assert (clock.state, clock.ended_at) == (ClockState.RUNNING, None)
    assert (clock.next_rung, clock.next_at) == (-3, moment_of(dt.date(2026, 1, 14), dt.time(8, 30)))
    (line,) = clock.history
    assert (line.kind, line.due, line.actor) == (OPENED, end_of(DUE), "starter")


def test_a_task_without_a_due_date_has_no_clock(clockwork: Clockwork) -> None:
    clockwork.begin(due=None)

    assert clockwork.find_clock(clockwork.driver.task("draft").id) is None
    clockwork.driver.complete("draft")
    assert clockwork.driver.open() == ["next"]


def test_the_sum_behind_a_due_date_can_be_told(clockwork: Clockwork) -> None:
    clockwork.begin()

    with clockwork.driver.engine.reading() as read:
        explanation = sum_of(read.session, clockwork.clock(), areas_of)

    assert explanation is not None
    assert (explanation.due, explanation.counted, len(explanation.skipped)) == (DUE, 10, 4)


def test_a_task_done_by_its_due_date_has_met_it(clockwork: Clockwork) -> None:
    clockwork.begin()
    task = clockwork.driver.task("draft")
    clockwork.driver.clock.set(end_of(DUE))

    clockwork.driver.complete("draft", actor="ann")

    clock = clockwork.find_clock(task.id)
    assert clock is not None
    assert (clock.state, clock.working_days_late, clock.next_at) == (ClockState.MET, 0, None)
    assert clock.ended_at == end_of(DUE)
    assert kinds(clockwork, task.id) == [OPENED, MET]
    assert clock.history[-1].actor == "ann"


@pytest.mark.parametrize(("done", "late"), [("2026-01-20", 1), ("2026-01-24", 4), ("2026-01-26", 5)])
def test_a_task_done_later_has_missed_it_by_working_days(clockwork: Clockwork, done: str, late: int) -> None:
    clockwork.begin()
    task = clockwork.driver.task("draft")
    clockwork.driver.clock.set(f"{done}T10:00:00+07:00")

    clockwork.driver.complete("draft")

    clock = clockwork.find_clock(task.id)
    assert clock is not None
    assert (clock.state, clock.working_days_late) == (ClockState.MISSED, late)
    assert kinds(clockwork, task.id) == [OPENED, MISSED]


def test_a_cancelled_run_ends_its_clocks_and_their_ladders(clockwork: Clockwork) -> None:
    run = clockwork.begin()
    task = clockwork.driver.task("draft")

    clockwork.driver.engine.cancel(run.id, reason="opened by mistake", actor="boss")
    clockwork.at(DUE + dt.timedelta(days=30))

    assert kinds(clockwork, task.id) == [OPENED, CANCELLED]
    assert clockwork.rungs() == []
    assert clockwork.told("ann") == []


def test_a_due_date_may_be_moved_after_it_has_passed_and_keeps_what_it_was(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.at(dt.date(2026, 1, 21))
    later = end_of(dt.date(2026, 2, 27))

    clockwork.set_due(later, reason="อุทกภัย", order_ref="นร 1100/ว 9")

    clock = clockwork.clock()
    assert (clock.original_due, clock.due, clock.state) == (end_of(DUE), later, ClockState.RUNNING)
    line = clock.history[-1]
    assert (line.kind, line.old_due, line.due) == (MOVED, end_of(DUE), later)
    assert (line.reason, line.order_ref, line.actor) == ("อุทกภัย", "นร 1100/ว 9", "boss")
    assert (clock.next_rung, clock.next_at) == (-3, moment_of(dt.date(2026, 2, 24), dt.time(8, 30)))


def test_a_due_date_that_is_set_to_what_it_was_moves_nothing(clockwork: Clockwork) -> None:
    clockwork.begin()
    before = clockwork.clock()

    clockwork.set_due(before.due)

    assert clockwork.clock() == before


def test_a_due_date_taken_away_and_given_again_is_one_clock(clockwork: Clockwork) -> None:
    clockwork.begin()
    task = clockwork.driver.task("draft")

    clockwork.set_due(None, reason="unknown")
    away = clockwork.find_clock(task.id)
    clockwork.set_due(end_of(DUE), reason="known again")

    assert away is not None
    assert (away.state, away.next_at) == (ClockState.CANCELLED, None)
    assert clockwork.clock().state is ClockState.RUNNING
    assert clockwork.clock().ended_at is None
    assert kinds(clockwork, task.id) == [OPENED, CANCELLED, MOVED]


def test_a_due_date_given_later_starts_a_clock(clockwork: Clockwork) -> None:
    clockwork.begin(due=None)

    clockwork.set_due(end_of(DUE))

    clock = clockwork.clock()
    assert (clock.started_by, clock.due) == ("task_due_changed", end_of(DUE))


def test_a_clock_is_the_same_after_suspension_and_restart(clockwork: Clockwork) -> None:
    run = clockwork.begin()
    before = clockwork.clock()

    clockwork.driver.engine.suspend(run.id)
    clockwork.driver.clock.advance(hours=5)
    clockwork.driver.restart()
    clockwork.driver.engine.resume(run.id)

    assert clockwork.clock() == before


def test_a_rejected_command_leaves_the_clock_as_it_was(clockwork: Clockwork) -> None:
    class Refused(Exception):
        pass

    clockwork.begin()
    before = clockwork.clock()

    def refused() -> None:
        with clockwork.driver.engine.unit_of_work() as uow:
            uow.tasks.complete(before.task_id)
            raise Refused

    with pytest.raises(Refused):
        refused()

    assert clockwork.clock() == before


def test_the_history_of_clocks_is_append_only(clockwork: Clockwork) -> None:
    clockwork.begin()

    for statement in ("UPDATE clock_event SET reason = 'x'", "DELETE FROM clock_event"):
        with pytest.raises(DBAPIError), clockwork.driver.engine.unit_of_work() as uow:
            uow.session.execute(text(statement))

    assert len(clockwork.clock().history) == 1


def test_keeping_clocks_costs_two_statements_an_event(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.driver.start("p", {"unit": "TH-52"})
    first, second = [task.id for task in clockwork.driver.engine.tasks(element_id="draft")]
    clockwork.driver.engine.complete(first)
    statements: list[str] = []
    event.listen(
        clockwork.driver.engine._database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: statements.append(statement),
    )

    clockwork.driver.engine.complete(second)

    assert len([found for found in statements if "clock_" in found]) == 2
    assert not [found for found in statements if "cal_" in found], "nothing is asked of the calendar in time"


def test_a_clock_of_a_group_that_nobody_knows_counts_by_the_nation(clockwork: Clockwork) -> None:
    clockwork.office.above[GOVERNOR] = "nesdc@TH"
    clockwork.deploy("working-days:10")

    clockwork.driver.start("p", {"unit": "NOWHERE"})

    assert clockwork.clock().due == end_of(DUE)
