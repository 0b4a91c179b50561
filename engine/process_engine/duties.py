"""Runs the host's own duties beside the engine's jobs; one that fails is logged and stands in nobody's way."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Sequence

from engine.ports import Duty
from engine.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

Moments = list[dt.datetime | None]
Read = Callable[[Callable[[UnitOfWork], Moments]], Moments]
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
        for number, earliest in enumerate(self._moments()):
            while not stopping() and (batch := self._run_one(number, earliest, now, moment)):
                done += batch
                earliest = self._when(number)  # noqa: PLW2901 (what is left of it may be due, too)
        return done

    def earliest(self) -> dt.datetime | None:
        """Return the earliest moment at which a duty falls due.

        One whose last batch failed is left out: it is tried at every heartbeat, not without a pause.
        """
        moments = [moment for number, moment in enumerate(self._moments()) if number not in self._failed]
        return min((moment for moment in moments if moment is not None), default=None)

    def _run_one(self, number: int, earliest: dt.datetime | None, now: dt.datetime, moment: dt.datetime | None) -> int:
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

    def _moments(self) -> Moments:
        """Return when each duty falls due; asked at every heartbeat, so all of them in one look."""
        try:
            return self._moments_of(range(len(self._duties)))
        except Exception:  # noqa: BLE001 (whichever it is stands in nobody's way: each is asked alone)
            return [self._when(number) for number in range(len(self._duties))]

    def _moments_of(self, numbers: Iterable[int]) -> Moments:
        return self._read(lambda uow: [self._duties[number].earliest(uow.session) for number in numbers])

    def _when(self, number: int) -> dt.datetime | None:
        try:
            (moment,) = self._moments_of([number])
        except Exception as error:  # as above
            log.warning("duty_unreadable", extra={"duty": self._name(number)}, exc_info=error)
            return None
        return moment

    def _name(self, number: int) -> str:
        return type(self._duties[number]).__name__
