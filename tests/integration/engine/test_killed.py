"""The process is killed at any moment: what was answered is there, nothing is done twice, rows and state agree."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from engine import SystemClock
from tests.soak.harness.oracle import examine
from tests.support.bpmn import process
from tests.support.driver import Driver

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys
from engine import ProcessEngine, TaskFilter, EngineError
engine = ProcessEngine.open(sys.argv[1])
print("ready", flush=True)
while True:
    engine.run_due()
    for task in engine.tasks(limit=20):
        try:
            engine.complete(task.id, {"answer": task.id}, "worker")
        except EngineError:
            continue
        print(task.id, flush=True)
"""
ROUNDS = 12


def test_killed_between_any_two_statements_nothing_is_lost_or_done_twice(driver: Driver) -> None:
    driver.clock.set(SystemClock().now())
    driver.deploy(
        process("child").start().user_task("inner").end(),
        process("p")
        .start()
        .user_task("first")
        .exclusive("g")
        .flow_if("= answer = null")
        .end("never")
        .at("g")
        .otherwise()
        .call("down", "child")
        .user_task("second")
        .end(),
    )
    runs = [driver.start("p").id for _ in range(60)]
    rng = random.Random(20260105)
    acknowledged: list[str] = []

    for _ in range(ROUNDS):
        acknowledged += _work_until_killed(driver.url, rng.uniform(0.02, 0.25))
    driver.clock.set(SystemClock().now())

    assert examine(driver.engine, acknowledged).faults() == []
    for _ in range(10):
        for task in driver.engine.tasks(limit=1_000):
            driver.engine.complete(task.id, {"answer": task.id})
        driver.engine.run_due()
    assert {driver.state(run) for run in runs} == {"completed"}
    assert driver.engine.verify_audit().verified


def _work_until_killed(url: str, seconds: float) -> list[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(seconds)
    worker.send_signal(signal.SIGKILL)
    lines = worker.stdout.read().splitlines(keepends=True)
    worker.stdout.close()
    worker.wait()
    return [line.strip() for line in lines if line.endswith("\n")]
