"""Completions a second over HTTP: 2 web processes as `saanphaen serve` runs them, 4 clients on the same machine.

Each client has the session of a planner, then that of a governor, of a province of its own and sends the task's form
as the page does, with its token and its key against repetition; the answer leads on to the next task. The floor is
`bare_app`: a bare Flask application with bare SQL that does the same under the same gunicorn; both take turns. A ratio
of 1 means that the product is as fast. `http/cpu` is the servers' processor time for one completion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from engine import Actor, SystemClock
from web.accounts import service
from web.accounts.passwords import hash_password
from web.bench import installation
from web.bench.approval_floor import ApprovalFloor
from web.bench.bare_app import TABLES
from web.bench.clients import Client, Side, complete, take_turns
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.served import Browser, InProcess, Server, in_this_process, product, serving
from web.bench.timing import Times

if TYPE_CHECKING:
    from engine import ProcessEngine

PROCESSES: Final = 2
THREADS: Final = 8
CLIENTS: Final = 4
_PASSWORD: Final = "วัดความเร็ว หนึ่งจังหวัด"  # noqa: S105 - of a database that is thrown away


def measure(run: Run) -> Iterator[Row]:
    """Let 4 clients work on both applications in turns, then one alone; for a profile, one in this process."""
    if run.profile is not None:
        yield from _in_this_process(run)
        return
    own, floor = _measure(run, clients=CLIENTS, runs=run.size(300, 24), slice_of=run.size(15, 3))
    yield run.row("http", own.rate, floor.rate, "1/s")
    yield run.row("http/p95", own.p95, floor.p95)
    yield run.row("http/cpu", own.cpu_each, floor.cpu_each)
    own, floor = _measure(run, clients=1, runs=run.size(100, 8), slice_of=run.size(20, 4))
    yield run.row("http/one-client", own.rate, floor.rate, "1/s")


def _measure(run: Run, *, clients: int, runs: int, slice_of: int) -> tuple[Side, Side]:
    places = installation.province_codes()[:clients]
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        product_side(url, places, runs) as own,
        bare_side(bare, places, runs) as floor,
    ):
        take_turns((own, floor), slice_of=slice_of, warm_up=run.size(5, 1))
        return own, floor


def _in_this_process(run: Run) -> Iterator[Row]:
    """Complete tasks without a server, so that the profile sees the pages."""
    place = installation.province_codes()[0]
    with (
        run.database() as url,
        installation.installed(url, "bench-approval") as engine,
        in_this_process(url) as client,
    ):
        _prepare(engine, [place], run.size(200, 40))
        person = installation.planner(place)
        browser = InProcess(0, client=client)
        browser.sign_in(person.id.lower(), _PASSWORD)
        times = Times()
        for task in _open_tasks(engine, person.capacity, 1_000):
            with run.profiled():
                times.take(partial(complete, browser, task))
        yield run.row("http/in-this-process", times.median)
        yield run.row("http/in-this-process/cpu", times.median_cpu)


@contextmanager
def product_side(url: str, places: Sequence[str], runs: int, *, processes: int = PROCESSES) -> Iterator[Side]:
    """Serve the product with so many waiting runs in these provinces: their drafts, then their signatures."""
    with installation.installed(url, "bench-approval") as engine:
        _prepare(engine, places, runs)
        with product(url, processes=processes, threads=THREADS) as server:

            def clients(role: str, person: Callable[[str], Actor]) -> list[Client]:
                return [
                    Client(_signed_in(server, person(place).id), _open_tasks(engine, f"{role}@{place}", runs))
                    for place in places
                ]

            steps = [
                partial(clients, installation.PLANNERS, installation.planner),
                partial(clients, installation.GOVERNOR, installation.governor),
            ]
            yield Side(server, steps)


@contextmanager
def bare_side(url: str, places: Sequence[str], runs: int, *, processes: int = PROCESSES) -> Iterator[Side]:
    """Serve the bare application with the same."""
    with closing(ApprovalFloor(url)) as rows:
        rows.floor.script(TABLES)
        for place in places:
            for role in ("planner", "governor"):
                rows.floor.execute("INSERT INTO bare_person VALUES (?, ?)", (f"{role}@{place}", f"{role} {place}"))
                rows.floor.execute("INSERT INTO bare_holding VALUES (?, ?)", (f"{role}@{place}", f"{role}@{place}"))
        for number in range(runs):
            place = places[number % len(places)]
            rows.start(f"planner@{place}", {"unit": place})
        module = ("web.bench.bare_app", "--database", url, "--workers", str(processes), "--threads", str(THREADS))
        with serving(module, {}, "/sign-in", processes=processes) as server:

            def clients(role: str) -> list[Client]:
                return [
                    Client(_signed_in(server, f"{role}@{place}"), rows.open_tasks_of(f"{role}@{place}"))
                    for place in places
                ]

            yield Side(server, [partial(clients, "planner"), partial(clients, "governor")])


def _prepare(engine: ProcessEngine, places: Sequence[str], runs: int) -> None:
    """Give the people of these provinces accounts, and start so many runs in all."""
    secret = hash_password(_PASSWORD)
    now = SystemClock().now()
    with engine.unit_of_work() as uow:
        for place in places:
            for person in (installation.planner(place).id, installation.governor(place).id):
                service.create_account(
                    uow.session, person_id=person, login=person.lower(), password_hash=secret, now=now
                )
    for number in range(runs):
        place = places[number % len(places)]
        engine.start("bench-approval", installation.offices(place), f"bench:http:{number}")


def _signed_in(server: Server, login: str) -> Browser:
    browser = Browser(server.port)
    browser.sign_in(login, _PASSWORD)
    return browser


def _open_tasks(engine: ProcessEngine, group: str, most: int) -> list[str]:
    return [task.id for task in engine.tasks(candidate_groups=[group], limit=most)]
