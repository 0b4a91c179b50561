"""Where the short forms run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.soak.harness.outcome import Outcome
from tests.soak.harness.place import Place
from web.bench.throwaway_postgres import Postgres

SEED = 20261125


@pytest.fixture
def place(tmp_path: Path, postgres: Postgres) -> Iterator[Place]:
    """A folder, and databases of both kinds."""
    place = Place(tmp_path, postgres)
    yield place
    place.close()


@pytest.fixture
def short_form(place: Place) -> Callable[[ModuleType], Outcome]:
    """Runs the short form of a plan and shows what it found."""

    def run(plan: ModuleType) -> Outcome:
        outcome: Outcome = plan.run(place, plan.SHORT, SEED)
        assert outcome.holds, "\n".join([f"seed {SEED}: {outcome.figure}", *outcome.faults])
        return outcome

    return run
