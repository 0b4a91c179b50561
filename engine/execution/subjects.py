"""Subjects by their words: what business keys name is noted when a run begins, and described by the host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.execution.transaction import Transaction
from engine.store import SubjectRow
from engine.store.prepared import Prepared
from engine.words import fold

_NEW: Final[dict[str, Any]] = {"key": bindparam("new_key"), "words": bindparam("new_words")}
_NOTE: Final = {
    "sqlite": Prepared(sqlite.insert(SubjectRow).values(_NEW).on_conflict_do_nothing(index_elements=["key"])),
    "postgresql": Prepared(postgresql.insert(SubjectRow).values(_NEW).on_conflict_do_nothing(index_elements=["key"])),
}


def note_subject(tx: Transaction, key: str | None) -> None:
    """Let tasks be found by their business key, and by what the host has said of it."""
    if key:
        values = {"new_key": key, "new_words": fold(key)}
        _NOTE[tx.connection.dialect.name].put(tx.connection, values)


def describe_subjects(session: Session, words: Mapping[str, str]) -> None:
    """Say by which words people look for what business keys name, beside the keys themselves: titles, names of units.

    In the host's session; a key may be described before anything is started under it, and again when it is renamed.
    """
    if words:
        rows = [{"key": key, "words": fold(f"{key} {text}")} for key, text in words.items()]
        connection = session.connection()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(SubjectRow)
        known = insert.on_conflict_do_update(index_elements=["key"], set_={"words": insert.excluded.words})
        connection.execute(known, rows)
