"""The lists of a person as statements: each walks an index in its order and stops when it has enough.

A statement is made once for each shape of a question and kept; its values come with each question.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from engine.services.search import Hits, Sought, asked_for_each
from engine.store import DefinitionRow, TaskCandidateRow, TaskRow, UtcDateTime
from engine.store.prepared import Prepared
from engine.store.task import DONE, NEVER, NOBODY, OPEN

T: Final = TaskRow.__table__.c
_C: Final = TaskCandidateRow.__table__.c
_D: Final = DefinitionRow.__table__.c
_MINE: Final = TaskRow.__table__.alias("mine")
# The words of the partial index once more, about the other table of the question.
_I_DID: Final = text("mine.state = 'completed' AND mine.business_key IS NOT NULL")
_OF_A_SUBJECT: Final = text("bpm_task.business_key IS NOT NULL")


class Walk(Enum):
    """How a list is found."""

    HELD = "held"  # by candidate and who has it, in the order of urgency
    WAITING_BY_SUBJECT = "waiting by subject"  # for those who wait for little
    WAITING_BY_STEP = "waiting by step"  # for those who wait for much, where little stands at the steps asked for
    WAITING_BY_URGENCY = "waiting by urgency"  # for those who wait for much; only what has a due moment
    DONE = "done"
    OPEN_AT_STEPS = "open at steps"  # whosever it is: only to be counted


class After(Enum):
    """After what a page continues."""

    NOTHING = 0
    DATED = 1
    UNDATED = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """All that changes the words of a statement."""

    walk: Walk
    names: int = 0  # candidates
    starts: bool = False  # due from a moment on
    ends: bool = False  # due before a moment
    undated: bool = True  # those without a due moment too
    process: bool = False
    sought: Sought | None = None
    withheld: Select[tuple[str]] | None = None
    task: bool = False
    after: After = After.NOTHING

    @property
    def is_at_steps(self) -> bool:
        """Tell whether only tasks at some steps can be in it: of a process, or with a text in their names alone."""
        return self.process or (self.sought is not None and self.sought.subjects is Hits.NONE)

    @property
    def begins_at_names(self) -> bool:
        """Tell whether the list is walked from the steps that have the text in their names."""
        walks_steps = self.walk in {Walk.WAITING_BY_STEP, Walk.OPEN_AT_STEPS}
        return walks_steps and self.sought is not None and self.sought.subjects is Hits.NONE


@lru_cache(maxsize=2_000)
def page_of(shape: Shape) -> Prepared:
    """Return the statement of a page: rows of `bpm_task`, at most `limit`."""
    if shape.walk is Walk.HELD:
        found = _held(shape).subquery()
        rows = select(TaskRow.__table__).join(found, found.c.task_id == T.id)
        return Prepared(rows.order_by(found.c.due_at, found.c.task_id))
    if shape.walk in {Walk.WAITING_BY_STEP, Walk.WAITING_BY_SUBJECT}:
        # Many are looked at and sorted; only those that are shown are read whole.
        found = _ordered(shape, _tasks(shape).with_only_columns(T.id, T.due_at)).limit(_LIMIT).subquery()
        rows = select(TaskRow.__table__).join(found, found.c.id == T.id)
        return Prepared(rows.order_by(found.c.due_at.is_(None), found.c.due_at, found.c.id))
    return Prepared(_ordered(shape, _tasks(shape)).limit(_LIMIT))


@lru_cache(maxsize=2_000)
def count_of(shape: Shape) -> Prepared:
    """Return the statement that counts a list as `found`, at most `limit`."""
    some = _held(shape) if shape.walk is Walk.HELD else _tasks(shape).with_only_columns(T.id).limit(_LIMIT)
    return Prepared(select(func.count().label("found")).select_from(some.subquery()))


@lru_cache(maxsize=500)
def counts_by_due(shape: Shape, bounds: int) -> Prepared:
    """Return the statement that counts a short list by `within`: 0 is before `bound_0`, the last later or never."""
    whens = [(T.due_at < _moment(f"bound_{position}"), position) for position in range(bounds)]
    within = case(*whens, else_=bounds).label("within")
    return Prepared(_tasks(shape).with_only_columns(within, func.count().label("found")).group_by(within))


def _tasks(shape: Shape) -> Select[Any]:
    """Return the tasks of a list in no order."""
    if shape.walk is Walk.DONE:
        query = select(TaskRow.__table__).where(DONE, T.completed_by == _PERSON, *_narrow(shape), *_due(shape))
    elif shape.walk is Walk.WAITING_BY_SUBJECT:
        mine = select(_MINE.c.business_key).where(_MINE.c.completed_by == _PERSON, _I_DID).distinct()
        if shape.sought is not None and shape.sought.only_few_subjects:
            mine = mine.where(_MINE.c.business_key.in_(shape.sought.keys()))
        if shape.withheld is not None:  # few subjects are asked, instead of each of their tasks
            mine = mine.where(_is_shown(shape.withheld, _MINE.c.business_key))
        subjects = mine.subquery("subjects")
        query = select(TaskRow.__table__).join(subjects, subjects.c.business_key == T.business_key)
        query = query.where(*_with_others(replace(shape, withheld=None)))
    elif shape.walk is Walk.OPEN_AT_STEPS:
        return _at_steps(shape).where(OPEN, _OF_A_SUBJECT, *_narrow(shape))
    else:
        did = select(literal(1)).where(_MINE.c.completed_by == _PERSON, _MINE.c.business_key == T.business_key, _I_DID)
        query = _at_steps(shape).where(*_with_others(shape), asked_for_each(did))
    return query.where(T.id == _TASK) if shape.task else query


def _at_steps(shape: Shape) -> Select[Any]:
    """Return all tasks, begun at the steps with the names that are asked for where only those can be in the list."""
    query = select(TaskRow.__table__)
    if shape.sought is None or not shape.begins_at_names:
        return query
    steps = shape.sought.steps().subquery("steps")
    # Nothing is added so that SQLite cannot look the steps up for each task: a handful of steps leads to their tasks.
    of_version = T.definition_id == steps.c.definition_id + literal_column("0")
    return query.join(steps, and_(of_version, T.element_id == steps.c.element_id))


def _ordered(shape: Shape, query: Select[Any]) -> Select[Any]:
    at, last = _moment("after_at"), bindparam("after_last", type_=BigInteger())
    if shape.walk is Walk.DONE:
        query = query.order_by(T.ended_at.desc(), T.id.desc())
        beyond = [T.ended_at <= at, tuple_(T.ended_at, T.id) < tuple_(at, last)]
        return query.where(*beyond) if shape.after is After.DATED else query
    if shape.walk is Walk.WAITING_BY_URGENCY:
        query = query.where(T.due_at.is_not(None)).order_by(T.due_at, T.id)
        beyond = [T.due_at >= at, tuple_(T.due_at, T.id) > tuple_(at, last)]
        return query.where(*beyond) if shape.after is After.DATED else query
    query = query.order_by(T.due_at.is_(None), T.due_at, T.id)
    if shape.after is After.UNDATED:
        return query.where(T.due_at.is_(None), T.id > last)
    if shape.after is After.DATED:
        return query.where(or_(T.due_at > at, and_(T.due_at == at, T.id > last), T.due_at.is_(None)))
    return query


def _held(shape: Shape) -> Select[Any]:
    """Return due moment and id of the first tasks of these candidates that one person has, or nobody."""
    arms = [_held_by(shape, bindparam(f"name_{place}", type_=Text())).limit(_LIMIT) for place in range(shape.names)]
    if len(arms) == 1:
        return arms[0]
    together = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    due_at, task_id = together.c
    return select(due_at, task_id).distinct().order_by(due_at, task_id).limit(_LIMIT)


def _held_by(shape: Shape, name: Any) -> Select[Any]:
    query = select(_C.due_at, _C.task_id).where(_C.candidate == name, _C.assignee == bindparam("holder", type_=Text()))
    if shape.starts:
        query = query.where(_C.due_at >= _moment("due_from"))
    if shape.ends or not shape.undated:
        query = query.where(_C.due_at < _moment("due_before"))
    if shape.task:
        query = query.where(_C.task_id == _TASK)
    conditions = _narrow(replace(shape, withheld=None))
    if shape.sought is not None and shape.sought.only_few_subjects:
        # Through the subjects: each open task of theirs is looked up among the candidates by its whole key.
        these = select(_due_or_never(), T.id).where(OPEN, _OF_A_SUBJECT, *conditions)
        query = query.where(tuple_(_C.due_at, _C.task_id).in_(these))
    elif conditions:
        query = query.where(asked_for_each(select(literal(1)).where(T.id == _C.task_id, *conditions)))
    if shape.after is not After.NOTHING:
        at, last = _moment("after_at"), bindparam("after_last", type_=BigInteger())
        query = query.where(_C.due_at >= at, tuple_(_C.due_at, _C.task_id) > tuple_(at, last))
    return query.order_by(_C.due_at, _C.task_id)


def _with_others(shape: Shape) -> list[Any]:
    """Return the conditions of open tasks that somebody else has, or that others may take."""
    takeable = select(literal(1)).where(
        _C.candidate.in_([bindparam(f"name_{place}", type_=Text()) for place in range(shape.names)]),
        _C.assignee == NOBODY,
        _C.due_at == _due_or_never(),
        _C.task_id == T.id,
    )
    others = or_(T.assignee != _PERSON, and_(T.assignee.is_(None), ~asked_for_each(takeable)))
    return [OPEN, _OF_A_SUBJECT, others, *_narrow(shape), *_due(shape)]


def _narrow(shape: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    by_step = shape.walk in {Walk.WAITING_BY_STEP, Walk.OPEN_AT_STEPS}
    if shape.process:
        of_process = select(_D.id).where(_D.key == bindparam("process", type_=Text()))
        found.append(
            T.definition_id.in_(of_process) if by_step else of_process.where(_D.id == T.definition_id).exists()
        )
    if shape.sought is not None and not shape.begins_at_names:
        found.append(shape.sought.condition(T, by_step=by_step))
    if shape.withheld is not None:
        found.append(_is_shown(shape.withheld, T.business_key))
    return found


def _is_shown(withheld: Select[tuple[str]], key: Any) -> ColumnElement[bool]:
    """Return that a business key is not among those withheld; each is looked up, or PostgreSQL would make them all."""
    kept = withheld.subquery()
    return ~asked_for_each(select(literal(1)).where(kept.c[0] == key))


def _due(shape: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.ends:
        found.append(T.due_at < _moment("due_before"))
    if shape.starts:
        later = T.due_at >= _moment("due_from")
        found.append(or_(later, T.due_at.is_(None)) if shape.undated and not shape.ends else later)
    return found


def _due_or_never() -> ColumnElement[dt.datetime]:
    return func.coalesce(T.due_at, literal(NEVER, UtcDateTime()))


def _moment(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime())


_PERSON: Final = bindparam("person", type_=Text())
_TASK: Final = bindparam("task", type_=BigInteger())
_LIMIT: Final = bindparam("limit", type_=Integer())
COUNT_SUBJECTS: Final = Prepared(
    select(func.count()).select_from(
        select(_MINE.c.business_key).where(_MINE.c.completed_by == _PERSON, _I_DID).distinct().limit(_LIMIT).subquery()
    )
)
"""Counts the subjects of which a person has done a step, at most `limit`."""
