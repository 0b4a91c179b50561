"""An installation of real processes: `saanphaen serve` and any number of `saanphaen worker`, started, killed, watched."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.soak.harness.browser import Browser, LineBroke

ROOT = Path(__file__).resolve().parents[3]
_SECRET = "s" * 40
_TRACE = 40  # lines of a traceback
_PATIENCE = 300.0  # seconds until something must have happened, on a machine that others use too


class Site:
    """One installation on a loopback port; leaving it ends every process of it."""

    def __init__(
        self, url: str, home: Path, *, mutant: str = "", web: int = 2, threads: int = 4, largest_file: int = 0
    ) -> None:
        self.url = url
        self.home = home
        self.port = free_port()
        self._mutant = mutant
        self._largest_file = largest_file  # bytes; 0 is no limit
        self._serve: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._windows: list[Browser] = []
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAANPHAEN_")}
        clean.pop("DATABASE_URL", None)
        self.environment = clean | {
            "SAANPHAEN_DATABASE_URL": url,
            "SAANPHAEN_DATA_DIR": str(home),
            "SAANPHAEN_SECRET_KEY": _SECRET,
            "SAANPHAEN_PORT": str(self.port),
            "SAANPHAEN_WORKERS": str(web),
            "SAANPHAEN_THREADS": str(threads),
            "SAANPHAEN_LOG_LEVEL": "WARNING",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()

    def serve(self, *, listener: socket.socket | None = None) -> None:
        """Start the pages; `answers` tells when they are there. A socket that listens already is handed over."""
        more = () if listener is None else ("--socket", str(listener.fileno()))
        self._serve = self._start("serve", *more, hands_over=() if listener is None else (listener.fileno(),))

    def work(self, count: int = 1) -> None:
        """Start workers."""
        self.workers += [self._start("worker") for _ in range(count)]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the product in this installation."""
        return subprocess.run(
            [sys.executable, "-m", "web.cli", *command],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip

    def wait_until_it_answers(self) -> None:
        """Wait for the pages."""
        wait_for(self.answers, f"the pages of {self.home}")

    def answers(self) -> bool:
        """Tell whether the pages answer.

        Raises:
            AssertionError: What serves them has ended.
        """
        assert self.server.poll() is None, f"serve has ended: {self.log()}"
        try:
            return Browser(self.port, "nobody", keep_alive=False).get("/sign-in").status == HTTPStatus.OK
        except LineBroke:
            return False

    def signed_in(self, *people: str) -> list[Browser]:
        """Open browsers of people."""
        browsers = [Browser(self.port, person, windows=self._windows) for person in people]
        self._windows += browsers
        for browser in browsers:
            browser.sign_in()
        return browsers

    @property
    def server(self) -> subprocess.Popen[bytes]:
        """The process that watches over those that serve."""
        assert self._serve is not None
        return self._serve

    def web_processes(self) -> list[psutil.Process]:
        """Return the processes that serve now."""
        try:
            return psutil.Process(self.server.pid).children()
        except psutil.NoSuchProcess:
            return []

    def kill_worker(self, number: int) -> None:
        """Kill a worker at once and start another in its place, as a supervisor does."""
        victim = self.workers[number]
        victim.kill()
        victim.wait()
        self.workers[number] = self._start("worker")

    def kill_server(self) -> None:
        """Kill everything that serves at once; `serve` starts it anew."""
        children = self.web_processes()
        self.server.kill()
        for child in children:
            with suppress_gone():
                child.kill()
        self.server.wait()

    def terminate(self) -> float:
        """Ask the pages to stop and return how many seconds they took."""
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(_PATIENCE)
        return time.monotonic() - began

    def log(self) -> str:
        """Return what the processes have written."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.home.glob("*.log")))

    def complaints(self) -> list[str]:
        """Return what only a fault of the product writes: requests that ended in a 500, duties that failed."""
        signs = ('"request_failed"', '"duty_failed"', '"job_failure_not_recorded"')
        lines = self.log().splitlines()
        return [
            "\n".join(lines[number : number + _TRACE])[:4000] if line.startswith("Traceback") else line[:2000]
            for number, line in enumerate(lines)
            if line.startswith("Traceback") or any(sign in line for sign in signs)
        ]

    def allow_files_of_any_size(self) -> None:
        """Take the limit of file sizes away from everything that runs."""
        for process in (psutil.Process(self.server.pid), *self.web_processes()):
            process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def stop(self) -> None:
        """End every process: politely, then not; hang up for everybody."""
        for window in self._windows:
            window.close()
        parts = [part for part in (self._serve, *self.workers) if part is not None]
        for part in parts:
            if part.poll() is None:
                part.terminate()
        for part in parts:
            try:
                part.wait(20)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
        self._serve = None
        self.workers.clear()

    def _start(self, *command: str, hands_over: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        module = ["tests.soak.harness.mutants", self._mutant] if self._mutant else ["web.cli"]
        with (self.home / f"{command[0]}.log").open("ab") as log:
            part = subprocess.Popen(
                [sys.executable, "-m", *module, *command],
                env=self.environment, cwd=ROOT, stdout=log, stderr=log, pass_fds=hands_over,
            )  # fmt: skip
        if self._largest_file:
            limits = (self._largest_file, resource.RLIM_INFINITY)
            psutil.Process(part.pid).rlimit(psutil.RLIMIT_FSIZE, limits)
        return part


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: object, what: str, seconds: float = _PATIENCE) -> float:
    """Wait until a condition holds and return how many seconds that took.

    Raises:
        AssertionError: It never did.
    """
    began = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - began < seconds, f"waited {seconds} s for {what}"
        time.sleep(0.02)
    return time.monotonic() - began


@contextmanager
def suppress_gone() -> Iterator[None]:
    """A process that has gone meanwhile is as dead as wanted."""
    try:
        yield
    except psutil.NoSuchProcess:
        return
