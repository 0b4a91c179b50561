"""R16: SIGTERM under load: requests in hand are finished, nobody sees a failure, everything ends within ten seconds."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import dataclass

from tests.soak.harness.load import People
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.soak.harness.site import Site
from tests.soak.harness.staff import PLANNERS
from tests.soak.r01_killed import look, start_runs

WHAT = "shutdown under load"
_LONGEST = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Size:
    """How often on each store."""

    stops: int
    clients: int = 4
    stores: tuple[str, ...] = STORES
    judges_time: bool = True  # the short form runs beside other tests: seconds say nothing there


FULL = Size(stops=10)
SHORT = Size(stops=1, stores=("sqlite",), judges_time=False)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Stop and start again and again; the socket is held by the supervisor, so that who comes meanwhile waits."""
    outcome = Outcome(f"{size.stops} × SIGTERM on {len(size.stores)} stores", "")
    figures = []
    for number, store in enumerate(size.stores):
        url = place.database(store, f"r16-{store}")
        start_runs(url, 24)
        slowest = 0.0
        with socket.socket() as listener, Site(url, place.home(f"r16-{store}")) as site:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", site.port))
            listener.listen(256)
            site.serve(listener=listener)
            site.work()
            site.wait_until_it_answers()
            browsers = site.signed_in(*PLANNERS[: size.clients])
            for browser in browsers:
                browser.close()
                browser.keep_alive = False  # as a proxy in front asks: a line for each request
            with People(browsers, seed=seed) as people:
                for done in range(size.stops):
                    people.wait_for(len(people.book.acknowledged) + size.clients)
                    slowest = max(slowest, site.terminate(), _stop_worker(site))
                    site.serve(listener=listener)
                    site.work()
                    tell(number * size.stops + done + 1, len(size.stores) * size.stops)
                people.wait_for(len(people.book.acknowledged) + size.clients)
            outcome.note(f"{store}: {line}" for line in site.complaints())
        book = people.book
        outcome.note(f"{store}: {fault}" for fault in (*book.faults, *look(url, book).faults()))
        outcome.expect(book.broken_lines == 0, f"{store}: {book.broken_lines} requests failed")
        outcome.expect(book.answers[503] == 0, f"{store}: {book.answers[503]} requests were put off")
        outcome.expect(slowest <= _LONGEST or not size.judges_time, f"{store}: it took {slowest:.1f} s to stop")
        figures.append(
            f"{store}: {sum(book.answers.values())} answers, {book.broken_lines} failed, stopped within {slowest:.2f} s"
        )
    outcome.figure = "; ".join(figures)
    return outcome


def _stop_worker(site: Site) -> float:
    worker = site.workers.pop()
    began = time.monotonic()
    os.kill(worker.pid, signal.SIGTERM)
    worker.wait(60)
    assert worker.returncode == 0, f"the worker ended with status {worker.returncode}"
    return time.monotonic() - began
