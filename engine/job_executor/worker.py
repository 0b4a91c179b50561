"""Runs what is due, each job in its own unit of work, from a heartbeat until it is told to stop."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Final

from engine.errors import DatabaseUnavailable
from engine.job_executor.heartbeat import Heartbeat
from engine.process_engine import ProcessEngine

log = logging.getLogger(__name__)

_TIDY_EVERY: Final = dt.timedelta(hours=1)


class Worker:
    """A worker in this process; as many as wanted may run on one database."""

    def __init__(self, engine: ProcessEngine, *, after_beat: Callable[[dt.datetime], None] | None = None) -> None:
        self._engine = engine
        self._after_beat = after_beat  # the host's sign of life; work that falls due is a `Duty`
        self._stopping = threading.Event()
        self._heartbeat = Heartbeat(self._beat, longest=engine.config.heartbeat)
        self._tidied: dt.datetime | None = None
        self.last_beat: dt.datetime | None = None

    def start(self) -> None:
        """Begin to work in a thread of its own."""
        self._stopping.clear()
        self._engine.on_due = self._heartbeat.wake_at
        self._heartbeat.start()

    def stop(self) -> None:
        """Finish the job in hand, then stop."""
        self._stopping.set()
        self._engine.on_due = None
        self._heartbeat.stop()

    def run_forever(self) -> None:
        """Work until `stop` is called, e.g. by a signal handler."""
        self.start()
        self._stopping.wait()
        self._heartbeat.stop()

    def request_stop(self) -> None:
        """Ask `run_forever` to end; safe in a signal handler."""
        self._stopping.set()

    def _beat(self) -> dt.timedelta | None:
        """Do what is due and tell how long nothing will be."""
        try:
            self._engine.run_due(stopping=self._stopping.is_set)
            now = self._engine.clock.now()
            if self._tidied is None or now - self._tidied >= _TIDY_EVERY:
                self._engine.tidy()
                self._tidied = now
            if self._after_beat is not None:
                self._after_beat(now)
            earliest = self._engine.earliest_due()
            self.last_beat = now
        except DatabaseUnavailable:
            log.warning("worker_without_database", exc_info=True)
            return None
        return None if earliest is None else earliest - now
