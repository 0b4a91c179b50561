"""The holidays of the civil service that the product is shipped with: a pure function of what is written here.

The `holidays` library knows the days of the public; the government's own differ. Labour Day and its substitute are
working days, Children's Day is none, the Ploughing Day is one, and cabinet added, moved and gave days to regions.
A source stands only where one is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from workflows.calendar.counting import DayOff
from workflows.calendar.resolutions import BASE, MOVED, REGIONAL, RESOLVED, SUBSTITUTION

NATION: Final = "TH"
FIRST_YEAR: Final = 2017
LAST_YEAR: Final = 2032
"""B.E. 2560 to 2575, the last year of the plan period 2571-2575."""
ANNOUNCED_UNTIL: Final = dt.date(2026, 12, 31)
"""Of later years neither the Ploughing Day nor cabinet's special days are known to this list."""


class Kind(StrEnum):
    """What kind of day off it is."""

    ANNUAL = "annual"
    SUBSTITUTION = "substitution"
    SPECIAL = "special"
    REGIONAL = "regional"


@dataclass(frozen=True, slots=True)
class SeedHoliday:
    """A day off as shipped."""

    date: dt.date
    name: str
    kind: Kind
    area: str = NATION
    source: str | None = None
    announced_on: dt.date | None = None

    def as_day_off(self) -> DayOff:
        """Return it for counting."""
        return DayOff(self.date, self.name, self.source)


_WORKING_FOR_THE_CIVIL_SERVICE: Final = ("วันแรงงานแห่งชาติ", "วันเด็กแห่งชาติ")
_SUBSTITUTE: Final = "ชดเชย"
_SPECIAL: Final = "วันหยุดพิเศษ"
# Once, by their own announcements, which this list does not know.
_ONCE: Final = frozenset({dt.date(2017, 10, 26), dt.date(2019, 5, 6)})
_PLOUGHING: Final = "วันพืชมงคล"  # its day is chosen anew each year


@cache
def shipped_holidays() -> tuple[SeedHoliday, ...]:
    """Return the days off of the civil service from B.E. 2560 to 2575, by date and area."""
    return tuple(sorted([*_of_the_nation(), *_of_regions()], key=lambda holiday: (holiday.date, holiday.area)))


def _of_the_nation() -> Iterator[SeedHoliday]:
    from holidays import country_holidays

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    listed = country_holidays("TH", years=years, categories=("public", "government"), language="th")
    moved_away = {moved.rule for moved in MOVED}
    moved_here = {moved.day for moved in MOVED}
    for day, name in sorted(listed.items()):
        names = [part for part in name.split("; ") if not _is_working(part)]
        if names and day not in moved_away and day not in moved_here:
            yield _holiday(day, "; ".join(names))
    for moved in MOVED:
        source, on = moved.resolution
        yield SeedHoliday(moved.day, moved.name, Kind.SUBSTITUTION, source=source, announced_on=on)


def _of_regions() -> Iterator[SeedHoliday]:
    for day, area, name, (source, on) in REGIONAL:
        yield SeedHoliday(day, name, Kind.REGIONAL, area=area, source=source, announced_on=on)


def _holiday(day: dt.date, name: str) -> SeedHoliday:
    kind = _kind(day, name)
    source, on = RESOLVED.get(day) or _usual_source(day, name, kind)
    return SeedHoliday(day, name, kind, source=source, announced_on=on)


def _kind(day: dt.date, name: str) -> Kind:
    if day in _ONCE or name.startswith(_SPECIAL):
        return Kind.SPECIAL
    return Kind.SUBSTITUTION if name.startswith(_SUBSTITUTE) else Kind.ANNUAL


def _usual_source(day: dt.date, name: str, kind: Kind) -> tuple[str | None, dt.date | None]:
    if kind is Kind.SUBSTITUTION:
        return SUBSTITUTION
    if kind is Kind.ANNUAL and name != _PLOUGHING and day >= BASE[1]:
        return BASE
    return None, None


def _is_working(name: str) -> bool:
    return name.removeprefix(_SUBSTITUTE) in _WORKING_FOR_THE_CIVIL_SERVICE
