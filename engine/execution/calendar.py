"""Due dates without a host's calendar: ISO dates, moments and durations."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from engine.ports import Variables

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DURATION: Final = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_MONTHS: Final = 12


class IsoCalendar:
    """Reads what ISO 8601 can say; a bare date is due at the end of that day in the engine's zone."""

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone

    def resolve(self, session: Session | None, value: object, *, now: dt.datetime, variables: Variables) -> dt.datetime:  # noqa: ARG002
        """Return the due moment in UTC.

        Raises:
            ValueError: The value is no date, moment or duration.
        """
        if isinstance(value, str):
            value = self._read(value.strip(), now)
        if isinstance(value, dt.timedelta):
            return now + value
        if isinstance(value, dt.datetime):
            return self._utc(value)
        if isinstance(value, dt.date):
            return self._utc(dt.datetime.combine(value, dt.time(23, 59, 59)))
        months = getattr(value, "months", None)
        if isinstance(months, int):
            return _add_months(now.astimezone(self._zone), months).astimezone(dt.UTC)
        raise ValueError(f"Expected a date, a moment or a duration, but got {value!r}.")

    def _utc(self, moment: dt.datetime) -> dt.datetime:
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=self._zone)
        return aware.astimezone(dt.UTC)

    def _read(self, text: str, now: dt.datetime) -> dt.date | dt.datetime:
        match = _DURATION.fullmatch(text)
        if match and len(text.lstrip("-")) > 1 and not text.endswith("T"):
            return self._after(match, now)
        if len(text) == len("2026-01-01"):
            return dt.date.fromisoformat(text)
        return dt.datetime.fromisoformat(text)

    def _after(self, match: re.Match[str], now: dt.datetime) -> dt.datetime:
        part = {name: float(text) for name, text in match.groupdict().items() if text and name != "sign"}
        sign = -1 if match["sign"] else 1
        months = int(part.get("years", 0)) * _MONTHS + int(part.get("months", 0))
        moved = _add_months(now.astimezone(self._zone), sign * months)
        days = part.get("weeks", 0) * 7 + part.get("days", 0)
        exact = dt.timedelta(hours=part.get("hours", 0), minutes=part.get("minutes", 0), seconds=part.get("seconds", 0))
        # Days are days of the calendar (the same time of day), hours are hours.
        local = (moved + sign * dt.timedelta(days=days)).astimezone(dt.UTC)
        return local + sign * exact


def _add_months(moment: dt.datetime, months: int) -> dt.datetime:
    year, month = divmod(moment.year * _MONTHS + moment.month - 1 + months, _MONTHS)
    month += 1
    following = dt.date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return moment.replace(year=year, month=month, day=min(moment.day, last))
