"""Resident memory: of a web process at work, of a worker, and how it grows over 20,000 completions.

`memory` is the larger of a web process after its first completions and pages and of `saanphaen worker`; its floor
is the bare Flask application after the same. `memory/growth` is what a process that completes tasks through the
engine's door holds at the end of 20,000 more than after its first 6,000, by which SQLite's page cache (16 MiB) is full.
`memory/web-growth` is that of the web process over the completions that it serves. Megabytes are 1,000,000 bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psutil
from sqlalchemy import Engine, func, select

from engine import open_database
from web.bench import installation
from web.bench.clients import Side, take_turns
from web.bench.http import bare_side, product_side
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.served import NotServed
from web.operations.models import WorkerSign

_MB: Final = 1e6
_PATIENCE: Final = 60.0


def measure(run: Run) -> Iterator[Row]:
    """Measure the processes one after another."""
    runs = run.size(1_000, 24)
    places = installation.province_codes()[:1]
    with (
        run.database() as url,
        run.database(empty=True) as bare,
        product_side(url, places, runs, processes=1) as own,
        bare_side(bare, places, runs, processes=1) as floor,
    ):
        first = _after_some(own, floor, run.size(100, 4))
        take_turns((own, floor), slice_of=run.size(100, 4), warm_up=0)
        web, web_floor = _resident(own), _resident(floor)
        worker = _worker(url)
    yield run.row("memory", max(web, worker), web_floor, "MB")
    yield run.row("memory/web", web, web_floor, "MB")
    yield run.row("memory/web-growth", web - first[0], unit="MB")
    yield run.row("memory/worker", worker, unit="MB")
    held = _completing(run)
    yield run.row("memory/growth", max(held[-1], held[-2]) - held[0], unit="MB")
    yield run.row("memory/engine", held[-1], unit="MB")


def _after_some(own: Side, floor: Side, count: int) -> tuple[float, float]:
    """Complete some tasks on both, and return what they hold then."""
    for side in (own, floor):
        side.work(side.steps[0](), count)
    return _resident(own), _resident(floor)


def _resident(side: Side) -> float:
    return max(psutil.Process(pid).memory_info().rss for pid in side.server.pids) / _MB


def _worker(url: str) -> float:
    """Start a worker, let it look at what is due until it tells that it lives, and return what it holds."""
    database = open_database(url)
    try:
        with _running(url) as process:
            deadline = time.monotonic() + _PATIENCE
            while not _lives(database):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotServed(
                        f"Expected a worker that tells within {_PATIENCE:.0f} s that it lives, but none did."
                    )
                time.sleep(0.2)
            return float(psutil.Process(process.pid).memory_info().rss) / _MB
    finally:
        database.dispose()


def _lives(database: Engine) -> bool:
    with database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(WorkerSign)) != 0


@contextmanager
def _running(url: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryDirectory(prefix="saanphaen-bench-") as folder:
        settings = {
            "SAANPHAEN_DATABASE_URL": url,
            "SAANPHAEN_DATA_DIR": folder,
            "SAANPHAEN_LOG_LEVEL": "WARNING",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "worker", "--with-parent"],
            stdin=subprocess.PIPE,
            env={**os.environ, **settings},
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def _completing(run: Run) -> list[float]:
    """Return the megabytes that a process holds, from after its warm-up to the end of its completions."""
    warm_up, count = run.size((6_000, 20_000), (100, 400))
    with run.database() as url:
        command = (sys.executable, "-m", "web.bench.completing", "--database", url)
        sizes = ("--warm-up", str(warm_up), "--count", str(count))
        told = subprocess.run([*command, *sizes], check=True, capture_output=True)  # noqa: S603 - our own command
    return [held / _MB for held in json.loads(told.stdout)]
