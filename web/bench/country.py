"""The big country for the measures that read: filled once a run and store, kept for the next measure of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from web.bench.big_country import Country, Scale, fill
from web.bench.run import Run
from workflows.install import open_engine

FULL: Final = Scale(history=False, messages=100_000)
QUICK: Final = Scale(plans=200, open_tasks=2_000, done_tasks=8_000, history=False, messages=2_000)
ROLES: Final = {
    "planner": "province_strategy@TH-52",
    "governor": "governor@TH-52",
    "agency": "agency@TH-52-A1",
    "ministry": "nesdc@TH",  # the desk to which every plan of the country comes
}
"""In whose names pages are asked for: by what they are, the position."""

QUICK_ROLES: Final = ("planner", "ministry")


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled database, and who is in it."""

    url: str
    country: Country

    def person(self, role: str) -> str:
        """Return one of those who hold the position of a role."""
        return self.country.people[ROLES[role]][0]


def filled(run: Run) -> Filled:
    """Return a database with 100,000 open and 400,000 done tasks; a quick run has a fiftieth of them."""
    found = run.store.kept.get("country")
    if not isinstance(found, Filled):
        url = run.store.database()
        engine = open_engine(url, deploy=True)
        try:
            found = Filled(url, fill(engine, run.size(FULL, QUICK)))
        finally:
            engine.close()
        run.store.kept["country"] = found
    return found
