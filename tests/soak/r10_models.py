"""R10: random graphs against interpreters written from the standard's text, with the state stored and read at every step.

The tests of `tests/unit/spiff` are the plan: block models, inclusive joins and events at random, each step compared with
an independent interpreter, and run in every way of storing. Here they run anew with a seed that is printed; the short
form is `make test` itself, which runs them with 500 examples each.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.own_tests import run_tests
from tests.soak.harness.place import Place

WHAT = "model-based"
_TESTS = ("tests/unit/spiff/test_random_models.py", "tests/unit/spiff/test_random_joins.py", "tests/unit/spiff/test_random_events.py")  # fmt: skip
_AT_THE_DATABASE = "tests/integration/engine/test_state_machine.py"


@dataclass(frozen=True, slots=True)
class Size:
    """How often all examples run, each time with another seed."""

    rounds: int


FULL = Size(rounds=2)
SHORT = Size(rounds=1)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Run the random models."""
    outcome = Outcome(f"{size.rounds} × 500 block models, 500 with failures, 500 joins, 400 event models", "")
    passed = 0
    for number in range(size.rounds):
        passed += run_tests(*_TESTS, seed=seed + number, outcome=outcome).get("passed", 0)
        tell(number + 1, size.rounds + 1)
    passed += run_tests(_AT_THE_DATABASE, seed=seed, outcome=outcome).get("passed", 0)
    outcome.figure = f"{passed} properties held; every step agreed with the reference, stored and read back or not"
    return outcome
