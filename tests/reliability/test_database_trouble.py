"""R4, R5 and R6 in short: the database restarts, is busy, or its disk is full."""

from __future__ import annotations

import pytest

from tests.soak import r04_database_gone, r05_busy, r06_disk

pytestmark = pytest.mark.timeout(1_200)  # on a machine that is busy; alone they take seconds


def test_a_database_that_restarts_loses_nothing_and_work_goes_on(short_form) -> None:
    short_form(r04_database_gone)


def test_a_busy_file_lets_people_read_on_and_loses_nothing(short_form) -> None:
    short_form(r05_busy)


def test_a_full_disk_is_told_and_work_goes_on_when_there_is_room(short_form) -> None:
    short_form(r06_disk)
