"""Bytes that a finished run of the approval leaves, and that a waiting one holds.

Runs are finished batch by batch; after each the outbox is emptied, as its sender does, and PostgreSQL is vacuumed, as
its own housekeeping does, so that room is used again; the first batches do not count. The size is that of all tables
and indexes (SQLite: pages in use). `storage/table/…` tells where it goes. The floor is `ApprovalFloor`, without outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from engine import open_database
from web.bench import installation
from web.bench.approval_floor import ApprovalFloor
from web.bench.bulk import settle
from web.bench.completion import SUBMITTED
from web.bench.rows import Row
from web.bench.run import Run

if TYPE_CHECKING:
    from engine import ProcessEngine

_PLACE: Final = "TH-52"
_SHOWN: Final = 50  # a table that holds less than so many bytes a run is not told
_SQLITE: Final = """
SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s LEFT JOIN sqlite_master m ON m.name = s.name
WHERE s.aggregate = TRUE GROUP BY 1
"""
_PRAGMAS: Final = ("page_count", "freelist_count", "page_size")
_POSTGRES: Final = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""


def measure(run: Run) -> Iterator[Row]:
    """Finish runs, then let some wait, and look at the sizes."""
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        installation.installed(url, "bench-approval") as engine,
        closing(ApprovalFloor(bare)) as floor,
    ):
        done = _grown(run, url, lambda count: _finish(engine, count))
        done_floor = _grown(run, bare, lambda count: _finish_bare(floor, count))
        waiting = _grown(run, url, lambda count: _start(engine, count), batches=1)
        waiting_floor = _grown(run, bare, lambda count: _start_bare(floor, count), batches=1)
    yield run.row("storage", sum(done.values()), sum(done_floor.values()), "bytes")
    yield run.row("storage/waiting", sum(waiting.values()), sum(waiting_floor.values()), "bytes")
    for table, size in sorted(done.items(), key=lambda one: -one[1]):
        if size > _SHOWN:
            yield run.row(f"storage/table/{table}", size, unit="bytes")


def _grown(run: Run, url: str, work: Callable[[int], None], *, batches: int = 4) -> Mapping[str, float]:
    """Return by how many bytes a run each table grows."""
    count = run.size(250, 20)
    work(count)
    settle(url)
    before = _sizes(url)
    for _ in range(batches):
        work(count)
        settle(url)
    return {table: (size - before.get(table, 0)) / (batches * count) for table, size in _sizes(url).items()}


def _sizes(url: str) -> Mapping[str, int]:
    database = open_database(url)
    try:
        with database.connect() as connection:
            if connection.dialect.name == "postgresql":
                return {str(table): int(size) for table, size in connection.execute(text(_POSTGRES))}
            try:
                return {str(table): int(size) for table, size in connection.execute(text(_SQLITE))}
            except OperationalError:  # this SQLite cannot tell tables apart
                pages, free, size = (int(connection.scalar(text(f"PRAGMA {name}")) or 0) for name in _PRAGMAS)
                return {"all": (pages - free) * size}
    finally:
        database.dispose()


def _finish(engine: ProcessEngine, count: int) -> None:
    actors = (installation.planner(_PLACE), installation.governor(_PLACE))
    for number in range(count):
        instance = engine.start("bench-approval", installation.offices(_PLACE), f"bench:storage:{number}")
        for actor in actors:
            (task,) = engine.tasks(instance_id=instance.id)
            engine.complete(task.id, SUBMITTED, actor)
    _send(engine)


def _start(engine: ProcessEngine, count: int) -> None:
    for number in range(count):
        engine.start("bench-approval", installation.offices(_PLACE), f"bench:waiting:{number}")
    _send(engine)


def _send(engine: ProcessEngine) -> None:
    while True:
        with engine.unit_of_work() as uow:
            entries = uow.outbox.take(500)
            uow.outbox.sent(entry.id for entry in entries)
        if not entries:
            return


def _finish_bare(floor: ApprovalFloor, count: int) -> None:
    for _ in range(count):
        instance = floor.start("planners@TH-52", dict(installation.offices(_PLACE)))
        for _step in ("draft", "sign"):
            floor.complete(floor.open_task(instance), "somebody", "governor@TH-52", SUBMITTED)


def _start_bare(floor: ApprovalFloor, count: int) -> None:
    for _ in range(count):
        floor.start("planners@TH-52", dict(installation.offices(_PLACE)))
