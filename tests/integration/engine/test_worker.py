"""The worker wakes when something falls due, outlives a failing database, and stops gracefully."""

from __future__ import annotations

import datetime as dt
import time

from engine import DatabaseUnavailable, EngineConfig, ProcessEngine, SystemClock, Worker
from tests.support.bpmn import process


def _until(condition, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_the_worker_fires_a_timer_at_its_moment_not_at_the_next_beat(sqlite_url: str) -> None:
    engine = ProcessEngine.open(sqlite_url, config=EngineConfig(heartbeat=dt.timedelta(seconds=30)))
    engine.deploy(process("p").start().catch("wait", timer="PT0.3S").user_task("after").end().file())
    worker = Worker(engine)
    worker.start()
    time.sleep(0.1)

    run = engine.start("p")

    assert _until(lambda: bool(engine.tasks(instance_id=run.id)))
    worker.stop()
    assert worker.last_beat is not None
    engine.close()


def test_the_worker_goes_on_when_the_database_comes_back(sqlite_url: str, monkeypatch) -> None:
    engine = ProcessEngine.open(sqlite_url, config=EngineConfig(heartbeat=dt.timedelta(milliseconds=50)))
    beats = []

    def run_due(*_args, **_options):
        beats.append(SystemClock().now())
        if len(beats) < 3:
            raise DatabaseUnavailable
        return 0

    monkeypatch.setattr(engine, "run_due", run_due)
    worker = Worker(engine)
    worker.start()

    assert _until(lambda: worker.last_beat is not None)
    worker.stop()
    assert len(beats) >= 3
    engine.close()
