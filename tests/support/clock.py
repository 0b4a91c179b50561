"""A clock in the test's hand."""

from __future__ import annotations

import datetime as dt


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, moment: dt.datetime | str = "2026-01-05T02:00:00+00:00") -> None:
        self._now = _read(moment)

    def now(self) -> dt.datetime:
        """Return the moment it was set to."""
        return self._now

    def set(self, moment: dt.datetime | str) -> dt.datetime:
        """Go to a moment."""
        self._now = _read(moment)
        return self._now

    def advance(self, **duration: float) -> dt.datetime:
        """Go on by a duration (`days=5`, `hours=1` …)."""
        self._now += dt.timedelta(**duration)
        return self._now


def _read(moment: dt.datetime | str) -> dt.datetime:
    found = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
