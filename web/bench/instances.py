"""Runs a second that go through by themselves: 1, 5 and 15 steps, a fork, 300 at once, five calls inside each other.

On a store each start is durable: the run, its lines of history and its end are committed before the next one starts.
The floor is the least of that by bare SQL: one transaction with a row for each run, its end and two lines of history.
`…/memory` is the same engine without a store, beside plain SpiffWorkflow that runs the same diagram in memory. Here
more is better; the ratio is product to floor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from engine import InstanceState, ProcessEngine, SystemClock
from web.bench.automatic import OURS, PLAIN, SHAPES, Shape
from web.bench.floor import Floor
from web.bench.naive_peer import PlainLibrary
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Act, Times, Work, alternate

_TABLES = """
CREATE TABLE floor_run (id BIG PRIMARY KEY, process TEXT NOT NULL, state TEXT NOT NULL, at MOMENT NOT NULL);
CREATE TABLE floor_line (id BIG PRIMARY KEY, run_id INTEGER NOT NULL, kind TEXT NOT NULL, at MOMENT NOT NULL)
"""
_BEGIN = "INSERT INTO floor_run (process, state, at) VALUES (?, 'active', ?) RETURNING id"
_END = "UPDATE floor_run SET state = 'completed' WHERE id = ?"
_TELL = "INSERT INTO floor_line (run_id, kind, at) VALUES (?, ?, ?)"


class NotThrough(Exception):
    """Expected a run to be over when its start has returned, but it is not."""


def measure(run: Run) -> Iterator[Row]:
    """Start runs of every shape, product and floor in turns; in memory once, beside the first store."""
    with run.database() as url, run.database(empty=True) as bare, closing(Floor(bare)) as floor:
        floor.script(_TABLES)
        with closing(ProcessEngine.open(url)) as engine:
            for shape in SHAPES:
                yield _row(run, shape, _Product(engine, shape).once, partial(_written, floor, shape))
    if run.store.name != "sqlite":
        return
    with closing(ProcessEngine.open()) as engine:
        for shape in SHAPES:
            row = _row(run, shape, _Product(engine, shape).once, PlainLibrary(shape.files(PLAIN), shape.process).once)
            yield Row(f"{row.name}/memory", "memory", row.value, row.unit, row.floor, row.ratio)


def _row(run: Run, shape: Shape, own: Act, floor: Act) -> Row:
    count = run.size(15 if shape.many else 150, 3 if shape.many else 10)
    sides: dict[str, Work] = {"product": iter([own] * count), "floor": iter([floor] * count)}
    times = alternate(sides, slice_of=run.size(10, 5), warm_up=2, around={"product": run.profiled})
    return run.row(f"instances/{shape.name}", _a_second(times["product"]), _a_second(times["floor"]), "1/s")


def _a_second(times: Times) -> float:
    return 1_000 / times.median


class _Product:
    """The engine with a shape deployed."""

    def __init__(self, engine: ProcessEngine, shape: Shape) -> None:
        self._engine, self._shape = engine, shape
        engine.deploy(shape.files(OURS), actor="bench")

    def once(self) -> None:
        """Start a run and see that it is over."""
        started = self._engine.start(self._shape.process, actor="bench")
        if self._shape.calls:
            started = self._engine.instance(started.id)  # its children ran after the start
        if started.state is not InstanceState.COMPLETED:
            raise NotThrough(f"Expected {self._shape.name} to be over, but it is {started.state}.")


def _written(floor: Floor, shape: Shape) -> None:
    now = SystemClock().now()
    at = now.isoformat() if floor.is_sqlite else now
    with floor.transaction():
        for _ in range(shape.instances):
            (number,) = floor.execute(_BEGIN, (shape.process, at)).fetchone()
            for kind in ("started", "ended"):
                floor.execute(_TELL, (number, kind, at))
            floor.execute(_END, (number,))
