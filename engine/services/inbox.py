"""What a person finds: mine, can take, waiting for others, done; by page, with counts by due moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from engine.errors import InvalidArgument, TaskNotFound
from engine.execution.rows import task_view
from engine.execution.transaction import Transaction
from engine.services.ids import number
from engine.store import DefinitionRow, TaskCandidateRow, TaskRow
from engine.store.task import DONE, OPEN
from engine.views import Task

_T: Final = TaskRow.__table__.c
_C: Final = TaskCandidateRow.__table__.c
_D: Final = DefinitionRow.__table__.c
LONGEST_PAGE: Final = 200
COUNT_LIMIT: Final = 1_000  # beyond it a list says "more than": an exact number costs more than it helps


class TaskList(StrEnum):
    """The four lists of a person."""

    MINE = "mine"  # taken by me, and still within what I may do
    TAKEABLE = "takeable"  # of my groups, taken by nobody
    WAITING = "waiting"  # of what I have finished a step of, now with others
    DONE = "done"  # finished by me


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Who asks, and what narrows the list."""

    person: str
    groups: frozenset[str] = frozenset()
    task_id: str | None = None
    text: str = ""  # in the task's name or business key
    business_keys: tuple[str, ...] = ()  # of subjects in which the host found the text
    process_id: str = ""
    due_from: dt.datetime | None = None
    due_before: dt.datetime | None = None
    without_due: bool = False  # with due_from: those without a due moment too
    withheld: Select[tuple[str]] | None = None  # business keys that the host keeps from who no longer has work there


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page; `next` continues after it."""

    items: tuple[Task, ...]
    next: str | None


class Inbox:
    """Reads of a person's lists."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def page(self, which: TaskList, wanted: InboxFilter, *, limit: int, after: str | None = None) -> TaskPage:
        """Return one page of a list: the most pressing first, the archive newest first.

        Raises:
            InvalidArgument: `after` is not what an earlier page gave.
        """
        limit = min(limit, LONGEST_PAGE)
        query = select(TaskRow.__table__).where(*_conditions(which, wanted))
        newest = which is TaskList.DONE
        moment = _T.ended_at if newest else _T.due_at
        dated, at, last = _cursor(after)
        rows: list[Any] = []
        # Those with a moment and those without are two questions, so that each walks its index in order.
        if dated:
            rows = list(self._rows(_dated(query, moment, at, last, newest=newest).limit(limit + 1)))
        if len(rows) <= limit and not newest:
            undated = query.where(moment.is_(None)).order_by(_T.id)
            if not dated:
                undated = undated.where(_T.id > last)
            rows += self._rows(undated.limit(limit + 1 - len(rows)))
        shown = rows[:limit]
        following = _token(shown[-1], moment.key) if len(rows) > limit else None
        return TaskPage(tuple(self._view(row) for row in shown), following)

    def count(self, which: TaskList, wanted: InboxFilter) -> int:
        """Return how many there are, at most COUNT_LIMIT + 1."""
        inner = select(_T.id).where(*_conditions(which, wanted)).limit(COUNT_LIMIT + 1).subquery()
        return self._tx.connection.execute(select(func.count()).select_from(inner)).scalar_one()

    def count_by_due(self, which: TaskList, wanted: InboxFilter, bounds: Sequence[dt.datetime]) -> tuple[int, ...]:
        """Return how many are due before the first bound, before the second …, and later or never."""
        whens = [(_T.due_at < bound, position) for position, bound in enumerate(bounds)]
        within = case(*whens, else_=len(bounds)).label("within")
        query = select(within, func.count()).where(*_conditions(which, wanted)).group_by(within)
        found = {int(row[0]): int(row[1]) for row in self._tx.connection.execute(query)}
        return tuple(found.get(position, 0) for position in range(len(bounds) + 1))

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        return self._tx.connection.execute(query).mappings().all()

    def _view(self, row: Any) -> Task:
        return task_view(row, self._tx.models.get(self._tx.connection, row["definition_id"]).definition)


def _conditions(which: TaskList, wanted: InboxFilter) -> list[Any]:
    conditions = [*_of_list(which, wanted)]
    if wanted.task_id is not None:
        conditions.append(_T.id == number(wanted.task_id, TaskNotFound))
    if wanted.text:
        conditions.append(
            or_(
                _T.name.icontains(wanted.text, autoescape=True),
                _T.business_key.icontains(wanted.text, autoescape=True),
                _T.business_key.in_(wanted.business_keys),
            )
        )
    if wanted.process_id:
        conditions.append(_T.definition_id.in_(select(_D.id).where(_D.key == wanted.process_id)))
    if wanted.due_before is not None:
        conditions.append(_T.due_at < wanted.due_before)
    if wanted.due_from is not None:
        later = _T.due_at >= wanted.due_from
        conditions.append(or_(later, _T.due_at.is_(None)) if wanted.without_due else later)
    return conditions


def _of_list(which: TaskList, wanted: InboxFilter) -> list[Any]:
    candidates = [f"u:{wanted.person}", *(f"g:{group}" for group in sorted(wanted.groups))]
    takeable = _T.id.in_(select(_C.task_id).where(_C.candidate.in_(candidates)))
    if which is TaskList.DONE:
        return [DONE, _T.completed_by == wanted.person, *_seen(wanted)]
    if which is TaskList.TAKEABLE:
        return [OPEN, _T.assignee.is_(None), takeable]
    if which is TaskList.MINE:
        without = ~select(_C.task_id).where(_C.task_id == _T.id).exists()
        return [OPEN, _T.assignee == wanted.person, or_(takeable, without)]
    mine = select(_T.business_key).where(DONE, _T.completed_by == wanted.person, _T.business_key.is_not(None))
    others: ColumnElement[bool] = or_(and_(_T.assignee.is_(None), ~takeable), _T.assignee != wanted.person)
    return [OPEN, others, _T.business_key.in_(mine), *_seen(wanted)]


def _seen(wanted: InboxFilter) -> list[Any]:
    if wanted.withheld is None:
        return []
    return [or_(_T.business_key.is_(None), _T.business_key.not_in(wanted.withheld))]


def _dated(query: Select[Any], moment: Any, at: dt.datetime | None, last: int, *, newest: bool) -> Select[Any]:
    query = query.where(moment.is_not(None))
    query = query.order_by(moment.desc(), _T.id.desc()) if newest else query.order_by(moment, _T.id)
    if at is None:
        return query
    beyond = moment < at if newest else moment > at
    same = _T.id < last if newest else _T.id > last
    return query.where(or_(beyond, and_(moment == at, same)))


def _cursor(after: str | None) -> tuple[bool, dt.datetime | None, int]:
    """Return whether dated rows are still to come, and after which moment and id."""
    if not after:
        return True, None, 0
    try:
        text, last = after.rsplit("~", 1)
        return (True, dt.datetime.fromisoformat(text), int(last)) if text else (False, None, int(last))
    except ValueError as error:
        raise InvalidArgument("Expected the continuation of an earlier page, but got something else.") from error


def _token(row: Any, column: str) -> str:
    moment: dt.datetime | None = row[column]
    return f"{moment.isoformat() if moment else ''}~{row['id']}"
