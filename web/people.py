"""What the pages ask about people: names, positions held today, who else may do a task; and working days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from web.identity import Capacity

DayCounter = Callable[[dt.datetime | None], int | None]
"""Answers the working days between today and a due moment, both ways positive; None without a due moment."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may do a task too."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo in one capacity."""

    id: str
    name: str
    title: str
    capacity: str


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """The demo people of a unit."""

    name: str
    people: tuple[DemoPerson, ...]


class Directory(Protocol):
    """Knows people and their positions; the organisation answers, tests bring their own."""

    def capacities_of(self, session: Session, person_id: str, at: dt.datetime) -> Sequence[Capacity]:
        """Return the positions in which a person may act at a moment, the own ones before those held for others."""
        ...

    def names_of(self, session: Session, person_ids: Collection[str]) -> dict[str, str]:
        """Return the names of persons; unknown ones are missing."""
        ...

    def colleagues(
        self, session: Session, groups: Collection[str], at: dt.datetime, *, without: str
    ) -> Sequence[Colleague]:
        """Return who holds a position in these candidate groups, except one person."""
        ...

    def group_title(self, session: Session, group: str) -> str:
        """Return a candidate group in words: "ผู้ว่าราชการจังหวัดลำปาง"."""
        ...

    def group_titles(self, session: Session, groups: Collection[str]) -> dict[str, str]:
        """Return candidate groups in words, all of them."""
        ...

    def capacity_title(self, session: Session, capacity: str) -> str:
        """Return the words of a capacity that an act was done in; empty for none."""
        ...

    def day_counter(self, session: Session, now: dt.datetime) -> DayCounter:
        """Return a counter of working days from today."""
        ...

    def working_days(self, session: Session, start: dt.datetime, end: dt.datetime, unit: str) -> int:
        """Count a unit's working days after the day of one moment up to that of a later one; 0 when it is not later."""
        ...

    def demo_people(self, session: Session, at: dt.datetime) -> Sequence[DemoUnit]:
        """Return the people whom the sign-in page of the demo offers."""
        ...
