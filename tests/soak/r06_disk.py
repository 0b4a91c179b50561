"""R6: the disk fills up, later has room again, later cannot be written at all: a clear word, reading goes on, no loss.

In full on a small file system of its own, which needs the right to mount one. The short form lets the processes write
no further than a little beyond the size that the file has (a limit of the operating system), which needs no right.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from engine import SYSTEM
from tests.soak.harness.browser import Browser
from tests.soak.harness.diagrams import one_step
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.soak.harness.site import Site, wait_for
from tests.soak.harness.staff import PLANNERS
from workflows.install import open_engine

WHAT = "disk full, then read-only"
_ROOM = 1_000_000  # bytes beyond the database's size; each task writes some 40,000 into the write-ahead log
_LARGE = "64m"

_KEPT = 5  # tasks for the time when nothing can be written


@dataclass(frozen=True, slots=True)
class Size:
    """How large the file system is, and how many tasks there are."""

    tasks: int
    mounts: bool


FULL = Size(tasks=200, mounts=True)
SHORT = Size(tasks=60, mounts=False)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Fill the disk by the work of people, make room, then take the right to write away."""
    outcome = Outcome(
        f"{_ROOM:,} bytes of room on {'a small file system' if size.mounts else 'a limit'}, {size.tasks} tasks", ""
    )
    if size.mounts and os.geteuid() != 0:
        outcome.faults.append("Expected the right to mount a small file system (root), but there is none.")
        return outcome
    source = Path(place.database("sqlite", "r6").removeprefix("sqlite:///"))
    tasks = _tasks(f"sqlite:///{source}", size.tasks)
    home = place.home("r6-disk")
    with _small_disk(home, source.stat().st_size + _ROOM) if size.mounts else _anywhere(home):
        file = home / "plan.db"
        shutil.copyfile(source, file)
        url = f"sqlite:///{file}"
        limit = 0 if size.mounts else file.stat().st_size + 64_000
        with Site(url, place.home("r6"), largest_file=limit) as site:
            site.serve()
            site.wait_until_it_answers()
            (browser,) = site.signed_in(PLANNERS[0])
            book = _Book(browser, outcome)
            book.work(tasks, until_refused=True)
            tell(1, 4)
            full = book.refused
            outcome.expect(full > 0, "the disk never became full")
            outcome.expect(browser.get("/tasks").status == HTTPStatus.OK, "no page could be read on a full disk")
            if size.mounts:
                _remount(home, f"size={_LARGE}")
            else:
                site.allow_files_of_any_size()
            book.work(tasks, until_refused=False)
            tell(2, 4)
            outcome.expect(len(book.done) == size.tasks - _KEPT, f"only {len(book.done)} tasks could be done")
            if size.mounts:
                _read_only(site, book, tasks, home, outcome)
            tell(3, 4)
            outcome.note(site.complaints())
        outcome.expect(_is_sound(file), "SQLite's own check finds the file damaged")
        engine = open_engine(url)
        verdict = examine(engine, book.done)
        engine.close()
    outcome.note(verdict.faults())
    outcome.figure = (
        f"full after {book.first_refused} tasks: {full} × 503 in words, pages read on; with room again all"
        f" {len(book.done)} done without a restart, {verdict.violations} violations, integrity ok"
    )
    return outcome


class _Book:
    """One person who finishes tasks."""

    def __init__(self, browser: Browser, outcome: Outcome) -> None:
        self.browser = browser
        self.outcome = outcome
        self.done: list[str] = []
        self.refused = 0
        self.first_refused = 0

    def work(self, tasks: list[str], *, until_refused: bool) -> None:
        """Finish all tasks but those that are kept, or until the disk has refused five times."""
        for task in tasks[:-_KEPT]:
            if task in self.done:
                continue
            if self.finish(task) == HTTPStatus.SEE_OTHER:
                continue
            self.first_refused = self.first_refused or len(self.done)
            if until_refused and self.refused >= 5:
                return

    def finish(self, task: str) -> int:
        """Finish one task; a refusal must be told as the product's own 503."""
        answer = self.browser.post(f"/tasks/{task}/complete", {"v:note": "ทำแล้ว", "once": f"once-{task}"})
        if answer.status == HTTPStatus.SEE_OTHER:
            self.done.append(task)
        else:
            self.refused += 1
            self.outcome.expect(
                answer.status == HTTPStatus.SERVICE_UNAVAILABLE, f"an answer {answer.status} instead of 503"
            )
            self.outcome.expect("retry-after" in answer.headers, "a 503 without Retry-After")
        return answer.status


def _read_only(site: Site, book: _Book, tasks: list[str], home: Path, outcome: Outcome) -> None:
    """Started where nothing can be written: it says so in words or serves for reading; then everything goes on."""
    site.terminate()
    book.browser.close()
    written = len(site.log())
    _remount(home, "ro")
    site.serve()
    wait_for(lambda: site.server.poll() is not None or site.answers(), "an end or an answer")
    if site.server.poll() is None:
        outcome.expect(book.finish(tasks[-1]) == HTTPStatus.SERVICE_UNAVAILABLE, "it was written on a read-only disk")
        outcome.expect(book.browser.get("/tasks").status == HTTPStatus.OK, "no page can be read on a read-only disk")
        site.terminate()
        book.browser.close()
    else:
        said = site.log()[written:]
        outcome.expect("Traceback" not in said and "Error: " in said, f"a read-only disk is not told in words: {said}")
    _remount(home, "rw")
    site.serve()
    site.wait_until_it_answers()
    for task in tasks[-_KEPT:]:
        outcome.expect(book.finish(task) == HTTPStatus.SEE_OTHER, "it does not go on when the disk can be written")


def _tasks(url: str, count: int) -> list[str]:
    engine = open_engine(url)
    engine.deploy(one_step())
    with engine.unit_of_work() as uow:
        runs = [uow.instances.start("soak_one").id for _ in range(count)]
    tasks = [engine.tasks(instance_id=one)[0].id for one in runs]
    for task in tasks:
        engine.assign(task, PLANNERS[0], SYSTEM)
    engine.close()
    return tasks


def _is_sound(file: Path) -> bool:
    connection = sqlite3.connect(file)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        connection.close()


@contextmanager
def _anywhere(home: Path) -> Iterator[Path]:
    yield home


@contextmanager
def _small_disk(home: Path, size: int) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "saanphaen", str(home)], check=True)
    try:
        yield home
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


def _remount(home: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(home)], check=True)
