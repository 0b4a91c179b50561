"""Failed jobs come back later and later, some never."""

from __future__ import annotations

import datetime as dt

import pytest

from engine import EngineConfig
from engine.execution.retry import HOPELESS, decide

NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def test_each_pause_is_longer_with_jitter_and_an_upper_bound() -> None:
    config = EngineConfig()

    pauses = []
    for attempt in range(8):
        due_at = decide(config, retries=9, code="handler_error", now=NOW, attempt=attempt).due_at
        assert due_at is not None
        pauses.append((due_at - NOW).total_seconds())

    for pause, base in zip(pauses, (10, 40, 160, 640, 2560, 3600, 3600, 3600), strict=True):
        assert base <= pause <= base * 1.25


@pytest.mark.parametrize("retries", [0, 1])
def test_the_last_attempt_is_given_up(retries: int) -> None:
    assert decide(EngineConfig(), retries=retries, code="handler_error", now=NOW).due_at is None


@pytest.mark.parametrize("code", sorted(HOPELESS))
def test_what_no_second_attempt_can_mend_is_given_up_at_once(code: str) -> None:
    assert decide(EngineConfig(), retries=9, code=code, now=NOW).due_at is None


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="step_budget"):
        EngineConfig(step_budget=0)
