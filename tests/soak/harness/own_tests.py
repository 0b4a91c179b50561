"""Runs tests of the project that are a plan by themselves, at a plan's size and seed, and counts them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.soak.harness.outcome import Outcome
from tests.soak.harness.site import ROOT

_COUNT = re.compile(r"(\d+) (passed|failed|error|skipped)")


def run_tests(*arguments: str, seed: int, outcome: Outcome, **environment: str) -> dict[str, int]:
    """Run some tests with a seed; a failure and a skipped test are faults. Returns how many there were of each."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider",
         f"--hypothesis-seed={seed}", "--timeout=3600", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    found = {word: int(number) for number, word in _COUNT.findall(done.stdout.strip().rpartition("\n")[2])}
    outcome.expect(done.returncode == 0 and found.get("passed", 0) > 0, done.stdout[-3_000:] + done.stderr[-1_000:])
    outcome.expect(not found.get("skipped"), "some tests were skipped")
    return found
