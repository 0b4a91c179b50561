"""R4: PostgreSQL restarts as if the power had gone, and loses its sessions, under load: nothing is lost, it comes back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random

import psycopg
from sqlalchemy import make_url

from tests.soak.harness.load import People
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place, restart_at_once
from tests.soak.harness.site import Site
from tests.soak.harness.staff import PLANNERS
from tests.soak.r01_killed import look, start_runs
from web.bench.throwaway_postgres import Postgres, find_binaries, throw_away_server

WHAT = "database restart"
_BACK_WITHIN = 5.0  # seconds from the server's return to the first acknowledged work
_RUNS = 24


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    restarts: int
    terminating: float  # seconds during which sessions are ended one after another
    clients: int = 6


FULL = Size(restarts=10, terminating=20)
SHORT = Size(restarts=1, terminating=2)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Restart and cut, on a server of its own: others use the common one."""
    outcome = Outcome(f"{size.restarts} restarts, sessions ended every 100 ms for {size.terminating:.0f} s", "")
    binaries = find_binaries()
    assert binaries is not None
    random = Random(seed)
    backs: list[float] = []
    with throw_away_server(binaries) as admin:
        own = Place(place.home("r4"), Postgres(admin, prefix="soak"))
        url = own.database("postgresql", "site")
        start_runs(url, _RUNS)
        with Site(url, own.home("site")) as site:
            site.serve()
            site.work(2)
            site.wait_until_it_answers()
            with People(site.signed_in(*PLANNERS[: size.clients]), seed=seed) as people:
                people.wait_for(size.clients)
                for number in range(size.restarts):
                    time.sleep(random.uniform(0.3, 1.2))
                    restart_at_once(url)
                    back = time.monotonic()
                    people.wait_for(len(people.book.acknowledged) + 1, 60)
                    backs.append(max(0.0, people.book.latest - back))
                    tell(number + 1, size.restarts + 1)
                cut = _end_sessions(url, size.terminating)
                people.wait_for(len(people.book.acknowledged) + size.clients)
            complaints = site.complaints()
        book = people.book
        verdict = look(url, book)
    outcome.note([*book.faults, *complaints, *verdict.faults()])
    outcome.expect(
        max(backs, default=0) <= _BACK_WITHIN, f"the first work after a restart took {max(backs, default=0):.1f} s"
    )
    outcome.expect(cut > 0, "no session was ended")
    outcome.figure = (
        f"{len(book.acknowledged)} acknowledged, {verdict.violations} violations; work again"
        f" {max(backs, default=0):.2f} s after the server's return at the latest;"
        f" {cut} sessions ended; answers {dict(sorted(book.answers.items()))}, {book.broken_lines} broken lines"
    )
    return outcome


def _end_sessions(url: str, seconds: float) -> int:
    """End one session of the installation every 100 ms."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ended = 0
    one = (
        "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) AS victim"
    )
    with psycopg.connect(plain, autocommit=True) as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended += len(connection.execute(one).fetchall())
            time.sleep(0.1)
    return ended
