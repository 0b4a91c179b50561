"""The list of plans as its page shows it: what the address asks for, and each row in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from web.composition import Reading, directory
from web.sight import sight
from web.task_forms.values import clean_text
from workflows.plans.queries import Choices, PlanFilter, PlanList, PlanRow, choices, list_plans
from workflows.plans.states import DocumentState
from workflows.plans.steps import BOARD_STAGES

LATE = "late"
"""Beside the states of plans, what the filter may ask for."""

_STAGES = {stage.code: stage.name for stage in BOARD_STAGES}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for."""

    cycle: str = ""
    region: str = ""
    cluster: str = ""
    state: str = ""
    text: str = ""
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Wish:
        """Read the address; what it says wrongly counts as not said."""
        state, page = query.get("state", ""), query.get("page", "")
        return cls(
            cycle=query.get("cycle", "")[:50],
            region=query.get("region", "")[:50],
            cluster=query.get("cluster", "")[:50],
            state=state if state == LATE or state in set(DocumentState) else "",
            text=clean_text(query.get("q", ""))[:100],
            page=int(page) if page.isdecimal() and len(page) < 5 else 1,  # noqa: PLR2004  # more pages than there are
        )

    def query(self, **changes: str | int) -> dict[str, str | int]:
        """Return the parts of an address that says this wish, with changes; another filter begins at the first page."""
        parts: dict[str, str | int] = {
            "cycle": self.cycle,
            "region": self.region,
            "cluster": self.cluster,
            "state": self.state,
            "q": self.text,
            **changes,
        }
        return {name: value for name, value in parts.items() if value}

    @property
    def filters(self) -> bool:
        """Tell whether plans are left out."""
        return bool(self.query())

    def as_filter(self) -> PlanFilter:
        """Return what the query is asked."""
        return PlanFilter(
            cycle=self.cycle,
            region=self.region,
            cluster=self.cluster,
            state="" if self.state == LATE else self.state,
            text=self.text,
            late=self.state == LATE,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A row in words; `stage` and `whom` are empty where nothing is waited for."""

    row: PlanRow
    stage: str
    whom: str
    working_days: int | None


@dataclass(frozen=True, slots=True)
class PlanListView:
    """Everything that the list shows."""

    wish: Wish
    found: PlanList
    lines: list[Line]
    choices: Choices
    now: dt.datetime


def read_list(read: Reading, wish: Wish) -> PlanListView:
    """Return the page of the list that the address asks for."""
    session, people, seen = read.session, directory(), sight()
    found = list_plans(session, seen, wish.as_filter(), now=read.now, page=wish.page)
    groups = {group for row in found.rows if row.waiting for group in row.waiting.groups}
    titles = people.group_titles(session, groups) if groups else {}
    count_days = cache(people.day_counter(session, read.now))
    lines = []
    for row in found.rows:
        waiting = row.waiting
        lines.append(
            Line(
                row=row,
                stage=_STAGES.get(waiting.stage, "") if waiting else "",
                whom=", ".join(titles[group] for group in waiting.groups) if waiting else "",
                working_days=count_days(waiting.due) if waiting else None,
            )
        )
    return PlanListView(wish, found, lines, choices(session, seen), read.now)
