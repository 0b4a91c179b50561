"""Cron expressions of six fields (second, minute, hour, day, month, day of week) as Camunda 8 takes them.

Their form and meaning are those of Spring: 0 and 7 are Sunday; a day has to match both fields of days; `L`, `LW`,
`15W`, `FRIL` and `FRI#2` name days of a month; `@yearly` to `@hourly` are short for the usual ones.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_MACROS: Final = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: Final = 6
_YEARS_AHEAD: Final = 28  # after so many years the calendar repeats, leap days and weekdays together; twice for 2100
_SPAN: Final = re.compile(r"(\*|\d{1,2}(?:-\d{1,2})?)(?:/(\d{1,4}))?", re.ASCII)
_LAST: Final = re.compile(r"L(?:-(\d{1,2}))?", re.ASCII)
_NEAREST: Final = re.compile(r"(\d{1,2})W", re.ASCII)
_LAST_WEEKDAY: Final = re.compile(r"([0-7])L", re.ASCII)
_NTH_WEEKDAY: Final = re.compile(r"([0-7])#([1-5])", re.ASCII)

Days = Callable[[int, int], frozenset[int]]  # of a year and month


class UnreadableCron(ValueError):
    """Expected a cron expression of six fields, but the text is none, or names no day that ever comes."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, read."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: frozenset[int]
    weekdays: Days

    def after(self, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
        """Return the next moment that matches on the clocks of a zone, in UTC.

        Raises:
            UnreadableCron: None ever comes.
        """
        local = moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
        for day in self._days_from(local.date()):
            for time in self._times_from(local.time() if day == local.date() else dt.time()):
                wall = dt.datetime.combine(day, time)
                found = wall.replace(tzinfo=zone).astimezone(dt.UTC)
                if wall > local and found > moment:
                    return found
        raise UnreadableCron("Expected a cron expression that names a day of the calendar, but none ever comes.")

    def _days_from(self, first: dt.date) -> Iterator[dt.date]:
        for number in range(first.month - 1, first.month - 1 + 12 * 2 * _YEARS_AHEAD):
            year, month = first.year + number // 12, number % 12 + 1
            if year > dt.MAXYEAR:
                return
            if month in self.months:
                for day in sorted(self.days(year, month) & self.weekdays(year, month)):
                    if dt.date(year, month, day) >= first:
                        yield dt.date(year, month, day)

    def _times_from(self, first: dt.time) -> Iterator[dt.time]:
        for hour in (hour for hour in self.hours if hour >= first.hour):
            for minute in (minute for minute in self.minutes if (hour, minute) >= (first.hour, first.minute)):
                yield from (dt.time(hour, minute, second) for second in self.seconds)


def looks_like_cron(text: str) -> bool:
    """Tell whether a text is meant as cron, rather than as a repeating interval."""
    return text.startswith("@") or len(text.split()) > 1


@functools.lru_cache(maxsize=1_000)
def read_cron(text: str) -> Cron:
    """Read a cron expression.

    Raises:
        UnreadableCron: The text is none.
    """
    fields = _MACROS.get(text.strip().lower(), text).upper().split()
    if len(fields) != _FIELDS:
        raise UnreadableCron(f"Expected six fields of a cron expression, but got {text!r}.")
    second, minute, hour, day, month, weekday = fields
    if month == "?" or "?" in (second, minute, hour):
        raise UnreadableCron(f"Expected ? for a day only, but got {text!r}.")
    return Cron(
        seconds=_numbers(second, 0, 59),
        minutes=_numbers(minute, 0, 59),
        hours=_numbers(hour, 0, 23),
        days=_days(day),
        months=frozenset(_numbers(_named(month, _MONTHS, 1), 1, 12)),
        weekdays=_weekdays(_named(weekday, _WEEKDAYS, 0)),
    )


def _numbers(field: str, lowest: int, highest: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise UnreadableCron(f"Expected numbers, ranges and steps in a field of cron, but got {field!r}.")
        span, step = match[1], int(match[2] or 1)
        first, _, last = (f"{lowest}-{highest}" if span == "*" else span).partition("-")
        end = int(last) if last else (highest if match[2] else int(first))
        if step == 0 or not lowest <= int(first) <= end <= highest:
            raise UnreadableCron(f"Expected numbers from {lowest} to {highest} in a field of cron, but got {field!r}.")
        found.update(range(int(first), end + 1, step))
    return tuple(sorted(found))


def _named(field: str, names: tuple[str, ...], first: int) -> str:
    for number, name in enumerate(names, first):
        field = re.sub(rf"\b{name}(?=\b|L\b)", str(number), field)
    return field


def _days(field: str) -> Days:
    return _union([_day(part) for part in ("*" if field == "?" else field).split(",")])


def _day(part: str) -> Days:
    if part == "LW":
        return lambda year, month: frozenset({_nearest_weekday(year, month, _length(year, month))})
    if (last := _LAST.fullmatch(part)) is not None:
        before = int(last[1] or 0)
        return lambda year, month: frozenset({_length(year, month) - before}) & frozenset(range(1, 32))
    if (near := _NEAREST.fullmatch(part)) is not None and 1 <= int(near[1]) <= 31:  # noqa: PLR2004 - days of a month
        day = int(near[1])
        return lambda year, month: (
            frozenset({_nearest_weekday(year, month, day)}) if day <= _length(year, month) else frozenset()
        )
    numbers = frozenset(_numbers(part, 1, 31))
    return lambda year, month: frozenset(day for day in numbers if day <= _length(year, month))


def _weekdays(field: str) -> Days:
    return _union([_weekday(part) for part in ("*" if field == "?" else field).split(",")])


def _weekday(part: str) -> Days:
    if (last := _LAST_WEEKDAY.fullmatch(part)) is not None:
        return lambda year, month: frozenset(_dates_of(year, month, int(last[1]) % 7)[-1:])
    if (nth := _NTH_WEEKDAY.fullmatch(part)) is not None:
        return lambda year, month: frozenset(_dates_of(year, month, int(nth[1]) % 7)[int(nth[2]) - 1 : int(nth[2])])
    days = {number % 7 for number in _numbers(part, 0, 7 if "*" not in part else 6)}
    return lambda year, month: frozenset(day for weekday in days for day in _dates_of(year, month, weekday))


def _union(parts: list[Days]) -> Days:
    return lambda year, month: frozenset().union(*(part(year, month) for part in parts))


def _dates_of(year: int, month: int, weekday: int) -> list[int]:
    """Return the days of a month that are a weekday, Sunday being 0."""
    first = (weekday - 1 - calendar.weekday(year, month, 1)) % 7 + 1
    return list(range(first, _length(year, month) + 1, 7))


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """Return the day from Monday to Friday that is nearest to a day, in the same month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
