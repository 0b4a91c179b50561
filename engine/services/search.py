"""Tasks by words: which names of tasks and which subjects have a text, as a condition that a list can walk with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    bindparam,
    case,
    column,
    func,
    inspect,
    literal_column,
    or_,
    select,
    table,
    tuple_,
)

from engine.store import SubjectRow, TaskNameRow
from engine.store.prepared import Prepared, first_rows
from engine.store.subject import SHORTEST_PART, WORDS_INDEX, WORDS_TABLE
from engine.words import ESCAPE, fold, pattern, phrase

_S: Final = SubjectRow.__table__.c
_N: Final = TaskNameRow.__table__.c
_FTS: Final = table(WORDS_TABLE, column("rowid"))
MANY: Final = 1_000
"""Subjects from which on a list asks each of its own whether it has the text, instead of all that have it."""

_indexed: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()


class Hits(Enum):
    """How many subjects have a text."""

    NONE = 0
    FEW = 1
    MANY = 2


@dataclass(frozen=True, slots=True)
class Sought:
    """Where a text was found, and so how a list looks for it; `values` are those of the condition."""

    in_names: bool
    subjects: Hits
    by_phrase: bool  # through SQLite's index of words

    @property
    def is_nowhere(self) -> bool:
        """Tell whether no task can have it."""
        return not self.in_names and self.subjects is Hits.NONE

    @property
    def only_few_subjects(self) -> bool:
        """Tell whether a list is found quickest through the subjects that have it."""
        return not self.in_names and self.subjects is Hits.FEW

    def keys(self) -> Select[tuple[str]]:
        """Return the business keys of the subjects that have it."""
        return _subjects(by_phrase=self.by_phrase)

    def steps(self) -> Select[tuple[int, str]]:
        """Return the steps (version and element) that have it in their names, each once."""
        return _names()

    def condition(self, task: Any, *, by_step: bool = False) -> ColumnElement[bool]:
        """Return the condition that a task (columns of `bpm_task`) has it in its name or subject.

        `by_step` lets the database begin at the steps with such names; else each task is asked on its way.
        """
        found: list[ColumnElement[bool]] = []
        if self.in_names and by_step:
            found.append(tuple_(task.definition_id, task.element_id).in_(_names()))
        elif self.in_names:
            # Within a CASE the steps are found once and kept; else PostgreSQL would begin the walk at them.
            found.append(case((tuple_(task.definition_id, task.element_id).in_(_names()), 1), else_=0) == 1)
        if self.subjects is Hits.FEW:
            found.append(task.business_key.in_(self.keys()))
        elif self.subjects is Hits.MANY:
            found.append(asked_for_each(select(_S.id).where(_S.key == task.business_key, _has_words(_S.words))))
        return or_(*found)


def seek(connection: Connection, text: str) -> tuple[Sought, Mapping[str, str]]:
    """Look where a text is; returns that, with the values that its condition needs."""
    folded = fold(text)
    by_phrase = connection.dialect.name == "sqlite" and len(folded) >= SHORTEST_PART and words_are_indexed(connection)
    values = {"words_like": pattern(folded), "words_phrase": phrase(folded)}
    in_names, subjects = first_rows(connection, (_IN_NAMES, values), (_counted(by_phrase=by_phrase), values))
    found = subjects["found"] if subjects else 0
    hits = Hits.MANY if found > MANY else Hits.FEW if found else Hits.NONE
    return Sought(bool(in_names and in_names["found"]), hits, by_phrase), values


def find_subjects(connection: Connection, text: str) -> Select[tuple[str]]:
    """Return the business keys of all subjects that have a text in their words."""
    folded = fold(text)
    by_phrase = connection.dialect.name == "sqlite" and len(folded) >= SHORTEST_PART and words_are_indexed(connection)
    return _subjects(by_phrase=by_phrase).params(words_like=pattern(folded), words_phrase=phrase(folded))


def words_are_indexed(connection: Connection) -> bool:
    """Tell whether the database has an index of words; without one, a search reads every subject."""
    known = _indexed.get(connection.engine)
    if known is None:
        looks = inspect(connection)
        if connection.dialect.name == "sqlite":
            known = looks.has_table(WORDS_TABLE)
        else:
            known = any(index["name"] == WORDS_INDEX for index in looks.get_indexes(SubjectRow.__tablename__))
        _indexed[connection.engine] = known
    return known


def asked_for_each(found: Select[Any]) -> ColumnElement[bool]:
    """Return that a question about a row has an answer, asked for each row of a walk as it comes.

    It says what EXISTS says, but PostgreSQL would turn that into a join and leave the order of the walk.
    """
    return found.limit(literal_column("1")).scalar_subquery().is_not(None)


def _has_words(words: Any) -> ColumnElement[bool]:
    has: ColumnElement[bool] = words.like(bindparam("words_like", type_=Text()), escape=ESCAPE)
    return has


def _names() -> Select[tuple[int, str]]:
    return select(_N.definition_id, _N.element_id).where(_has_words(_N.words))


def _subjects(*, by_phrase: bool) -> Select[tuple[str]]:
    if not by_phrase:
        return select(_S.key).where(_has_words(_S.words))
    words = bindparam("words_phrase", type_=Text())
    return select(_S.key).where(_S.id.in_(select(_FTS.c.rowid).where(literal_column(WORDS_TABLE).op("MATCH")(words))))


@lru_cache
def _counted(*, by_phrase: bool) -> Prepared:
    some = _subjects(by_phrase=by_phrase).limit(MANY + 1).subquery()
    return Prepared(select(func.count().label("found")).select_from(some))


_IN_NAMES: Final = Prepared(select(_names().exists().label("found")))
