"""`saanphaen demo` as a process of its own: it fills, serves, is refused, and ends with all its parts."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.bpmn import process
from workflows.install import open_engine

PATIENCE = 120.0


class Demo:
    """A running demo with what it has written."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        clean = {name: text for name, text in os.environ.items() if not name.startswith("SAANPHAEN_")}
        clean.pop("DATABASE_URL", None)
        self.log = folder / "demo.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", "demo", "--port", "0", *arguments],
                env={**clean, "SAANPHAEN_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8")

    def port(self) -> int:
        """Wait until it says that it is ready."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = re.search(r"ready: http://127\.0\.0\.1:(\d+)", self.output)
            if found:
                return int(found[1])
            assert self.process.poll() is None, self.output
            time.sleep(0.05)
        raise AssertionError(self.output)

    def ends(self) -> int:
        """Wait for its end and return its status."""
        return self.process.wait(PATIENCE)


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[Demo]:
    demo = Demo(folder, *arguments, **environment)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.wait(PATIENCE)


def sign_in_page(port: int) -> str:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    asking.request("GET", "/sign-in")
    answer = asking.getresponse()
    text = answer.read().decode("utf-8")
    asking.close()
    assert answer.status == 200
    return text


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(happens: Callable[[], bool], within: float = PATIENCE) -> None:
    deadline = time.monotonic() + within
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workers(folder: Path) -> int:
    """Count the workers that have told of themselves."""
    engine = open_engine(f"sqlite:///{folder / 'demo.db'}")
    with engine.reading() as read:
        count: int = read.session.connection().exec_driver_sql("SELECT count(*) FROM web_worker").scalar_one()
    engine.close()
    return count


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was started once; before that, a start was interrupted while it loaded."""
    folder = tmp_path_factory.mktemp("demo")
    with running(folder) as interrupted:
        wait_for((folder / "demo.db.loading").exists)
        interrupted.process.kill()
        interrupted.ends()
    assert not (folder / "demo.db").exists()

    with running(folder) as demo:
        page = sign_in_page(demo.port())
        assert "ผู้ว่าราชการจังหวัดลำปาง" in page
        demo.process.send_signal(signal.SIGTERM)
        assert demo.ends() == 0
    assert sorted(path.name for path in folder.glob("demo.db*")) == ["demo.db"]
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "demo")
    return tmp_path / "demo"


def test_a_second_start_serves_with_its_worker_loads_nothing_and_ends_within_seconds(folder: Path) -> None:
    written = (folder / "demo.db").stat().st_size

    with running(folder) as demo:
        port = demo.port()
        assert "สำนักงานจังหวัด" in sign_in_page(port)
        assert (folder / "demo.db").stat().st_size == written  # what a worker writes stands in the log beside it
        wait_for(lambda: workers(folder) == 1)
        demo.process.send_signal(signal.SIGINT)
        started = time.monotonic()
        assert demo.ends() == 0

    assert time.monotonic() - started < 30
    assert is_free(port)
    assert workers(folder) == 0  # it has said good-bye


def test_its_parts_end_even_when_it_is_killed(folder: Path) -> None:
    with running(folder) as demo:
        port = demo.port()
        demo.process.kill()
        demo.ends()

        wait_for(lambda: is_free(port), within=30)


def test_a_database_that_it_did_not_make_is_refused_untouched(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    engine.deploy(process("real").start().script("do", "= 1", "x").end().file())
    engine.start("real")
    engine.close()

    with running(tmp_path, SAANPHAEN_DATABASE_URL=sqlite_url) as demo:
        assert demo.ends() == 1

    assert "the demo made" in demo.output
    assert "Traceback" not in demo.output
    engine = open_engine(sqlite_url)
    assert len(engine.instances()) == 1
    engine.close()


def test_fresh_throws_away_only_what_the_demo_made(folder: Path, sqlite_url: str, tmp_path: Path) -> None:
    open_engine(sqlite_url).close()

    with running(tmp_path, "--fresh", SAANPHAEN_DATABASE_URL=sqlite_url) as refused:
        assert refused.ends() == 1
    assert Path(sqlite_url.removeprefix("sqlite:///")).exists()

    with running(folder, "--fresh") as demo:
        wait_for((folder / "demo.db.loading").exists)
        assert not (folder / "demo.db").exists()
        demo.process.kill()


def test_a_port_that_is_taken_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(tmp_path, "--port", str(taken.getsockname()[1])) as demo:
            assert demo.ends() == 1

    assert "to be free" in demo.output
    assert not list(tmp_path.glob("*.db*"))
