"""Functions of working days, which the host's calendar counts: no part of DMN, offered through a port."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from engine.feel.environment import Run
from engine.feel.errors import FeelError
from engine.feel.far import FarDate, FarMoment
from engine.feel.numeric import Number, whole
from engine.feel.signatures import Library
from engine.feel.values import Value

LIBRARY: Final = Library()
ADD: Final = "working days: add"
"""What the host lends for `add working days`: called with a date, a number and the unit. No name of FEEL is like it."""
BETWEEN: Final = "working days: between"
"""What the host lends for `working days between`: called with two dates and the unit."""

_LONGEST: Final = 36_525  # days: a hundred years
_COST: Final = 20  # steps
_DAY: Final = "date | date and time"


@LIBRARY.add("add working days", f"date: {_DAY}", "n: number", "unit: string")
def add_working_days(run: Run, date: dt.date, n: Number, unit: str) -> dt.date | None:
    """Return the day so many working days of a unit after a day, before it where negative; 0 is the day itself."""
    count, day = whole(n), _day(run, date)
    if count is None or abs(count) > _LONGEST or day is None:
        return None
    found: dt.date = _lent(run, ADD)(day, count, unit)
    return found


@LIBRARY.add("working days between", f"start: {_DAY}", f"end: {_DAY}", "unit: string")
def working_days_between(run: Run, start: dt.date, end: dt.date, unit: str) -> int | None:
    """Return the working days of a unit after a day up to and with another; negative where that is earlier."""
    first, last = _day(run, start), _day(run, end)
    if first is None or last is None:
        return None
    found: int = _lent(run, BETWEEN)(first, last, unit)
    return found


def _lent(run: Run, name: str) -> Callable[..., Any]:
    run.spend(_COST)
    function = (run.functions or {}).get(name)
    if function is None:
        raise FeelError("Expected a calendar of working days (port `working_days`), but the engine has none")
    return function


def _day(run: Run, value: Value) -> dt.date | None:
    """Return the day of a moment in the engine's zone; None beyond the years for which anybody keeps a calendar."""
    if isinstance(value, FarDate | FarMoment):
        return None
    if isinstance(value, dt.datetime):
        value = (value if value.tzinfo is None else value.astimezone(run.zone)).date()
    day: dt.date = value
    return day
