"""What can be searched by words: the subjects that business keys name, and the names of user tasks.

Titles repeat without end: thousands of tasks bear the name of one element and are about one subject. So each name and
each subject stands here once, folded (`engine.words`), and a search asks a few rows instead of every task; a task that
opens or ends writes nothing here. Where the database can, words have an index of their parts of three letters, which
the migration makes beside the models: FTS5 on SQLite (`bpm_subject_words`), pg_trgm on PostgreSQL.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import BIG, Base, Key, Txt

WORDS_TABLE: Final = "bpm_subject_words"
"""SQLite's index of words, if its library brings FTS5; triggers keep it."""

WORDS_INDEX: Final = "ix_bpm_subject_words"
"""PostgreSQL's index of words, if it has the extension."""

SHORTEST_PART: Final = 3
"""Shorter texts have no part of three letters: they are looked for in every row."""


class SubjectRow(Base):
    """A business key, with the words by which people look for what it names: at first those of the key itself."""

    __tablename__ = "bpm_subject"

    id: Mapped[Key]
    key: Mapped[Txt] = mapped_column(unique=True)
    words: Mapped[Txt]


class TaskNameRow(Base):
    """The name of a user task of one version of a process; written when that is deployed."""

    __tablename__ = "bpm_task_name"
    __table_args__ = ({"sqlite_with_rowid": False},)

    definition_id: Mapped[int] = mapped_column(BIG, ForeignKey("bpm_process_definition.id"), primary_key=True)
    element_id: Mapped[Txt] = mapped_column(primary_key=True)
    words: Mapped[Txt]
