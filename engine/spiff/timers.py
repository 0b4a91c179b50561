"""ISO 8601 moments, durations and repetitions, and cron, as aware UTC moments; months and days are those of a zone."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.bpmn.model import Timer, TimerKind
from engine.spiff.cron import UnreadableCron, looks_like_cron, read_cron

_DURATION: Final = re.compile(
    r"(?P<sign>[-+]?)P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?",
    re.ASCII,
)
_REPEAT: Final = re.compile(r"R(\d*)", re.ASCII)
_MONTHS: Final = 12


class UnreadableTimer(ValueError):
    """Expected an ISO 8601 moment, duration or repetition, but the value is none."""


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration; months and days are those of the calendar, `exact` is elapsed time."""

    months: int = 0
    days: int = 0
    exact: dt.timedelta = dt.timedelta()

    def after(self, origin: dt.datetime, zone: dt.tzinfo, times: int = 1) -> dt.datetime:
        """Return the moment `times` durations after `origin`, in UTC; a day that a month lacks is its last day."""
        moment = origin
        if self.months or self.days:
            local = origin.astimezone(zone)
            month = local.year * _MONTHS + local.month - 1 + self.months * times
            year, month = divmod(month, _MONTHS)
            day = min(local.day, calendar.monthrange(year, month + 1)[1])
            local = local.replace(year=year, month=month + 1, day=day, fold=0) + dt.timedelta(days=self.days * times)
            moment = local.astimezone(dt.UTC)
        return moment.astimezone(dt.UTC) + self.exact * times


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: firing number `count` (from 0) is due `count` periods after `first` counted from `origin`.

    Where the period is a cron expression, the origin is when the present firing is due.
    """

    origin: dt.datetime
    period: str
    shift: int  # 1 when the first firing is one period after the origin
    left: int | None  # firings after the present one; None: endless
    count: int = 0

    def due(self, zone: dt.tzinfo) -> dt.datetime:
        """Return when the present firing is due: counted from the origin, so that month ends do not wear down."""
        times = self.count + self.shift
        return duration(self.period).after(self.origin, zone, times) if times else self.origin

    def following(self, now: dt.datetime, zone: dt.tzinfo) -> Cycle | None:
        """Return the repetition after this firing; None when it is over.

        A counted one fires as often as it says, what was missed by now at once; an endless one passes over the missed.

        Raises:
            OverflowError: The next firing lies beyond the calendar; so does ValueError.
        """
        if looks_like_cron(self.period):
            return replace(self, origin=read_cron(self.period).after(max(now, self.origin), zone))
        found = self.later(1)
        if self.left is not None:
            return found
        step = duration(self.period)
        if found is not None and not step.months and not step.days and found.due(zone) <= now:
            found = found.later((now - found.due(zone)) // step.exact)
        while found is not None and found.due(zone) <= now:
            found = found.later(1)
        return found

    def later(self, firings: int) -> Cycle | None:
        """Return the repetition so many firings on; None when there are not that many."""
        if self.left is None:
            return replace(self, count=self.count + firings)
        if firings > self.left:
            return None
        return replace(self, left=self.left - firings, count=self.count + firings)


def resolve(timer: Timer, value: Any, now: dt.datetime, zone: dt.tzinfo) -> dt.datetime | Cycle:
    """Return when a timer is due, or its repetition.

    Raises:
        UnreadableTimer: The value is not what this kind of timer needs, or lies beyond the calendar.
    """
    try:
        if timer.kind is TimerKind.CYCLE:
            return _cycle(value, now, zone)
        if timer.kind is TimerKind.DURATION:
            return _as_duration(value).after(now, zone)
        return _moment(value, zone)
    except (OverflowError, ValueError, TypeError) as error:
        if isinstance(error, UnreadableTimer):
            raise
        if isinstance(error, UnreadableCron):
            raise UnreadableTimer(str(error)) from error
        raise UnreadableTimer(f"Expected a moment that the calendar has, but {value!r} gives none: {error}.") from error


def duration(text: str) -> Duration:
    """Read an ISO 8601 duration.

    Raises:
        UnreadableTimer: The text is none.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise UnreadableTimer(f"Expected an ISO 8601 duration such as P5D or PT12H, but got {text!r}.")
    sign = -1 if match["sign"] == "-" else 1
    part = {name: int(match[name] or 0) for name in ("years", "months", "weeks", "days", "hours", "minutes")}
    seconds = (match["seconds"] or "0").replace(",", ".")
    whole, _, fraction = seconds.partition(".")
    exact = dt.timedelta(
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=int(whole),
        microseconds=int(fraction[:6].ljust(6, "0")) if fraction else 0,
    )
    return Duration(
        sign * (part["years"] * _MONTHS + part["months"]), sign * (part["weeks"] * 7 + part["days"]), sign * exact
    )


def _as_duration(value: Any) -> Duration:
    if isinstance(value, str):
        return duration(value)
    if isinstance(value, dt.timedelta):
        return Duration(exact=value)
    months = getattr(value, "months", None)
    if isinstance(months, int):
        return Duration(months=months)
    raise UnreadableTimer(f"Expected a duration, but got {value!r}.")


def _moment(value: Any, zone: dt.tzinfo) -> dt.datetime:
    moment = value
    if isinstance(value, str):
        text = value.strip().partition("[")[0]
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError as error:
            raise UnreadableTimer(f"Expected an ISO 8601 date and time, but got {value!r}.") from error
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        moment = dt.datetime.combine(value, dt.time())
    if not isinstance(moment, dt.datetime):
        raise UnreadableTimer(f"Expected a date and time, but got {value!r}.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(dt.UTC)


def _cycle(value: Any, now: dt.datetime, zone: dt.tzinfo) -> Cycle:
    if not isinstance(value, str):
        raise UnreadableTimer(f"Expected a repetition such as R3/PT1H, but got {value!r}.")
    if looks_like_cron(value.strip()):
        text = value.strip()
        return Cycle(read_cron(text).after(now, zone), text, 0, None)
    match value.strip().split("/"):
        case [repeats, period]:
            origin, shift = now, 1
        case [repeats, start, period]:
            origin, shift = _moment(start, zone), 0
        case _:
            raise UnreadableTimer(f"Expected a repetition such as R3/PT1H, but got {value!r}.")
    times = _REPEAT.fullmatch(repeats)
    if times is None or times[1] == "0" * max(1, len(times[1])):
        raise UnreadableTimer(f"Expected a repetition such as R3/PT1H, but got {value!r}.")
    read = duration(period)
    if read.after(origin, zone) <= origin:
        raise UnreadableTimer(f"Expected a period of more than nothing, but got {value!r}.")
    return Cycle(origin.astimezone(dt.UTC), period, shift, int(times[1]) - 1 if times[1] else None)
