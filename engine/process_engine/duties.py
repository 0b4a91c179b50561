"""Runs the host's own duties beside the engine's jobs; one that fails is logged and stands in nobody's way."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence

from engine.ports import Duty
from engine.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

Read = Callable[[Callable[[UnitOfWork], dt.datetime | None]], dt.datetime | None]
Do = Callable[[Callable[[UnitOfWork], int], dt.datetime | None], int]


class Duties:
    """The duties of one engine, each batch in a unit of work of its own."""

    def __init__(self, duties: Sequence[Duty], *, read: Read, do: Do) -> None:
        self._duties = tuple(duties)
        self._read = read
        self._do = do
        self._failed: set[int] = set()

    def run(self, now: dt.datetime, moment: dt.datetime | None, stopping: Callable[[], bool]) -> int:
        """Do what is due until nothing is left; returns how much was done.

        Args:
            now: The moment to compare with.
            moment: The same, where the caller fixed it for every unit of work.
            stopping: Asked between two batches.
        """
        done = 0
        for number in range(len(self._duties)):
            while not stopping() and (batch := self._run_one(number, now, moment)):
                done += batch
        return done

    def earliest(self) -> dt.datetime | None:
        """Return the earliest moment at which a duty falls due.

        One whose last batch failed is left out: it is tried at every heartbeat, not without a pause.
        """
        moments = [self._when(number) for number in range(len(self._duties)) if number not in self._failed]
        return min((moment for moment in moments if moment is not None), default=None)

    def _run_one(self, number: int, now: dt.datetime, moment: dt.datetime | None) -> int:
        earliest = self._when(number)
        if earliest is None or earliest > now:
            self._failed.discard(number)
            return 0
        try:
            batch = self._do(self._duties[number].run, moment)
        except Exception as error:  # whatever the host does wrong, the engine's jobs must run
            self._failed.add(number)
            log.warning("duty_failed", extra={"duty": self._name(number)}, exc_info=error)
            return 0
        self._failed.discard(number)
        if batch:
            log.info("duty_done", extra={"duty": self._name(number), "count": batch})
        return batch

    def _when(self, number: int) -> dt.datetime | None:
        try:
            return self._read(lambda uow: self._duties[number].earliest(uow.session))
        except Exception as error:  # as above
            log.warning("duty_unreadable", extra={"duty": self._name(number)}, exc_info=error)
            return None

    def _name(self, number: int) -> str:
        return type(self._duties[number]).__name__
