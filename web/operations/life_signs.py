"""Workers tell that they live, and the page of what is stuck reads when one last did."""

from __future__ import annotations

import datetime as dt
import os
import socket
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from web.operations.models import WorkerSign

if TYPE_CHECKING:
    from engine import ProcessEngine

TOLD_EVERY: Final = dt.timedelta(seconds=30)
LATE_AFTER: Final = dt.timedelta(minutes=2)  # a beat comes every ten seconds, but a job in hand may take its time
_FORGOTTEN_AFTER: Final = dt.timedelta(days=1)
_LONGEST_NAME: Final = 200
_MOST_SHOWN: Final = 20


class LifeSign:
    """Called after every beat of a worker; writes now and then."""

    def __init__(self, engine: ProcessEngine) -> None:
        self._engine = engine
        self._name = f"{socket.gethostname()}:{os.getpid()}"[:_LONGEST_NAME]
        self._told: dt.datetime | None = None

    def __call__(self, now: dt.datetime) -> None:
        """Write that the worker lives, if it has not done so lately."""
        if self._told is not None and now - self._told < TOLD_EVERY:
            return
        with self._engine.unit_of_work() as uow:
            uow.session.execute(delete(WorkerSign).where(WorkerSign.seen_at < now - _FORGOTTEN_AFTER))
            sign = uow.session.get(WorkerSign, self._name)
            if sign is None:
                uow.session.add(WorkerSign(name=self._name, started_at=now, seen_at=now))
            else:
                sign.seen_at = now
        self._told = now

    def withdraw(self) -> None:
        """Take the sign away: this worker ends in good order."""
        with self._engine.unit_of_work() as uow:
            uow.session.execute(delete(WorkerSign).where(WorkerSign.name == self._name))


def latest_sign(session: Session) -> dt.datetime | None:
    """Return when a worker last told of itself."""
    return session.scalar(select(func.max(WorkerSign.seen_at)))


def workers(session: Session) -> list[WorkerSign]:
    """Return the workers that told of themselves, the latest first."""
    query = select(WorkerSign).order_by(WorkerSign.seen_at.desc()).limit(_MOST_SHOWN)
    return list(session.scalars(query))
