"""R5: another program holds the write lock of the SQLite file; people read on, and what they send waits or is put off."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from random import Random

from tests.soak.harness.load import People
from tests.soak.harness.numbers import quantile
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.soak.harness.site import Site
from tests.soak.harness.staff import PLANNERS
from tests.soak.r01_killed import look, start_runs

WHAT = "SQLite busy"
_BREATH = 0.1


@dataclass(frozen=True, slots=True)
class Size:
    """How long the lock is held, and how often."""

    seconds: float
    times: int
    clients: int = 4


FULL = Size(seconds=10, times=2)
SHORT = Size(seconds=1.5, times=1)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Hold the lock under load while somebody reads."""
    outcome = Outcome(f"lock held {size.times} × {size.seconds:.0f} s", "")
    url = place.database("sqlite", "r5")
    start_runs(url, 12)
    random = Random(seed)
    with Site(url, place.home("r5"), threads=8) as site:
        site.serve()
        site.work()
        site.wait_until_it_answers()
        (reader,) = site.signed_in(PLANNERS[-1])
        pages: list[float] = []
        with People(site.signed_in(*PLANNERS[: size.clients]), seed=seed) as people:
            people.wait_for(size.clients)
            for number in range(size.times):
                before = len(people.book.acknowledged)
                held = threading.Thread(target=_hold, args=(url.removeprefix("sqlite:///"), size.seconds))
                held.start()
                while held.is_alive():
                    began = time.monotonic()
                    status = reader.get("/tasks?tab=takeable").status
                    pages.append(time.monotonic() - began)
                    outcome.expect(status == HTTPStatus.OK, f"a page was answered {status} while the lock was held")
                    time.sleep(_BREATH * random.random())
                people.wait_for(max(before, len(people.book.acknowledged)) + size.clients)
                tell(number + 1, size.times)
        outcome.note(site.complaints())
    book = people.book
    outcome.note([*book.faults, *look(url, book).faults()])
    outcome.expect(len(pages) > 3 * size.times, f"only {len(pages)} pages were read while the lock was held")
    outcome.figure = (
        f"{len(book.acknowledged)} acknowledged, 0 lost; {len(pages)} pages read meanwhile,"
        f" p95 {quantile(pages, 0.95) * 1000:.0f} ms; answers {dict(sorted(book.answers.items()))}"
    )
    return outcome


def _hold(path: str, seconds: float) -> None:
    """Be the other program: take the write lock and think."""
    other = sqlite3.connect(path, isolation_level=None, timeout=60)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    other.execute("ROLLBACK")
    other.close()
