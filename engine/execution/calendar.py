"""Due dates without a host's calendar: ISO dates, moments and durations."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from engine.ports import Variables
from engine.spiff.timers import Duration, duration

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_END_OF_DAY: Final = dt.time(23, 59, 59)
_A_DATE: Final = len("2026-01-01")


class IsoCalendar:
    """Reads what ISO 8601 can say; a bare date is due at the end of that day in the engine's zone."""

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone

    def resolve(self, session: Session | None, value: object, *, now: dt.datetime, variables: Variables) -> dt.datetime:  # noqa: ARG002 (the port's signature)
        """Return the due moment in UTC.

        Raises:
            ValueError: The value is no date, moment or duration.
        """
        if isinstance(value, str):
            value = self._read(value.strip())
        if isinstance(value, Duration):
            return value.after(now, self._zone)
        if isinstance(value, dt.timedelta):
            return now + value
        if isinstance(value, dt.datetime):
            return self._utc(value)
        if isinstance(value, dt.date):
            return self._utc(dt.datetime.combine(value, _END_OF_DAY))
        months = getattr(value, "months", None)
        if isinstance(months, int):
            return Duration(months=months).after(now, self._zone)
        raise ValueError(f"Expected a date, a moment or a duration, but got {value!r}.")

    def _utc(self, moment: dt.datetime) -> dt.datetime:
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=self._zone)
        return aware.astimezone(dt.UTC)

    def _read(self, text: str) -> dt.date | dt.datetime | Duration:
        if text.lstrip("+-").startswith("P"):
            return duration(text)
        if len(text) == _A_DATE:
            return dt.date.fromisoformat(text)
        return dt.datetime.fromisoformat(text)
