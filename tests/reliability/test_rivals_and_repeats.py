"""R2 and R3 in short: rivals at the same work, and forms that arrive twice."""

from __future__ import annotations

import pytest

from tests.soak import r02_rivals, r03_repeated

pytestmark = pytest.mark.timeout(1_200)  # on a machine that is busy; alone they take seconds


def test_rivals_do_each_thing_exactly_once(short_form) -> None:
    short_form(r02_rivals)


def test_every_form_sent_twice_has_one_effect_and_the_same_answer(short_form) -> None:
    short_form(r03_repeated)
