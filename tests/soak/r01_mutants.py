"""R1, the other way round: the product with a known fault built in must be caught by the same oracle."""

from __future__ import annotations

from dataclasses import dataclass

from tests.soak.harness.mutants import MUTANTS
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.soak.r01_killed import Size as Kills
from tests.soak.r01_killed import kill_under_load

WHAT = "the oracle bites"
_PATIENCE = 1.5  # seconds: what a mutant has broken does not go on


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    kills: int
    attempts: int = 3  # the faults need an unlucky moment; each attempt waits for more of them
    stores: tuple[str, ...] = STORES


FULL = Size(kills=40)
SHORT = Size(kills=5)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Let each mutant run into the same faults on each store, until the oracle has caught it."""
    outcome = Outcome(f"{len(MUTANTS)} mutants × {len(size.stores)} stores, {size.kills} kills", "")
    figures = []
    cases = [(mutant, store) for mutant in MUTANTS for store in size.stores]
    for number, (mutant, store) in enumerate(cases):
        violations = 0
        for attempt in range(size.attempts):
            name = f"mutant-{mutant}-{store}-{attempt}"
            # Few runs and many people: the same instance is worked on by several at once.
            kills = Kills(kills=size.kills * (attempt + 1), runs=5, clients=8, workers=0, patience=_PATIENCE)
            _book, verdict = kill_under_load(
                place, place.database(store, name), name, kills, seed + attempt, mutant=mutant
            )
            violations = verdict.violations
            if violations:
                worst = ", ".join(
                    f"{key.replace('_', ' ')} {count}" for key, count in verdict.counters.items() if count
                )
                figures.append(f"{mutant} on {store}: {worst}")
                break
        outcome.expect(violations > 0, f"{mutant} on {store} was not caught")
        tell(number + 1, len(cases))
    outcome.figure = "; ".join(figures)
    return outcome
