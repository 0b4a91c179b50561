"""The worker's part: once a day what is over its time is removed."""

from __future__ import annotations

import datetime as dt
from typing import Final

import structlog

from engine import DatabaseUnavailable, ProcessEngine
from web.config import Settings
from web.privacy.sweeping import sweep
from workflows.files.store import DirectoryStore

log = structlog.get_logger("web.privacy")
EVERY: Final = dt.timedelta(days=1)


class DailySweep:
    """Called after every look of the worker; sweeps at the first one and then once a day."""

    def __init__(self, engine: ProcessEngine, settings: Settings, store: DirectoryStore) -> None:
        self._engine, self._settings, self._store = engine, settings, store
        self._next: dt.datetime | None = None

    def __call__(self, now: dt.datetime) -> None:
        """Sweep when a day has passed; what fails is tried again after the next one."""
        if self._next is not None and now < self._next:
            return
        self._next = now + EVERY
        try:
            swept = sweep(self._engine, self._settings, self._store)
        except (DatabaseUnavailable, OSError) as error:
            log.warning("sweep_failed", kind=type(error).__name__)
            return
        log.info("swept", **{each.kind: each.count for each in swept if each.count})
