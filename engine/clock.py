"""The clock of the machine: the one place below the host where the time is read."""

from __future__ import annotations

import datetime as dt


class SystemClock:
    """Tells the machine's time in UTC."""

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251 (the one place where the clock is read)
