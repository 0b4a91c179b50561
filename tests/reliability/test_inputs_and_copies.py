"""R9, R11, R12, R13 and R14 in short: damaged uploads, a large inbox, versions, a backup under load, tampered history.

R10 in short are the random models of tests/unit/spiff.
"""

from __future__ import annotations

import pytest

from tests.soak import r09_fuzz, r11_inbox, r12_versions, r13_backup, r14_chain

pytestmark = pytest.mark.timeout(1_200)  # on a machine that is busy; alone they take seconds


def test_damaged_uploads_are_told_in_words_and_what_is_taken_starts(short_form) -> None:
    short_form(r09_fuzz)


def test_the_inbox_shows_what_counting_by_hand_says(short_form) -> None:
    short_form(r11_inbox)


def test_runs_end_on_the_version_that_they_began_on(short_form) -> None:
    short_form(r12_versions)


def test_a_backup_under_load_comes_back_sound(short_form) -> None:
    short_form(r13_backup)


def test_every_tampering_is_found(short_form) -> None:
    short_form(r14_chain)
