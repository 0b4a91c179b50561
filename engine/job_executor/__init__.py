"""The worker: a heartbeat that wakes when something is due, and the runner that does it."""

from __future__ import annotations

from engine.job_executor.worker import Worker

__all__ = ["Worker"]
