"""When a failed job is tried again, and when it is given up."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Final

from engine.config import EngineConfig

# Trying again cannot help: only a repair of data or diagram can.
HOPELESS: Final = frozenset(
    {
        "expression_error",
        "no_flow",
        "mapping_error",
        "timer_error",
        "due_date_error",
        "dead_join",
        "item_limit",
        "step_limit",
        "call_depth",
        "process_not_found",
        "unhandled_error",
        "invalid_variables",
    }
)
_GROWTH: Final = 4
_jitter = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What happens to a failed job: tried again at `due_at`, or given up (`due_at` is None)."""

    retries: int
    due_at: dt.datetime | None


def decide(config: EngineConfig, *, retries: int, code: str, now: dt.datetime, attempt: int = 0) -> RetryDecision:
    """Decide after a failure; `retries` were left before it, `attempt` counts the failures before this one."""
    left = 0 if code in HOPELESS else max(0, retries - 1)
    if left == 0:
        return RetryDecision(0, None)
    pause = min(config.retry_base * _GROWTH**attempt, config.retry_longest)
    # Up to a quarter longer, so that jobs that failed together do not come back together.
    return RetryDecision(left, now + pause * (1 + _jitter.random() / 4))
