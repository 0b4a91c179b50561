"""Reminders and escalation: each rung of each clock reaches each person once, never early, and late ones say so."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from typing import TYPE_CHECKING

from engine import ProcessEngine
from tests.integration.clocks.conftest import DUE, GOVERNOR, HEAD, PLANNER, Clockwork
from workflows.calendar import Kind, SeedHoliday, add_holidays, end_of, moment_of

if TYPE_CHECKING:
    import pytest

MINUS_3 = dt.date(2026, 1, 14)
PLUS_1 = dt.date(2026, 1, 20)
PLUS_3 = dt.date(2026, 1, 22)
OPENS = dt.time(8, 30)


def test_no_rung_is_climbed_a_second_early(clockwork: Clockwork) -> None:
    clockwork.begin()

    before = clockwork.at(MINUS_3, "08:29:59")
    nobody = clockwork.told("ann")
    then = clockwork.at(MINUS_3, "08:30:00")

    assert (before, nobody) == (0, [])
    assert then == 1
    assert clockwork.told("ann") == [("due_soon", -3)]


def test_each_rung_tells_those_whom_the_ladder_names(clockwork: Clockwork) -> None:
    clockwork.begin()

    for day in (MINUS_3, DUE, PLUS_1, PLUS_3, PLUS_3 + dt.timedelta(days=60)):
        clockwork.at(day)

    assert clockwork.told("ann") == clockwork.told("bob") == [("due_soon", -3), ("due_today", 0), ("overdue", 1)]
    assert clockwork.told("head") == [("overdue_below", 1), ("overdue_below", 3)]
    assert clockwork.told("governor") == [("overdue_below", 3)]
    assert [rung["rung"] for rung in clockwork.rungs()] == [-3, 0, 1, 3]
    assert clockwork.clock().next_at is None


def test_a_message_has_the_facts_of_its_task(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.driver.engine.claim(clockwork.driver.task("draft").id, "ann")

    clockwork.at(PLUS_3, "08:31")

    facts = clockwork.messages("governor")[-1].facts
    assert facts["task_id"] == clockwork.driver.task("draft").id
    assert (facts["name"], facts["unit"], facts["due"]) == ("ยกร่างแผน", "TH-52", end_of(DUE).isoformat())
    assert (facts["rung"], facts["working_days_late"], facts["late_seconds"]) == (3, 3, 60)
    assert (facts["as"], facts["group"], facts["assignee"]) == ("second_superior", GOVERNOR, "ann")


def test_who_has_the_task_is_told_instead_of_all_who_may_take_it(clockwork: Clockwork) -> None:
    clockwork.begin()
    task = clockwork.driver.task("draft").id

    clockwork.driver.engine.claim(task, "ann")
    clockwork.at(MINUS_3)
    clockwork.driver.engine.assign(task, "bob", "ann")
    clockwork.at(DUE)
    clockwork.driver.engine.release(task, "bob")
    clockwork.at(PLUS_1)

    assert clockwork.told("ann") == [("due_soon", -3), ("overdue", 1)]
    assert clockwork.told("bob") == [("due_today", 0), ("overdue", 1)]


def test_for_a_position_that_nobody_holds_the_one_above_is_told(clockwork: Clockwork) -> None:
    clockwork.office.holders[PLANNER] = []
    clockwork.office.holders[HEAD] = []
    clockwork.begin()

    clockwork.at(MINUS_3)
    clockwork.at(PLUS_1)

    assert clockwork.told("governor") == [("due_soon", -3), ("due_today", 0), ("overdue_below", 1)]


def test_a_person_in_two_parts_is_told_once(clockwork: Clockwork) -> None:
    clockwork.office.holders[HEAD] = ["ann"]
    clockwork.begin()

    clockwork.at(PLUS_1)

    assert clockwork.told("ann") == [("due_soon", -3), ("due_today", 0), ("overdue", 1)]


def test_a_rung_for_which_there_is_nobody_is_kept_and_the_ladder_goes_on(
    clockwork: Clockwork, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    clockwork.office.holders.clear()
    clockwork.begin()

    clockwork.at(MINUS_3)
    clockwork.office.holders[PLANNER] = ["ann"]
    clockwork.at(DUE)

    assert [rung["told"] for rung in clockwork.rungs()] == [{}, {"ann": "owner"}]
    assert "rung_without_anybody" in caplog.text


def test_an_outage_of_a_week_is_caught_up_once_in_order_and_says_how_late(clockwork: Clockwork) -> None:
    clockwork.begin()
    back = moment_of(dt.date(2026, 1, 21), dt.time(10, 0))

    clockwork.driver.run_due_at(back)
    clockwork.driver.restart()
    clockwork.driver.run_due_at(back + dt.timedelta(minutes=1))

    assert clockwork.told("ann") == [("due_soon", -3), ("due_today", 0), ("overdue", 1)]
    late = [line.at - line.planned_at for line in clockwork.clock().history if line.planned_at is not None]
    assert late == [back - moment_of(day, OPENS) for day in (MINUS_3, DUE, PLUS_1)]


def test_a_host_clock_that_is_set_back_repeats_nothing_and_fires_nothing_early(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.at(DUE)

    for day in (MINUS_3, dt.date(2026, 1, 6), MINUS_3, DUE):
        clockwork.at(day)
    clockwork.at(PLUS_1, "08:29:59")
    before = clockwork.told("ann")
    clockwork.at(PLUS_1)

    assert before == [("due_soon", -3), ("due_today", 0)]
    assert clockwork.told("ann") == [*before, ("overdue", 1)]


def test_a_clock_that_begins_late_tells_only_the_newest_rung_of_those_passed(clockwork: Clockwork) -> None:
    clockwork.begin(due="2026-01-06")  # tomorrow

    clockwork.driver.engine.run_due()
    clockwork.at(dt.date(2026, 1, 6))

    assert clockwork.told("ann") == [("due_soon", -3), ("due_today", 0)]


def test_a_clock_that_begins_overdue_escalates_by_its_last_passed_rung(clockwork: Clockwork) -> None:
    clockwork.begin(due="2025-12-01")

    clockwork.driver.engine.run_due()

    assert [rung["rung"] for rung in clockwork.rungs()] == [3]
    assert (clockwork.told("head"), clockwork.told("ann")) == ([("overdue_below", 3)], [])
    facts = clockwork.messages("head")[0].facts
    assert facts["late_seconds"] == 0, "it was told as soon as there was a clock"
    assert facts["working_days_late"] == 20


def test_a_moved_due_date_moves_the_ladder(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.at(DUE)

    clockwork.set_due(end_of(dt.date(2026, 2, 27)))
    clockwork.at(PLUS_3)
    quiet = clockwork.told("ann")
    clockwork.at(dt.date(2026, 2, 24))

    assert quiet == [("due_soon", -3), ("due_today", 0)]
    assert clockwork.told("ann") == [*quiet, ("due_soon", -3)]
    assert clockwork.told("head") == []


def test_a_due_date_that_is_moved_and_moved_back_tells_no_rung_twice(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.at(DUE)

    clockwork.set_due(end_of(dt.date(2026, 2, 27)))
    clockwork.set_due(end_of(DUE))
    clockwork.driver.engine.run_due()
    clockwork.at(PLUS_1)

    assert clockwork.told("ann") == [("due_soon", -3), ("due_today", 0), ("overdue", 1)]


def test_a_task_done_in_time_is_told_nothing_more(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.at(MINUS_3)

    clockwork.driver.complete("draft")
    clockwork.at(PLUS_3)

    assert [rung["rung"] for rung in clockwork.rungs()] == [-3]


def test_a_suspended_run_is_still_due(clockwork: Clockwork) -> None:
    run = clockwork.begin()
    clockwork.driver.engine.suspend(run.id)

    clockwork.at(MINUS_3)

    assert clockwork.told("ann") == [("due_soon", -3)]


def test_days_off_before_the_due_day_move_its_reminder_forward(clockwork: Clockwork) -> None:
    clockwork.begin(due="2026-04-17")  # after Songkran, 13-15 April

    clockwork.at(dt.date(2026, 4, 9), "08:29")
    early = clockwork.told("ann")
    clockwork.at(dt.date(2026, 4, 10))

    assert early == []
    assert clockwork.told("ann") == [("due_soon", -3)]


def test_a_due_day_on_which_offices_are_closed_is_told_on_the_working_day_before(clockwork: Clockwork) -> None:
    clockwork.begin(due="2026-01-18")  # a Sunday

    clockwork.at(dt.date(2026, 1, 16))

    assert clockwork.told("ann")[-1] == ("due_today", 0)


def test_a_rung_is_not_told_early_when_days_off_were_announced_since(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.at(DUE)
    with clockwork.driver.engine.unit_of_work() as uow:
        special = SeedHoliday(PLUS_1, "วันหยุดพิเศษ", Kind.SPECIAL, area="TH-52")
        add_holidays(uow.session, [special], actor="admin", note="special", now=uow.now)

    clockwork.at(PLUS_1)
    held = clockwork.told("head")
    clockwork.at(PLUS_1 + dt.timedelta(days=1))

    assert held == []
    assert clockwork.told("head") == [("overdue_below", 1)]


def test_a_batch_that_fails_is_undone_and_told_once_when_it_can_be(clockwork: Clockwork) -> None:
    clockwork.begin()
    clockwork.office.broken = True
    clockwork.at(MINUS_3)
    undone = (clockwork.told("ann"), clockwork.rungs(), clockwork.clock().next_rung)

    clockwork.office.broken = False
    clockwork.at(MINUS_3, "09:00")

    assert undone == ([], [], -3)
    assert clockwork.told("ann") == [("due_soon", -3)]


def test_the_worker_is_told_when_the_next_rung_is_due(clockwork: Clockwork) -> None:
    clockwork.begin()

    assert clockwork.driver.engine.earliest_due() == moment_of(MINUS_3, OPENS)


def test_the_sweep_costs_what_is_due_not_what_is_waiting(clockwork: Clockwork) -> None:
    clockwork.begin()
    seen: list[str] = []

    with clockwork.driver.engine.unit_of_work() as uow:
        connection = uow.session.connection()
        lite = connection.dialect.name == "sqlite"
        if not lite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for question in (
            "SELECT min(next_at) FROM clock_clock WHERE next_at IS NOT NULL",
            "SELECT * FROM clock_clock WHERE next_at IS NOT NULL AND next_at <= '2026-01-01' ORDER BY next_at, id LIMIT 9",
        ):
            plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{question}")
            seen.append(" ".join(str(row) for row in plan))

    assert all("ix_clock_clock_next" in plan for plan in seen), seen
    assert not any("TEMP B-TREE" in plan or "Sort" in plan for plan in seen), seen


def test_two_workers_tell_each_rung_to_each_person_exactly_once(clockwork: Clockwork) -> None:
    clocks = 150
    clockwork.deploy()
    for number in range(clocks):
        clockwork.driver.start("p", {"unit": "TH-52"}, f"run {number}")
    clockwork.driver.clock.set(moment_of(PLUS_3, OPENS))
    ports = clockwork.driver.ports
    workers = [ProcessEngine.open(clockwork.driver.url, clock=clockwork.driver.clock, ports=ports) for _ in range(2)]
    threads = [threading.Thread(target=worker.run_due) for worker in workers]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.close()
    clockwork.driver.engine.run_due()

    climbed = Counter((rung["clock"], rung["rung"]) for rung in clockwork.rungs())
    assert set(climbed.values()) == {1}
    assert len(climbed) == 4 * clocks
    with clockwork.driver.engine.reading() as read:
        told = read.session.connection().exec_driver_sql(
            "SELECT person_id, count(*), count(DISTINCT key) FROM note_notification GROUP BY person_id"
        )
        assert {row[0]: (row[1], row[2]) for row in told} == {
            "ann": (3 * clocks, 3 * clocks),
            "bob": (3 * clocks, 3 * clocks),
            "head": (2 * clocks, 2 * clocks),
            "governor": (clocks, clocks),
        }


def test_a_chain_of_positions_that_goes_in_a_circle_ends(clockwork: Clockwork) -> None:
    clockwork.office.holders.clear()
    clockwork.office.above[GOVERNOR] = PLANNER
    clockwork.begin()

    clockwork.at(PLUS_3)

    assert [rung["told"] for rung in clockwork.rungs()] == [{}, {}, {}, {}]
