"""W3 (`timers`): 10,000 runs wait for a moment, 500 are due: find and fire; and what a look costs when nothing is due.

Find and fire is `run_due`, as the worker calls it: pages of due jobs, then one transaction for each, in which the run
goes on to its next task. The floor finds by the same kind of index and writes the same rows: SELECT of the timer with
its run, UPDATE of both, INSERT of the task, two lines of audit, COMMIT. An idle look is all that a worker's heartbeat
asks (due jobs, the domain's duties, the next due moment); its floor is two SELECTs over as many rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import update

from engine import Base, SystemClock, open_database
from web.bench import installation
from web.bench.bulk import clone, settle
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timer_floor import TimerFloor
from web.bench.timing import Work, alternate

if TYPE_CHECKING:
    from engine import ProcessEngine

_GROUPS: Final = 10
_BASE: Final = 1_000_000
_PLACE: Final = "TH-52"


def measure(run: Run) -> Iterator[Row]:
    """Fill the waiting runs in, measure idle looks, fire what is due, then measure idle looks over very many."""
    waiting, due = run.size((10_000, 500), (2_000, 100))
    very_many = run.size(1_000_000, 100_000)
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        installation.installed(url, "bench-timer") as engine,
        closing(TimerFloor(bare)) as floor,
    ):
        now = SystemClock().now()
        moments = [now + dt.timedelta(hours=number + 1) for number in range(_GROUPS)]
        _fill(engine, url, waiting, due, moments)
        floor.fill(waiting, due, moments)
        yield from _idle(run, engine, floor, now, waiting)
        yield from _fire(run, engine, floor, moments)
        _fill_jobs(url, waiting, very_many)
        floor.fill(very_many, 0, moments)
        yield from _idle(run, engine, floor, now, very_many)


def _idle(run: Run, engine: ProcessEngine, floor: TimerFloor, now: dt.datetime, waiting: int) -> Iterator[Row]:
    def looks() -> Work:
        for _ in range(run.size(300, 60)):
            yield partial(_look, engine, now)

    def floor_looks() -> Work:
        for _ in range(run.size(300, 60)):
            yield partial(floor.look, now)

    sides = {"product": looks(), "floor": floor_looks()}
    times = alternate(sides, slice_of=20, warm_up=5, around={"product": run.profiled})
    yield run.row(f"timers/idle-{waiting}", times["product"].median, times["floor"].median)
    yield run.row(f"timers/idle-{waiting}/cpu", times["product"].median_cpu, times["floor"].median_cpu)


def _look(engine: ProcessEngine, now: dt.datetime) -> None:
    if engine.run_due(now):
        raise AssertionError("Expected nothing to be due, but something was done.")
    engine.earliest_due()


def _fire(run: Run, engine: ProcessEngine, floor: TimerFloor, moments: list[dt.datetime]) -> Iterator[Row]:
    fired: list[int] = []

    def product() -> Work:
        for moment in moments:
            yield lambda moment=moment: fired.append(engine.run_due(moment))  # type: ignore[misc]

    def bare() -> Work:
        for moment in moments:
            yield partial(floor.fire_due, moment)

    times = alternate({"product": product(), "floor": bare()}, slice_of=1, around={"product": run.profiled})
    done = sum(fired)
    if done != run.size(500, 100):
        raise AssertionError(f"Expected every due timer to fire once, but {done} did.")
    yield run.row("timers", sum(times["product"].wall) / 1_000, sum(times["floor"].wall) / 1_000, "s")
    yield run.row("timers/cpu", sum(times["product"].cpu) / 1_000, sum(times["floor"].cpu) / 1_000, "s")


def _fill(engine: ProcessEngine, url: str, waiting: int, due: int, moments: list[dt.datetime]) -> None:
    """Let one run wait by the product's own doing, and copy it; a tenth of what is due falls due at each moment."""
    far = moments[-1] + dt.timedelta(days=400)
    variables = {"at": far, **installation.offices(_PLACE)}
    template = int(engine.start("bench-timer", variables, "bench:timer:0").id)
    number = f"{_BASE} + n"
    jobs = Base.metadata.tables["bpm_job"]
    database = open_database(url)
    with database.begin() as connection:
        key = f"'bench:timer:' || {'n' if connection.dialect.name == 'sqlite' else 'n::text'}"
        own = {"id": number, "root_id": number, "business_key": key}
        clone(connection, "bpm_process_instance", f"id = {template}", waiting - 1, own)
        clone(connection, "bpm_state_part", f"instance_id = {template}", waiting - 1, {"instance_id": number})
        clone(connection, "bpm_history", f"instance_id = {template}", waiting - 1, {"instance_id": number})
        clone(connection, "bpm_job", f"instance_id = {template}", waiting - 1, {"id": number, "instance_id": number})
        each = due // len(moments)
        for nth, moment in enumerate(moments):
            first = _BASE + 1 + nth * each
            connection.execute(update(jobs).where(jobs.c.id.between(first, first + each - 1)).values(due_at=moment))
    database.dispose()
    settle(url)


def _fill_jobs(url: str, there: int, wanted: int) -> None:
    """Let runs that are there wait for many more moments."""
    database = open_database(url)
    with database.begin() as connection:
        last = _BASE + there - 1  # waits still: only the first ones were due
        changes = {
            "id": f"{2 * _BASE} + n",
            "instance_id": f"{_BASE} + 1 + n % {there - 1}",
            "wait_id": "'w' || " + ("n" if connection.dialect.name == "sqlite" else "n::text"),
        }
        clone(connection, "bpm_job", f"id = {last}", wanted - there, changes)
    database.dispose()
    settle(url)
