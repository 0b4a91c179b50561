"""The lists of the inbox: which tasks, in which group of urgency, with what each is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine import COUNT_LIMIT, PART_LIMIT, InboxFilter, Task, TaskList, TaskPage
from web.composition import Reading
from web.formatting import Urgency, bangkok_date, end_of_week, urgency
from web.identity import SignedIn
from web.panels import Panels, Subject
from web.people import DayCounter
from web.sight import withheld_from
from workflows.calendar import BANGKOK

PAGE = 50
SHORTEST_SEARCH = 2
NAMED = (TaskList.MINE, TaskList.TAKEABLE, TaskList.WAITING)
"""The lists whose numbers stand beside their names; what is done only ever grows."""

Holders = Callable[[Sequence[Task]], Mapping[str, str]]
"""Answers in words who has tasks now, by their ids."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for."""

    tab: TaskList
    text: str
    process: str
    due: Urgency | None
    after: str | None
    open_choice: bool = False  # the address names no list: whoever has nothing sees what can be taken

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Wish:
        """Read the address; what it says wrongly counts as not said."""
        tab, due = query.get("tab", ""), query.get("due", "")
        return cls(
            tab=TaskList(tab) if tab in set(TaskList) else TaskList.MINE,
            text=query.get("q", "").strip()[:100],
            process=query.get("process", "")[:255],
            due=Urgency(due) if due in set(Urgency) else None,
            after=query.get("after") or None,
            open_choice=not query.get("tab"),
        )

    def query(self, **changes: str | None) -> dict[str, str]:
        """Return the parts of an address that says this wish, with changes."""
        parts: dict[str, str | None] = {
            "tab": self.tab.value,
            "q": self.text,
            "process": self.process,
            "due": self.due.value if self.due else None,
            **changes,
        }
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True, slots=True)
class Row:
    """One task as its row shows it."""

    task: Task
    subject: Subject | None
    working_days: int | None
    holder: str = ""  # with whom it waits


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one urgency; the count is that of the whole list, not of the page."""

    urgency: Urgency | None
    count: int
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that the inbox shows; the counts are those of the search, where somebody searches."""

    wish: Wish
    counts: dict[TaskList, str]  # in words: "12", "999+"
    groups: list[Group]
    next: str | None
    filtered: bool
    searched: bool


def task_filter(user: SignedIn) -> InboxFilter:
    """Return the filter of what this person may see in the present capacity; without one there are no lists."""
    person = user.person_id if user.capacity is not None else ""
    return InboxFilter(person=person, groups=user.actor.groups, withheld=withheld_from(user))


def read_inbox(
    read: Reading, user: SignedIn, wish: Wish, *, panels: Panels, count_days: DayCounter, holders: Holders
) -> Inbox:
    """Return one page of the inbox."""
    bounds = due_bounds(read.now)
    searched = wish.text if len(wish.text) >= SHORTEST_SEARCH else ""
    whole = replace(task_filter(user), text=searched, process_id=wish.process)
    limit = PART_LIMIT if searched else COUNT_LIMIT
    counts = read.inbox.counts(list(TaskList) if searched else NAMED, replace(whole, process_id=""), limit=limit)
    if wish.open_choice:
        # Whoever searches is led to where something is; who has nothing, to what can be taken.
        offered = list(TaskList) if searched else [TaskList.MINE, TaskList.TAKEABLE]
        wish = replace(wish, tab=next((tab for tab in offered if counts[tab]), wish.tab))
    wanted = _within(whole, wish.due, bounds)
    # Where the list was counted and has nothing, no part of it has anything.
    empty = counts.get(wish.tab) == 0
    page = TaskPage((), None) if empty else read.inbox.page(wish.tab, wanted, limit=PAGE, after=wish.after)
    subjects = panels.subjects(read, sorted({task.business_key for task in page.items if task.business_key}))
    held = holders(page.items) if wish.tab is TaskList.WAITING else {}
    rows = [
        Row(task, subjects.get(task.business_key or ""), count_days(task.due_at), held.get(task.id, ""))
        for task in page.items
    ]
    if wish.tab is TaskList.DONE:
        groups = [Group(None, len(rows), rows)] if rows else []
    else:
        groups = list(_grouped(rows, read.now))
        if page.next or wish.after:
            numbers = dict(zip(Urgency, read.inbox.count_by_due(wish.tab, whole, bounds), strict=True))
            groups = [replace(group, count=numbers[name]) for group in groups if (name := group.urgency)]
    filtered = bool(searched or wish.process or wish.due)
    return Inbox(
        wish, {tab: at_most(found, limit) for tab, found in counts.items()}, groups, page.next, filtered, bool(searched)
    )


def at_most(found: int, limit: int) -> str:
    """Return a count in words; beyond the limit it says that there are more."""
    return str(found) if found <= limit else f"{limit}+"


def due_bounds(now: dt.datetime) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """Return now, the end of today and the end of this week in Bangkok: the borders between the groups."""
    today = bangkok_date(now)
    return now, _midnight(today), _midnight(end_of_week(now))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), BANGKOK)


def _within(whole: InboxFilter, due: Urgency | None, bounds: tuple[dt.datetime, ...]) -> InboxFilter:
    if due is None:
        return whole
    now, today, week = bounds
    windows: dict[Urgency, tuple[dt.datetime | None, dt.datetime | None]] = {
        Urgency.OVERDUE: (None, now),
        Urgency.TODAY: (now, today),
        Urgency.THIS_WEEK: (today, week),
        Urgency.LATER: (week, None),
    }
    begin, end = windows[due]
    return replace(whole, due_from=begin, due_before=end, without_due=due is Urgency.LATER)


def _grouped(rows: list[Row], now: dt.datetime) -> Iterable[Group]:
    for name in Urgency:
        found = [row for row in rows if urgency(row.task.due_at, now) is name]
        if found:
            yield Group(name, len(found), found)
