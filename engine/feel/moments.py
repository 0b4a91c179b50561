"""Dates, times, date-times and durations as text and back (ISO 8601 as DMN 1.5 narrows it, 10.3.4.1)."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from engine.feel import far
from engine.feel.values import YearsMonthsDuration

Temporal = dt.date | dt.time | dt.timedelta | YearsMonthsDuration  # a datetime is a date in Python

_DATE: Final = re.compile(r"(-?(?:[1-9][0-9]{3,8}|0[0-9]{3}))-([0-9]{2})-([0-9]{2})")
_TIME: Final = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,18}))?"
    r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2})(?::(?P<seconds>[0-9]{2}))?"
    r"|@(?P<zone>[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*))?"
)
_MONTHS: Final = re.compile(r"(-?)P(?=[0-9])(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?")
_DAYS: Final = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]{1,12})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?(?:([0-9]{1,15})(?:\.([0-9]{0,18}))?S)?)?"
)
_MAX_OFFSET: Final = dt.timedelta(hours=18)
_ANY_DAY: Final = dt.date(2000, 1, 1)  # which offset a zone has at a time without a date


def read_at_literal(text: str) -> Temporal | None:
    """Read what stands after `@`, whatever it is."""
    for read in (read_date, read_date_time, read_time, read_duration):
        found: Temporal | None = read(text)
        if found is not None:
            return found
    return None


def read_date(text: str) -> dt.date | None:
    """Read `2025-01-31`, of any year up to 999,999,999 before and after the beginning of the calendar."""
    match = _DATE.fullmatch(text)
    return None if match is None else make_date(int(match[1]), int(match[2]), int(match[3]))


def make_date(year: int, month: int, day: int) -> dt.date | None:
    """Return a date, or None where the calendar has none."""
    try:
        found: dt.date = far.day_of(year, month, day)
    except (ValueError, OverflowError):
        return None
    return found


def read_time(text: str) -> dt.time | None:
    """Read `08:30:00`, with a fraction of a second, `Z`, an offset or `@Zone/Name`."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    zone: dt.tzinfo | None = None
    if match["utc"]:
        zone = dt.UTC
    elif match["sign"]:
        zone = _offset(match)
    elif match["zone"]:
        zone = zone_of(match["zone"])
    if zone is None and match.end(3) + (len(match[4]) + 1 if match[4] else 0) != match.end():
        return None
    micro = int((match[4] or "0")[:6].ljust(6, "0"))
    try:
        return dt.time(int(match[1]), int(match[2]), int(match[3]), micro, zone)
    except ValueError:
        return None


def read_date_time(text: str) -> dt.datetime | None:
    """Read a date, `T` and a time."""
    day, separator, clock = text.partition("T")
    date, time = read_date(day), read_time(clock) if separator else None
    return None if date is None or time is None else far.moment_of(date, time)


def read_duration(text: str) -> dt.timedelta | YearsMonthsDuration | None:
    """Read `P1Y6M` or `P3DT12H`; a duration is of one kind or the other."""
    months = _MONTHS.fullmatch(text)
    if months is not None and (months[2] or months[3]):
        total = int(months[2] or 0) * 12 + int(months[3] or 0)
        return YearsMonthsDuration(-total if months[1] else total)
    days = _DAYS.fullmatch(text)
    if days is None:
        return None
    try:
        length = dt.timedelta(
            days=int(days[2] or 0),
            hours=int(days[3] or 0),
            minutes=int(days[4] or 0),
            seconds=int(days[5] or 0),
            microseconds=int((days[6] or "0")[:6].ljust(6, "0")),
        )
    except OverflowError:
        return None
    return -length if days[1] else length


@lru_cache(maxsize=1024)
def zone_of(key: str) -> dt.tzinfo | None:
    """Return a zone of the tz database by its name."""
    if key == "Z":
        return dt.UTC
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        return None


def _offset(match: re.Match[str]) -> dt.timezone | None:
    offset = dt.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]), seconds=int(match["seconds"] or 0))
    if offset > _MAX_OFFSET or int(match["minutes"]) > 59 or int(match["seconds"] or 0) > 59:  # noqa: PLR2004 - a clock
        return None
    return dt.timezone(-offset if match["sign"] == "-" else offset)


def offset_of(value: dt.time | dt.datetime) -> dt.timedelta | None:
    """Return how far a clock is ahead of UTC; a time of a zone without a date as on 1 January 2000."""
    if isinstance(value, dt.time) and isinstance(value.tzinfo, ZoneInfo):
        return dt.datetime.combine(_ANY_DAY, value).utcoffset()
    return value.utcoffset()


def show(value: Temporal) -> str:
    """Write a date, time or duration as FEEL reads it."""
    if isinstance(value, dt.datetime | far.FarMoment):
        return f"{value.date().isoformat()}T{show(value.timetz())}"
    if isinstance(value, dt.time):
        fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
        return f"{value.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}{_zone_shown(value)}"
    if isinstance(value, dt.timedelta):
        return _days_shown(value)
    return value.isoformat() if isinstance(value, dt.date | far.FarDate) else str(value)


def _zone_shown(value: dt.time) -> str:
    if isinstance(value.tzinfo, ZoneInfo):
        return f"@{value.tzinfo.key}"
    offset = value.utcoffset()
    if offset is None:
        return ""
    if not offset:
        return "Z"
    seconds = int(abs(offset).total_seconds())
    shown = f"{'-' if offset < dt.timedelta() else '+'}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{shown}:{seconds % 60:02}" if seconds % 60 else shown


def _days_shown(value: dt.timedelta) -> str:
    length = abs(value)
    hours, minutes, seconds = length.seconds // 3600, length.seconds // 60 % 60, length.seconds % 60
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += f"{seconds}{fraction}S"
    days = f"{length.days}D" if length.days else ""
    body = f"{days}T{clock}" if clock else days
    return f"{'-' if value < dt.timedelta() else ''}P{body or 'T0S'}"
