"""R7, R8, R15, R16 and R17 in short: a clock that jumps, days of work, steps that fail, an orderly stop, poison."""

from __future__ import annotations

import pytest

from tests.soak import r07_clock, r08_day, r15_incidents, r16_shutdown, r17_poison

pytestmark = pytest.mark.timeout(1_200)  # on a machine that is busy; alone they take seconds


def test_deadlines_fire_once_never_early_whatever_the_clock_does(short_form) -> None:
    short_form(r07_clock)


def test_days_of_work_leave_rows_state_and_history_in_agreement(short_form) -> None:
    short_form(r08_day)


def test_steps_that_fail_are_tried_again_told_and_repaired(short_form) -> None:
    short_form(r15_incidents)


def test_a_stop_under_load_fails_no_request(short_form) -> None:
    short_form(r16_shutdown)


def test_poison_is_stopped_and_the_worker_lives(short_form) -> None:
    short_form(r17_poison)
