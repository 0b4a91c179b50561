"""How long starting takes: a command, the engine, the pages, and a diagram when it is first used.

`start/help` is `saanphaen --help`, beside an interpreter that does nothing. `start/engine` is a process that opens the
engine with the domain on a prepared database and ends, beside one that opens a bare connection. `start` is from
the command to the first answer, beside `bare_app`. `start/diagram` is the first look at a task of the largest shipped
process in a fresh engine less the second, beside reading the same bytes into a tree of elements.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from lxml import etree
from sqlalchemy import text

from engine import open_database
from web.bench import installation
from web.bench.approval_floor import ApprovalFloor
from web.bench.bare_app import TABLES
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.served import product, serving
from web.bench.timing import Times, Work, alternate
from workflows.definitions import bundle
from workflows.install import deploy_definitions, open_engine

_LARGEST: Final = "provincial-plan"
_OPEN: Final = "import sys; from workflows.install import open_engine; open_engine(sys.argv[1]).close()"
_CONNECT: Final = "import sys; from engine import open_database; open_database(sys.argv[1]).connect().close()"


def measure(run: Run) -> Iterator[Row]:
    """Start everything several times, product and floor in turns."""
    with run.database() as url, run.database(empty=True) as bare:
        with installation.installed(url, "bench-approval") as engine:
            deploy_definitions(engine)
            instance = engine.start("bench-approval", installation.offices("TH-52"), "bench:start")
            (task,) = engine.tasks(instance_id=instance.id)
        floor = ApprovalFloor(bare)
        floor.floor.script(TABLES)
        floor.close()
        yield from _processes(run, url, bare)
        yield _diagram(run, url, task.id)


def _processes(run: Run, url: str, bare: str) -> Iterator[Row]:
    count = run.size(7, 1)
    for name, own, floor in (
        ("help", ("-m", "web.cli", "--help"), ("-c", "")),
        ("engine", ("-c", _OPEN, url), ("-c", _CONNECT, bare)),
    ):
        sides = {"product": _runs(own, count), "floor": _runs(floor, count)}
        times = alternate(sides, slice_of=1, warm_up=run.size(1, 0))
        yield run.row(f"start/{name}", times["product"].median, times["floor"].median)
    served = {"product": _serves(url, count, bare=False), "floor": _serves(bare, count, bare=True)}
    times = alternate(served, slice_of=1)
    yield run.row("start", times["product"].median, times["floor"].median)


def _runs(arguments: tuple[str, ...], count: int) -> Work:
    for _ in range(count):
        yield partial(subprocess.run, [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def _serves(url: str, count: int, *, bare: bool) -> Work:
    """Serve, and stop again outside of what is timed."""
    module = ("web.bench.bare_app", "--database", url, "--workers", "1", "--threads", "8")
    for _ in range(count):
        with ExitStack() as opened:
            made = serving(module, {}, "/sign-in", processes=1) if bare else product(url, processes=1)
            yield partial(opened.enter_context, made)


def _diagram(run: Run, url: str, task_id: str) -> Row:
    """Let the task be one of the largest process, and look at it in engines that know no diagram yet."""
    database = open_database(url)
    with database.begin() as connection:
        latest = "(SELECT max(id) FROM bpm_process_definition WHERE key = :process)"
        connection.execute(
            text(f"UPDATE bpm_task SET definition_id = {latest} WHERE id = :task"),  # noqa: S608 - our own words
            {"process": _LARGEST, "task": int(task_id)},
        )
    database.dispose()
    content = bundle(_LARGEST)[f"{_LARGEST}.bpmn"]
    first, second, floor = Times(), Times(), Times()
    for _ in range(run.size(15, 3)):
        engine = open_engine(url)
        try:
            look = partial(engine.tasks, process_id=_LARGEST)
            engine.tasks(process_id="bench-approval")  # statements are made, diagrams are not
            with run.profiled():
                first.take(look)
            second.take(look)
            floor.take(partial(etree.fromstring, content))
        finally:
            engine.close()
    return run.row("start/diagram", max(first.median - second.median, 0), floor.median)
