"""The engine's settings, checked when they are made; every default works without a host."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

_POSITIVE: Final = (
    "step_budget",
    "steps_without_wait",
    "max_items",
    "job_retries",
    "inline_jobs",
    "page_limit",
    "model_cache",
    "attempts",
    "busy_timeout_ms",
    "pool_size",
    "max_file_bytes",
    "max_elements",
    "max_depth",
    "max_name",
    "max_variables_bytes",
    "max_call_depth",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Settings of one engine."""

    zone: dt.tzinfo = dt.UTC  # of local dates and times without an offset
    step_budget: int = 1_000  # automatic elements in one transaction; the rest goes on in the next
    steps_without_wait: int = 100_000  # then the run is taken for an endless loop: an incident
    max_items: int = 10_000  # of one multi-instance
    max_call_depth: int = 50  # call activities in call activities
    job_retries: int = 3  # attempts of a job whose diagram does not say
    retry_base: dt.timedelta = dt.timedelta(seconds=10)  # back-off: base, then times four, with jitter
    retry_longest: dt.timedelta = dt.timedelta(hours=1)
    lock_duration: dt.timedelta = dt.timedelta(minutes=5)  # lease of external work
    message_time_to_live: dt.timedelta = dt.timedelta(days=1)  # of a message whose sender does not say
    command_memory: dt.timedelta = dt.timedelta(days=30)  # how long a repeated idempotency key is recognised
    inline_jobs: int = 1_000  # immediate jobs that the caller of a command runs itself; the worker takes the rest
    page_limit: int = 1_000  # longest page of any list
    model_cache: int = 256  # process versions kept ready
    attempts: int = 5  # of a command that lost a race in the database
    busy_timeout_ms: int = 10_000  # how long SQLite waits for another writer
    pool_size: int = 5
    heartbeat: dt.timedelta = dt.timedelta(seconds=10)  # the worker looks at least this often
    path_events: bool = True  # whether listeners hear of every element that a run enters
    outbox: frozenset[str] = frozenset()  # names of events (e.g. "TaskCreated") also kept in bpm_outbox
    # limits of the deploy gate
    max_file_bytes: int = 25_000_000
    max_elements: int = 20_000
    max_depth: int = 200
    max_name: int = 255
    max_variables_bytes: int = 5_000_000  # handed in by one command

    def __post_init__(self) -> None:
        wrong = [name for name in _POSITIVE if getattr(self, name) <= 0]
        if wrong:
            raise ValueError(f"Expected positive settings, but {', '.join(wrong)} are not.")
