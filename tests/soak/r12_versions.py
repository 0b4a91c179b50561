"""R12: runs stay with the version that they began on; databases of earlier releases come up, also when that is cut short.

Moving a run to a newer version comes with a later part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.own_tests import run_tests
from tests.soak.harness.place import STORES, Place
from tests.support.bpmn import process
from tests.support.driver import Driver

WHAT = "versions"


@dataclass(frozen=True, slots=True)
class Size:
    """How many runs of the first version there are, and whether databases of earlier releases come up too."""

    runs: int
    upgrades: bool


FULL = Size(runs=1_000, upgrades=True)
SHORT = Size(runs=20, upgrades=False)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Deploy a second version in the middle, on each store; then upgrade what earlier releases left behind."""
    outcome = Outcome(
        f"{size.runs} runs × {len(STORES)} stores" + (", every released database" if size.upgrades else ""), ""
    )
    figures = []
    for number, store in enumerate(STORES):
        figures.append(
            f"{store}: {_two_versions(place.database(store, f'r12-{store}'), size.runs, Random(seed), outcome)}"
        )
        tell(number + 1, len(STORES) + 1)
    if size.upgrades:
        passed = run_tests("tests/upgrades", seed=seed, outcome=outcome).get("passed", 0)
        figures.append(f"{passed} tests of upgrades from released databases, also cut short")
    outcome.figure = "; ".join(figures)
    return outcome


def _two_versions(url: str, count: int, random: Random, outcome: Outcome) -> str:
    driver = Driver(url)
    driver.deploy(process("soak_versions").start().user_task("one").user_task("old_end").end())
    old = [driver.start("soak_versions").id for _ in range(count)]
    before = random.sample(old, count // 2)
    done = [driver.complete("one", instance=run).id for run in before]
    driver.deploy(process("soak_versions").start().user_task("one").user_task("new_end").user_task("last").end())
    driver.restart()
    new = [driver.start("soak_versions").id for _ in range(count // 10)]
    done += [driver.complete("one", instance=run).id for run in (*old, *new) if run not in before]
    for run in old:
        done.append(driver.complete("old_end", instance=run).id)
    for run in new:
        done.append(driver.complete("new_end", instance=run).id)
        done.append(driver.complete("last", instance=run).id)
    versions = Counter(driver.engine.instance(run).version for run in old)
    outcome.expect(set(versions) == {1}, f"runs of version 1 ended on {dict(versions)}")
    states = Counter(driver.state(run) for run in (*old, *new))
    outcome.expect(set(states) == {"completed"}, f"{dict(states)}")
    verdict = examine(driver.engine, done)
    outcome.note(verdict.faults())
    driver.close()
    return f"{len(old)} ended on version 1, {len(new)} on version 2, {verdict.violations} violations"
