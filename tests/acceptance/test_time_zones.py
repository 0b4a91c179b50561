"""The time zone of the machine decides nothing: due moments, firings, counted days and history are the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ZONES = ("UTC", "Asia/Bangkok", "America/New_York")


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "tests.support.zone_scenario"]
    runs = {
        zone: subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "TZ": zone})
        for zone in ZONES
    }
    answers = {zone: run.communicate()[0] for zone, run in runs.items()}
    assert {run.returncode for run in runs.values()} == {0}
    return {zone: json.loads(answer) for zone, answer in answers.items()}


@pytest.mark.parametrize("zone", ZONES[1:])
def test_every_answer_is_the_same_in_every_zone(told: dict[str, dict[str, Any]], zone: str) -> None:
    assert told[zone] == told["UTC"]


def test_the_answers_are_those_of_bangkok(told: dict[str, dict[str, Any]]) -> None:
    case = told["UTC"]

    assert case["ok"] is True
    assert case["tasks"] == {
        "five_days": "2026-03-13 16:59:59+00:00",  # the week from Monday on, to the end of Friday
        "a_date": "2026-03-31 16:59:59+00:00",
        "a_text": "2026-03-31 01:30:00+00:00",
        "a_month": "2026-04-07 15:00:00+00:00",
        "a_day": "2026-03-08 15:00:00+00:00",
        "held": None,
    }
    assert case["beats"] == [
        "2026-03-07 19:30:00+00:00",  # 02:30 of the next morning, which New York's clocks left out
        "2026-03-08 15:00:00+00:00",
        "2026-03-08 19:30:00+00:00",
        "2026-03-09 19:30:00+00:00",
        "2026-04-07 15:00:00+00:00",
    ]
    assert [counted["due"] for counted in case["counted"]] == ["2026-05-06", "2026-04-24", "2026-04-01"]
