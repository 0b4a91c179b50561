"""R1 in short: killed web processes and workers cost nothing, and the oracle that says so catches two known faults."""

from __future__ import annotations

import pytest

from tests.soak import r01_killed, r01_mutants

pytestmark = pytest.mark.timeout(1_200)  # on a machine that is busy; alone they take seconds


def test_nothing_is_lost_or_done_twice_when_processes_are_killed(short_form) -> None:
    short_form(r01_killed)


def test_a_product_with_two_transactions_or_without_locks_is_caught(short_form) -> None:
    short_form(r01_mutants)
