"""R13: a backup while people work, brought back elsewhere: everything acknowledged before it began is there, and it is sound."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.soak.harness.load import People
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.soak.harness.site import Site
from tests.soak.harness.staff import PLANNERS
from tests.soak.r01_killed import look, start_runs
from workflows.install import open_engine

WHAT = "backup under load"


@dataclass(frozen=True, slots=True)
class Size:
    """How many backups, of how many runs, on which stores."""

    backups: int
    runs: int
    clients: int = 4
    stores: tuple[str, ...] = STORES


FULL = Size(backups=3, runs=60)
SHORT = Size(backups=1, runs=12, stores=("sqlite",))


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Back up under load and bring each copy back into an empty database; the oracle looks at both."""
    outcome = Outcome(f"{size.backups} backups × {len(size.stores)} stores under load", "")
    figures = []
    for number, store in enumerate(size.stores):
        url = place.database(store, f"r13-{store}")
        home = place.home(f"r13-{store}")
        start_runs(url, size.runs)
        making: list[float] = []
        bringing: list[float] = []
        before: list[list[str]] = []
        with Site(url, home) as site:
            site.serve()
            site.work()
            site.wait_until_it_answers()
            with People(site.signed_in(*PLANNERS[: size.clients]), seed=seed) as people:
                for copy in range(size.backups):
                    people.wait_for(len(people.book.acknowledged) + 2 * size.clients)
                    before.append(list(people.book.acknowledged))
                    began = time.monotonic()
                    done = site.run("backup", str(home / f"copy{copy}"))
                    making.append(time.monotonic() - began)
                    outcome.expect(done.returncode == 0, f"{store}: backup: {done.stdout}{done.stderr}")
                    tell(number * 2 * size.backups + copy + 1, 2 * size.backups * len(size.stores))
            outcome.note(f"{store}: {line}" for line in site.complaints())
        outcome.note(f"{store}: {fault}" for fault in (*people.book.faults, *look(url, people.book).faults()))
        for copy, acknowledged in enumerate(before):
            target, elsewhere = _empty(place, store, f"r13-{store}-{copy}"), place.home(f"r13-{store}-{copy}")
            began = time.monotonic()
            done = Site(target, elsewhere).run("restore", str(home / f"copy{copy}"))
            bringing.append(time.monotonic() - began)
            outcome.expect(done.returncode == 0, f"{store}: restore: {done.stdout}{done.stderr}")
            if done.returncode == 0:
                engine = open_engine(target)
                outcome.note(f"{store}, restored: {fault}" for fault in examine(engine, acknowledged).faults())
                engine.close()
            tell((number * 2 + 1) * size.backups + copy + 1, 2 * size.backups * len(size.stores))
        figures.append(
            f"{store}: made within {max(making):.1f} s, back within {max(bringing):.1f} s,"
            f" {len(before[-1])} acknowledged before the last all there"
        )
    outcome.figure = "; ".join(figures)
    return outcome


def _empty(place: Place, store: str, name: str) -> str:
    if store == "postgresql":
        return place.postgres.create_empty()
    return f"sqlite:///{place.home(name) / 'restored.db'}"
