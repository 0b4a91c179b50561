"""A clock that stands where the script puts it."""

from __future__ import annotations

import datetime as dt


class ScriptClock:
    """Tells the moment it was set to; it only goes forward."""

    def __init__(self, moment: dt.datetime) -> None:
        self._now = moment.astimezone(dt.UTC)

    def now(self) -> dt.datetime:
        """Return the present moment of the script."""
        return self._now

    def go_to(self, moment: dt.datetime) -> None:
        """Go on to a later moment; an earlier one leaves it where it is."""
        self._now = max(self._now, moment.astimezone(dt.UTC))
