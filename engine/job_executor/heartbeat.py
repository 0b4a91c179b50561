"""The worker's heartbeat: APScheduler calls, at the latest every ten seconds, and sooner when something falls due."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

_JOB: Final = "heartbeat"
_SHORTEST: Final = dt.timedelta(milliseconds=20)


class Heartbeat:
    """Calls one function again and again, never twice at once; it says how long it may rest."""

    def __init__(self, beat: Callable[[], dt.timedelta | None], *, longest: dt.timedelta) -> None:
        self._beat = beat
        self._longest = longest
        # Daemon threads, so that a process that dies does not hang on its heartbeat.
        self._scheduler = BackgroundScheduler(timezone=dt.UTC, daemon=True)
        self._running = False

    def start(self) -> None:
        """Beat at once, then at the latest every `longest`."""
        self._running = True
        self._scheduler.add_job(
            self._once,
            IntervalTrigger(seconds=self._longest.total_seconds(), timezone=dt.UTC),
            id=_JOB,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=self._machine_now(),
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Wait for the beat in hand, then beat no more."""
        if self._running:
            self._running = False
            self._scheduler.shutdown(wait=True)

    def wake_at(self, _moment: dt.datetime) -> None:
        """Something new is due at a moment: look at once, and rest until then."""
        if self._running:
            self._scheduler.modify_job(_JOB, next_run_time=self._machine_now())

    def _once(self) -> None:
        rest = self._beat()
        if rest is not None and rest < self._longest and self._running:
            pause = max(rest, _SHORTEST)
            self._scheduler.modify_job(_JOB, next_run_time=self._machine_now() + pause)

    def _machine_now(self) -> dt.datetime:
        """The scheduler rests by the machine's clock, whatever clock the engine has."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251
