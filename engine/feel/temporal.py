"""Arithmetic with dates, times and durations, and their properties (DMN 1.5, tables 57 and 65)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.feel import far
from engine.feel.moments import offset_of
from engine.feel.numeric import CONTEXT, is_number, to_decimal, whole
from engine.feel.values import Kind, Value, YearsMonthsDuration, kind_of

_DAY: Final = dt.timedelta(days=1)
_MICRO: Final = dt.timedelta(microseconds=1)
_MAX_MONTHS: Final = 10**11


def add(a: Value, b: Value) -> Value:
    """Return a + b where at least one is a duration."""
    left, right = kind_of(a), kind_of(b)
    if left in _DURATIONS and right not in _DURATIONS:
        a, b, left, right = b, a, right, left
    if right is Kind.DAYS:
        return _plus_days(a, b, left)
    if right is Kind.MONTHS:
        return _plus_months(a, b, left)
    return None


def subtract(a: Value, b: Value) -> Value:
    """Return a - b: a moment less a duration, or how long it is from b to a."""
    left, right = kind_of(a), kind_of(b)
    if right in _DURATIONS:
        return None if left in _DURATIONS and left is not right else add(a, negate(b))
    if left is Kind.TIME and right is Kind.TIME:
        return _between(dt.datetime.combine(_ANY_DAY, _aware(a)), dt.datetime.combine(_ANY_DAY, _aware(b)))
    if {left, right} <= {Kind.DATE, Kind.DATE_TIME}:
        return _between(as_date_time(a, b), as_date_time(b, a))
    return None


def multiply(a: Value, b: Value) -> Value:
    """Return a duration times a number."""
    if is_number(a):
        a, b = b, a
    if not is_number(b):
        return None
    if isinstance(a, YearsMonthsDuration):
        return _months(CONTEXT.multiply(Decimal(a.months), to_decimal(b)))
    if isinstance(a, dt.timedelta):
        return _micros(CONTEXT.multiply(Decimal(a // _MICRO), to_decimal(b)))
    return None


def divide(a: Value, b: Value) -> Value:
    """Return a duration by a number, or how often a duration fits into another of its kind."""
    if is_number(b):
        if b == 0:
            return None
        if isinstance(a, YearsMonthsDuration):
            return _months(CONTEXT.divide(Decimal(a.months), to_decimal(b)))
        return _micros(CONTEXT.divide(Decimal(a // _MICRO), to_decimal(b))) if isinstance(a, dt.timedelta) else None
    kind = kind_of(a)
    if kind is not kind_of(b) or kind not in _DURATIONS:
        return None
    over, under = (a.months, b.months) if kind is Kind.MONTHS else (a // _MICRO, b // _MICRO)
    if under == 0:
        return None
    return over // under if over % under == 0 else CONTEXT.divide(Decimal(over), Decimal(under))


def negate(a: Value) -> Value:
    """Return a duration that goes the other way."""
    if isinstance(a, YearsMonthsDuration):
        return YearsMonthsDuration(-a.months)
    return -a if isinstance(a, dt.timedelta) else None


def months_between(start: dt.date, end: dt.date) -> YearsMonthsDuration:
    """Return the whole months from one moment to another."""
    if kind_of(start) is not kind_of(end):
        start, end = as_date_time(start, end), as_date_time(end, start)
    sign = 1
    if _clock(start) > _clock(end):
        start, end, sign = end, start, -1
    months = (end.year - start.year) * 12 + end.month - start.month
    if _within_month(start) > _within_month(end):
        months -= 1
    return YearsMonthsDuration(sign * months)


def as_date_time(value: Value, beside: Value) -> Any:
    """Return a date as its first moment, with an offset (UTC) if what it meets has one."""
    if kind_of(value) is Kind.DATE_TIME:
        return value
    has_zone = kind_of(beside) is Kind.DATE_TIME and getattr(beside, "tzinfo", None) is not None
    return far.moment_of(value, dt.time(tzinfo=dt.UTC if has_zone else None))


def _clock(value: dt.date) -> tuple[Any, ...]:
    return value.timetuple()[:6]


def _within_month(value: dt.date) -> tuple[Any, ...]:
    return value.timetuple()[2:6]


def _between(a: Any, b: Any) -> Value:
    if (a.tzinfo is None) is not (b.tzinfo is None):
        return None
    if isinstance(a, far.FarMoment) or isinstance(b, far.FarMoment):
        return dt.timedelta(microseconds=far.micros_of(a) - far.micros_of(b))
    if a.tzinfo is None:
        return a - b
    return a.replace(tzinfo=None) - b.replace(tzinfo=None) - ((a.utcoffset() or _ZERO) - (b.utcoffset() or _ZERO))


def _plus_days(a: Value, b: dt.timedelta, kind: Kind) -> Value:
    if kind is Kind.DAYS:
        return a + b
    if kind is Kind.DATE:
        return far.later(far.moment_of(a, dt.time()), b).date()
    if kind is Kind.DATE_TIME:
        return _later(a, b)
    if kind is Kind.TIME:
        return (dt.datetime.combine(_ANY_DAY, a) + b % _DAY).timetz()
    return None


def _later(moment: Any, length: dt.timedelta) -> Value:
    """A day is 24 hours, so that in a zone with summer time the clock may show another hour."""
    if isinstance(moment, far.FarMoment):
        return far.later(moment, length)
    try:
        if isinstance(moment.tzinfo, ZoneInfo):
            return (moment.astimezone(dt.UTC) + length).astimezone(moment.tzinfo)
        return moment + length
    except OverflowError:
        return far.later(moment, length)


def _plus_months(a: Value, b: YearsMonthsDuration, kind: Kind) -> Value:
    if kind is Kind.MONTHS:
        return _months(Decimal(a.months + b.months))
    if kind not in (Kind.DATE, Kind.DATE_TIME):
        return None
    year, month = divmod(a.year * 12 + a.month - 1 + b.months, 12)
    last = calendar.monthrange(2_000 + year % 400, month + 1)[1]
    day = far.day_of(year, month + 1, min(a.day, last))
    return day if kind is Kind.DATE else far.moment_of(day, a.timetz())


def _months(value: Decimal) -> YearsMonthsDuration | None:
    return YearsMonthsDuration(int(value)) if value.is_finite() and abs(value) < _MAX_MONTHS else None


def _micros(value: Decimal) -> dt.timedelta | None:
    number = whole(value.to_integral_value()) if value.is_finite() else None
    return None if number is None else dt.timedelta(microseconds=number)


def _aware(value: dt.time) -> dt.time:
    offset = offset_of(value)
    return value if offset is None else value.replace(tzinfo=dt.timezone(offset))


_ANY_DAY: Final = dt.date(2000, 1, 1)
_ZERO: Final = dt.timedelta()
_DURATIONS: Final = frozenset({Kind.DAYS, Kind.MONTHS})


def _zone_name(value: dt.time | dt.datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _signed(value: dt.timedelta, part: int) -> int:
    return -part if value < _ZERO else part


def _seconds(value: dt.timedelta) -> int | Decimal:
    length = abs(value)
    whole_ = length.seconds % 60
    if not length.microseconds:
        return _signed(value, whole_)
    return Decimal(_signed(value, 1)) * (whole_ + Decimal(length.microseconds) / 1_000_000)


_DATE_PARTS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
_TIME_PARTS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": offset_of,
    "timezone": _zone_name,
}
PROPERTIES: Final[Mapping[Kind, Mapping[str, Callable[[Any], Value]]]] = {
    Kind.DATE: {**_DATE_PARTS},
    Kind.DATE_TIME: {**_DATE_PARTS, **_TIME_PARTS},
    Kind.TIME: _TIME_PARTS,
    Kind.MONTHS: {
        "years": lambda value: abs(value.months) // 12 * (-1 if value.months < 0 else 1),
        "months": lambda value: abs(value.months) % 12 * (-1 if value.months < 0 else 1),
    },
    Kind.DAYS: {
        "days": lambda value: _signed(value, abs(value).days),
        "hours": lambda value: _signed(value, abs(value).seconds // 3600),
        "minutes": lambda value: _signed(value, abs(value).seconds // 60 % 60),
        "seconds": _seconds,
    },
    Kind.RANGE: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
