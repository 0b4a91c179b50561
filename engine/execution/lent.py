"""What the host lends to expressions: its calendar of working days, read in the engine's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session

from engine.feel import ADD_WORKING_DAYS, WORKING_DAYS_BETWEEN
from engine.feel.environment import HostFunctions
from engine.ports import Ports


def lent_functions(ports: Ports, session: Callable[[], Session]) -> HostFunctions | None:
    """Return the functions that expressions may call beside their own; the session is asked for when one is called."""
    calendar = ports.working_days
    if calendar is None:
        return None

    def add(day: dt.date, count: int, unit: str) -> dt.date:
        return calendar.add(session(), day, count, unit)

    def between(start: dt.date, end: dt.date, unit: str) -> int:
        return calendar.between(session(), start, end, unit)

    return {ADD_WORKING_DAYS: add, WORKING_DAYS_BETWEEN: between}
