"""R1: web processes and workers are killed at random moments under load; nothing is lost, done twice or torn."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random

from tests.soak.harness.diagrams import rework
from tests.soak.harness.load import Book, People
from tests.soak.harness.oracle import Verdict, examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.soak.harness.site import Site, suppress_gone, wait_for
from tests.soak.harness.staff import PLANNERS
from workflows.install import open_engine

WHAT = "kill -9 under load"
_WORK_BETWEEN = 4  # acknowledgements after each kill, so that every one meets people at work


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    kills: int  # on each store
    runs: int = 24
    clients: int = 6
    workers: int = 2
    patience: float = 120.0  # seconds until work must have gone on
    stores: tuple[str, ...] = STORES


FULL = Size(kills=200)
SHORT = Size(kills=6)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Kill on each store, then ask the oracle."""
    outcome = Outcome(f"{size.kills} kills × {len(size.stores)} stores", "")
    figures = []
    for number, store in enumerate(size.stores):
        url = place.database(store, f"r1-{store}")

        def told(done: int, before: int = number) -> None:
            tell(before * size.kills + done, size.kills * len(size.stores))

        book, verdict = kill_under_load(place, url, f"r1-{store}", size, seed, told=told)
        outcome.note(f"{store}: {fault}" for fault in (*book.faults, *verdict.faults()))
        outcome.expect(len(book.acknowledged) >= size.kills, f"{store}: too little work was done to tell anything")
        figures.append(
            f"{store}: {len(book.acknowledged)} acknowledged, {book.answers[409]} refused,"
            f" {book.broken_lines} broken lines, {verdict.violations} violations"
        )
    outcome.figure = "; ".join(figures)
    return outcome


def kill_under_load(
    place: Place, url: str, name: str, size: Size, seed: int, *, told: object = None, mutant: str = ""
) -> tuple[Book, Verdict]:
    """Run an installation under load, kill its processes one after another, and let the oracle look."""
    random = Random(seed)
    start_runs(url, size.runs)
    with Site(url, place.home(name), mutant=mutant) as site:
        site.serve()
        site.work(size.workers)
        site.wait_until_it_answers()
        with People(site.signed_in(*PLANNERS[: size.clients]), seed=seed) as people:
            people.wait_for(size.clients, size.patience)
            for number in range(size.kills):
                people.wait_for(len(people.book.acknowledged) + _WORK_BETWEEN, min(5.0, size.patience))
                time.sleep(random.uniform(0.01, 0.25))
                kill_one(site, random)
                if callable(told):
                    told(number + 1)
                if people.book.faults:
                    break
            people.wait_for(len(people.book.acknowledged) + size.clients, size.patience)  # it goes on afterwards
        complaints = [] if mutant else site.complaints()
    people.book.faults += complaints
    return people.book, look(url, people.book)


def start_runs(url: str, count: int) -> None:
    """Deploy the process and start runs of it that do not end by themselves."""
    engine = open_engine(url)
    engine.deploy(rework())
    for number in range(count):
        engine.start("soak_rework", {"n": 0, "rounds": 1_000_000}, f"soak:{number}")
    engine.close()


def kill_one(site: Site, random: Random) -> None:
    """Kill a process that serves (its watcher starts another) or a worker (a supervisor does), then wait for it."""
    if site.workers and random.random() < 0.25:
        site.kill_worker(random.randrange(len(site.workers)))
        return
    before = site.web_processes()
    if not before:
        return
    victim = random.choice(before)
    with suppress_gone():
        victim.kill()
    wait_for(
        lambda: len([one for one in site.web_processes() if one.pid != victim.pid]) >= len(before), "its successor"
    )


def look(url: str, book: Book) -> Verdict:
    """Ask the oracle, from a process that had no part in it."""
    engine = open_engine(url)
    try:
        return examine(engine, book.acknowledged)
    finally:
        engine.close()
