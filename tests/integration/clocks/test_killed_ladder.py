"""Workers are killed while they climb: every rung of every clock is told to every person, and told once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.integration.clocks.conftest import Clockwork
from workflows.calendar import OFFICE_OPENS, moment_of

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys
from engine import Ports, ProcessEngine
from tests.integration.clocks.conftest import Office, areas_of
from tests.support.clock import ManualClock
from workflows.clocks import Ladder
duty = Ladder(areas_of=areas_of, positions=Office())
engine = ProcessEngine.open(sys.argv[1], clock=ManualClock(sys.argv[2]), ports=Ports(duties=(duty,)))
print("ready", flush=True)
engine.run_due()
"""
CLOCKS = 120
ROUNDS = 5


def test_killed_at_any_moment_no_rung_is_lost_or_told_twice(clockwork: Clockwork) -> None:
    clockwork.deploy()
    with clockwork.driver.engine.unit_of_work() as uow:
        for number in range(CLOCKS):
            uow.instances.start("p", {"unit": "TH-52"}, f"run {number}")
    due = clockwork.clock_of_any().due
    now = moment_of(due.date().replace(day=due.day + 3), OFFICE_OPENS)
    rng = random.Random(20260119)

    for _ in range(ROUNDS):
        _climb_until_killed(clockwork.driver.url, now.isoformat(), rng.uniform(0.01, 0.4))
    clockwork.driver.run_due_at(now)

    climbed = Counter((rung["clock"], rung["rung"]) for rung in clockwork.rungs())
    assert len(climbed) == 4 * CLOCKS
    assert set(climbed.values()) == {1}
    for person, rungs in (("ann", [-3, 0, 1]), ("head", [1, 3]), ("governor", [3])):
        told = Counter((message.facts["clock"], message.facts["rung"]) for message in clockwork.all_messages(person))
        assert len(told) == len(rungs) * CLOCKS, person
        assert {rung for _clock, rung in told} == set(rungs)
        assert set(told.values()) == {1}


def _climb_until_killed(url: str, now: str, seconds: float) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, now], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(seconds)
    worker.send_signal(signal.SIGKILL)
    worker.stdout.close()
    worker.wait()
