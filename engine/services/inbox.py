"""What a person finds: mine, can take, waiting for others, done; by page, with counts by due moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Select

from engine.errors import InvalidArgument, TaskNotFound
from engine.execution.rows import task_view
from engine.execution.transaction import Transaction
from engine.services.ids import number
from engine.services.inbox_lists import COUNT_SUBJECTS, After, Shape, T, Walk, count_of, counts_by_due, page_of
from engine.services.search import Sought, seek
from engine.store.prepared import Prepared, first_rows
from engine.store.task import ANYBODY, NEVER, NOBODY
from engine.views import Task

LONGEST_PAGE: Final = 200
COUNT_LIMIT: Final = 999  # beyond it a list says "more than": an exact number costs more than it helps
_FEW: Final = 6_000  # open tasks at some steps, each looked at in the index alone
_FEW_SUBJECTS: Final = 300  # each has some tens of open tasks, which are read and sorted
PART_LIMIT: Final = 99  # the same for a part of a list: what is due when, what has a text
_AFTER: Final = "%Y-%m-%dT%H:%M:%S.%f%z"


class TaskList(StrEnum):
    """The four lists of a person."""

    MINE = "mine"  # taken by me, and still within what I may do
    TAKEABLE = "takeable"  # of my groups, taken by nobody
    WAITING = "waiting"  # of what I have finished a step of, now with others
    DONE = "done"  # finished by me


@dataclass(frozen=True, slots=True)
class Withheld:
    """Business keys that the host keeps from who no longer has work there.

    `keys` is one statement for all persons, so that questions can be kept; its bound parameters are in `values`.
    """

    keys: Select[tuple[str]]
    values: Mapping[str, object] = field(hash=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Who asks, and what narrows the list."""

    person: str
    groups: frozenset[str] = frozenset()
    task_id: str | None = None
    text: str = ""  # in the task's name, or in the words of its subject (`engine.describe_subjects`)
    process_id: str = ""
    due_from: dt.datetime | None = None
    due_before: dt.datetime | None = None
    without_due: bool = False  # with due_from: those without a due moment too
    withheld: Withheld | None = None  # from the lists of what waits and what is done


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page; `next` continues after it."""

    items: tuple[Task, ...]
    next: str | None


class Inbox:
    """Reads of a person's lists."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._sought: dict[str, tuple[Sought, Mapping[str, str]]] = {}
        self._subjects: dict[str, int] = {}

    def page(self, which: TaskList, wanted: InboxFilter, *, limit: int, after: str | None = None) -> TaskPage:
        """Return one page of a list: the most pressing first, the archive newest first.

        Raises:
            InvalidArgument: `after` is not what an earlier page gave.
        """
        limit = min(limit, LONGEST_PAGE)
        question = self._question(which, wanted)
        cursor = _cursor(after)
        rows = [] if question is None else self._page(question, cursor, limit + 1)
        shown = rows[:limit]
        column = T.ended_at.key if which is TaskList.DONE else T.due_at.key
        following = _token(shown[-1], column) if len(rows) > limit else None
        return TaskPage(tuple(self._view(row) for row in shown), following)

    def count(self, which: TaskList, wanted: InboxFilter) -> int:
        """Return how many there are, at most COUNT_LIMIT + 1."""
        return self.counts([which], wanted)[which]

    def counts(
        self, lists: Sequence[TaskList], wanted: InboxFilter, *, limit: int = COUNT_LIMIT
    ) -> dict[TaskList, int]:
        """Return how many there are in each of these lists, at most one more than the limit."""
        whole = not (wanted.task_id or wanted.text.strip() or wanted.process_id or wanted.due_from or wanted.due_before)
        ask = self._list if whole else self._question  # all that waits is counted through the subjects, up to the limit
        asked = {which: question for which in lists if (question := ask(which, wanted)) is not None}
        found = self._count(asked.values(), limit + 1)
        return dict.fromkeys(lists, 0) | dict(zip(asked, found, strict=True))

    def count_by_due(self, which: TaskList, wanted: InboxFilter, bounds: Sequence[dt.datetime]) -> tuple[int, ...]:
        """Return how many are due before the first bound, before the second …, and later or never.

        Each is at most PART_LIMIT + 1.
        """
        question = self._question(which, wanted)
        if question is None:
            return (0,) * (len(bounds) + 1)
        if question.shape.walk in {Walk.WAITING_BY_SUBJECT, Walk.WAITING_BY_STEP}:
            values = question.values | {f"bound_{position}": bound for position, bound in enumerate(bounds)}
            rows = counts_by_due(question.shape, len(bounds)).rows(self._tx.connection, values)
            within = {row["within"]: row["found"] for row in rows}
            return tuple(min(within.get(position, 0), PART_LIMIT + 1) for position in range(len(bounds) + 1))
        parts = [question.within(start, end) for start, end in pairwise([None, *bounds, None])]
        asked = [part for part in parts if part is not None]
        # Those without a due moment stand apart from the others: they count only where the others are not enough.
        found = self._count([part.dated for part in asked], PART_LIMIT + 1)
        again = [place for place, part in enumerate(asked) if part.dated is not part and found[place] <= PART_LIMIT]
        for place, count in zip(again, self._count([asked[place] for place in again], PART_LIMIT + 1), strict=True):
            found[place] = count
        counted = iter(found)
        return tuple(0 if part is None else next(counted) for part in parts)

    def _page(self, question: _Question, cursor: _Cursor | None, limit: int) -> Sequence[Any]:
        walk = question.shape.walk
        if walk is not Walk.WAITING_BY_URGENCY:
            return self._rows(question.after(cursor), limit)
        rows: list[Any] = []
        if cursor is None or cursor.at is not None:
            rows += self._rows(question.after(cursor), limit)
        if len(rows) < limit and question.shape.undated:
            # What has no due moment stands in no order of urgency: it is gathered and sorted.
            shape = replace(question.shape, walk=Walk.WAITING_BY_SUBJECT)
            last = cursor.last if cursor is not None and cursor.at is None else 0
            rest = replace(question, shape=shape).after(_Cursor(None, last))
            rows += self._rows(rest, limit - len(rows))
        return rows

    def _rows(self, question: _Question, limit: int) -> Sequence[Any]:
        return page_of(question.shape).rows(self._tx.connection, {**question.values, "limit": limit})

    def _count(self, questions: Iterable[_Question], limit: int) -> list[int]:
        asked: list[tuple[Prepared, Mapping[str, Any]]] = [
            (count_of(question.to_be_counted), {**question.values, "limit": limit}) for question in questions
        ]
        rows = first_rows(self._tx.connection, *asked) if asked else []
        return [row["found"] if row is not None else 0 for row in rows]

    def _question(self, which: TaskList, wanted: InboxFilter) -> _Question | None:
        """Return a list as a question; None where no task can be in it."""
        question = self._list(which, wanted)
        if question is not None and which is TaskList.WAITING:
            question = self._waiting_question(wanted, question)
        if question is None or (wanted.due_from is None and wanted.due_before is None):
            return question
        return question.within(wanted.due_from, wanted.due_before, undated=wanted.without_due)

    def _list(self, which: TaskList, wanted: InboxFilter) -> _Question | None:
        """Return a list whatever its due moments, what waits through the subjects."""
        names = [f"u:{wanted.person}", *(f"g:{group}" for group in sorted(wanted.groups))]
        values: dict[str, Any] = {"person": wanted.person, "holder": NOBODY}
        walk, withheld = Walk.HELD, wanted.withheld
        if which is TaskList.MINE:
            names.append(ANYBODY)
            values["holder"] = wanted.person
        elif which is not TaskList.TAKEABLE:
            walk = Walk.DONE if which is TaskList.DONE else Walk.WAITING_BY_SUBJECT
        if which in {TaskList.MINE, TaskList.TAKEABLE}:
            withheld = None
        sought: Sought | None = None
        if wanted.text.strip():
            sought, words = self._seek(wanted.text)
            values |= words
            if sought.is_nowhere:
                return None
        values |= {f"name_{place}": name for place, name in enumerate(names)}
        values |= dict(withheld.values) if withheld is not None else {}
        values |= {"process": wanted.process_id}
        values |= {"task": number(wanted.task_id, TaskNotFound)} if wanted.task_id is not None else {}
        whole = Shape(
            walk=walk,
            names=len(names),
            process=bool(wanted.process_id),
            sought=sought,
            withheld=withheld.keys if withheld is not None else None,
            task=wanted.task_id is not None,
        )
        return _Question(whole, values)

    def _seek(self, text: str) -> tuple[Sought, Mapping[str, str]]:
        if text not in self._sought:
            self._sought[text] = seek(self._tx.connection, text)
        return self._sought[text]

    def _waiting_question(self, wanted: InboxFilter, question: _Question) -> _Question:
        """Return what waits in the way that is the quickest: every way ends soon where the others would not.

        Through the subjects of which the person has done a step, where those are few. Who has more finds what stands
        at few steps through those, and the rest along the due moments, in every stretch of which there is enough of it.
        """
        sought = question.shape.sought
        if wanted.task_id is not None:
            return question.by(Walk.WAITING_BY_URGENCY)
        if sought is not None and sought.only_few_subjects:
            return question.by(Walk.WAITING_BY_SUBJECT)
        if self._count_subjects(wanted.person) <= _FEW_SUBJECTS:
            return question.by(Walk.WAITING_BY_SUBJECT)
        if question.shape.is_at_steps:
            at_steps = _Question(replace(question.shape, walk=Walk.OPEN_AT_STEPS, withheld=None), question.values)
            if self._count([at_steps], _FEW + 1)[0] <= _FEW:
                return question.by(Walk.WAITING_BY_STEP)
        return question.by(Walk.WAITING_BY_URGENCY)

    def _count_subjects(self, person: str) -> int:
        """Count the subjects of which a person has done a step, up to one more than are few."""
        if person not in self._subjects:
            values = {"person": person, "limit": _FEW_SUBJECTS + 1}
            self._subjects[person] = int(COUNT_SUBJECTS.scalar(self._tx.connection, values))
        return self._subjects[person]

    def _view(self, row: Any) -> Task:
        return task_view(row, self._tx.models.get(self._tx.connection, row["definition_id"]).definition)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The moment (None where it had none) and the id after which a page continues."""

    at: dt.datetime | None
    last: int


@dataclass(frozen=True, slots=True)
class _Question:
    """The shape of a statement with its values."""

    shape: Shape
    values: dict[str, Any]

    @property
    def to_be_counted(self) -> Shape:
        """The shape in which it is counted: no order is asked for, so steps are quicker than due moments."""
        walks = self.shape.walk is Walk.WAITING_BY_URGENCY and not self.shape.task
        return replace(self.shape, walk=Walk.WAITING_BY_STEP) if walks and self.shape.is_at_steps else self.shape

    @property
    def dated(self) -> _Question:
        """What of it has a due moment, where that is found apart from the rest; else all of it."""
        apart = self.shape.walk is Walk.WAITING_BY_URGENCY and self.shape.starts and self.shape.undated
        return _Question(replace(self.shape, undated=False), self.values) if apart else self

    def by(self, walk: Walk) -> _Question:
        """Return the same question in another way."""
        return _Question(replace(self.shape, walk=walk), self.values)

    def within(self, start: dt.datetime | None, end: dt.datetime | None, *, undated: bool = True) -> _Question | None:
        """Return the part that is due from a moment on and before another; None where there is no such moment."""
        start = max(filter(None, (start, self.values.get("due_from"))), default=None)
        undated = undated and end is None and self.shape.undated
        known = self.values.get("due_before") if self.shape.ends else None
        end = min(filter(None, (end, known)), default=None)
        if start is not None and end is not None and start >= end:
            return None
        shape = replace(self.shape, starts=start is not None, ends=end is not None, undated=undated)
        values = {**self.values, "due_from": start, "due_before": end or NEVER}
        return _Question(shape, values)

    def after(self, cursor: _Cursor | None) -> _Question:
        """Return what comes after the end of a page."""
        if cursor is None:
            return self
        after = After.DATED if cursor.at is not None else After.UNDATED
        values = {**self.values, "after_at": cursor.at or NEVER, "after_last": cursor.last}
        return _Question(replace(self.shape, after=after), values)


def _cursor(after: str | None) -> _Cursor | None:
    if not after:
        return None
    try:
        moment, last = after.rsplit("~", 1)
        at = dt.datetime.strptime(moment, _AFTER).astimezone(dt.UTC) if moment else None
        return _Cursor(at, number(last, TaskNotFound))
    except (ValueError, OverflowError, TaskNotFound) as error:
        raise InvalidArgument("Expected the continuation of an earlier page, but got something else.") from error


def _token(row: Any, column: str) -> str:
    moment: dt.datetime | None = row[column]
    return f"{moment.strftime(_AFTER) if moment else ''}~{row['id']}"
