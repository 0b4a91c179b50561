"""Equality, order and membership of FEEL values; None where they cannot be compared (DMN 1.5, tables 53 and 54)."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from typing import Any, Final

from engine.feel.environment import Run
from engine.feel.far import FarMoment
from engine.feel.moments import offset_of
from engine.feel.numeric import to_decimal
from engine.feel.values import Kind, Range, Value, kind_of

ORDERED: Final = frozenset(
    {Kind.NUMBER, Kind.STRING, Kind.DATE, Kind.TIME, Kind.DATE_TIME, Kind.DAYS, Kind.MONTHS}
)  # the kinds that < and ranges know
_PLAIN: Final = frozenset({Kind.STRING, Kind.BOOLEAN, Kind.DATE, Kind.DAYS, Kind.MONTHS})
ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NO_DATE: Final = dt.date(2000, 1, 1)


def equal(a: Value, b: Value, run: Run) -> bool | None:
    """Tell whether two values are equal: null only to null; None if they are of different kinds."""
    if a is None or b is None:
        return a is b
    kind = kind_of(a)
    if kind is not kind_of(b):
        return None
    if kind in _PLAIN:
        return bool(a == b)
    return _EQUALITIES[kind](a, b, run)


def compare(sign: str, a: Value, b: Value) -> bool | None:
    """Tell whether `a < b`, or another order, holds; None if the values have no order."""
    if type(a) is int and type(b) is int:
        return ORDERS[sign](a, b)
    kind = kind_of(a)
    if kind is not kind_of(b) or kind not in ORDERED:
        return None
    if kind in (Kind.DATE_TIME, Kind.TIME):
        a, b = comparable(a, kind), comparable(b, kind)
        if (a.tzinfo is None) is not (b.tzinfo is None):
            return None
    elif kind is Kind.NUMBER:
        a, b = _exact(a), _exact(b)
        if a != a or b != b:  # noqa: PLR0124 - no number
            return None
    return ORDERS[sign](a, b)


def contains(range_: Range, value: Value, run: Run) -> bool | None:
    """Tell whether a range holds a value."""
    if range_.sign == "=":
        return equal(value, range_.end, run)
    if range_.sign == "!=":
        same = equal(value, range_.end, run)
        return None if same is None else not same
    if range_.sign is not None:
        return compare(range_.sign, value, range_.start if range_.end is None else range_.end)
    if range_.start is None or range_.end is None:
        return None
    if type(value) is int and type(range_.start) is int and type(range_.end) is int:
        above = value >= range_.start if range_.start_included else value > range_.start
        return above and (value <= range_.end if range_.end_included else value < range_.end)
    low = compare(">=" if range_.start_included else ">", value, range_.start)
    high = compare("<=" if range_.end_included else "<", value, range_.end)
    return None if low is None or high is None else low and high


def comparable(value: Any, kind: Kind) -> Any:
    """Return a time or date-time as one that Python compares as FEEL does: by instant, to the millisecond."""
    if isinstance(value, FarMoment):
        return value
    milli = value.microsecond // 1000 * 1000
    if kind is Kind.TIME:
        offset = offset_of(value)
        clock = dt.datetime.combine(_NO_DATE, value.replace(tzinfo=None, microsecond=milli))
        return clock if offset is None else (clock - offset).replace(tzinfo=dt.UTC)
    moment: dt.datetime = value.replace(microsecond=milli)
    offset = moment.utcoffset()
    if offset is None:
        return moment
    try:
        return (moment.replace(tzinfo=None) - offset).replace(tzinfo=dt.UTC)
    except OverflowError:  # the first or last day of the calendar
        return moment


def _exact(value: Any) -> Any:
    return to_decimal(value) if isinstance(value, float) else value


def _numbers_equal(a: Any, b: Any, _: Run) -> bool:
    return bool(_exact(a) == _exact(b))


def _times_equal(a: Any, b: Any, _: Run) -> bool | None:
    kind = kind_of(a)
    left, right = comparable(a, kind), comparable(b, kind)
    return None if (left.tzinfo is None) is not (right.tzinfo is None) else left == right


def _lists_equal(a: Any, b: Any, run: Run) -> bool:
    run.spend(min(len(a), len(b)))
    return len(a) == len(b) and all(equal(x, y, run) for x, y in zip(a, b, strict=True))


def _contexts_equal(a: Any, b: Any, run: Run) -> bool:
    run.spend(min(len(a), len(b)))
    return len(a) == len(b) and all(name in b and equal(value, b[name], run) for name, value in a.items())


def _ranges_equal(a: Range, b: Range, run: Run) -> bool:
    if (a.sign, a.start_included, a.end_included) != (b.sign, b.start_included, b.end_included):
        return False
    return bool(equal(a.start, b.start, run) and equal(a.end, b.end, run))


_EQUALITIES: Final[dict[Kind, Callable[[Any, Any, Run], bool | None]]] = {
    Kind.NUMBER: _numbers_equal,
    Kind.TIME: _times_equal,
    Kind.DATE_TIME: _times_equal,
    Kind.LIST: _lists_equal,
    Kind.CONTEXT: _contexts_equal,
    Kind.RANGE: _ranges_equal,
    Kind.FUNCTION: lambda a, b, _: a is b,
    Kind.OTHER: lambda _, __, ___: None,
}
