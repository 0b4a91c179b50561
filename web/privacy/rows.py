"""Finds the rows of one person in all tables of the inventory: their own, and those in whose texts they are named."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, func, literal, or_, select
from sqlalchemy.orm import Session

from web.privacy.inventory import Kept, Sort
from web.privacy.person import Subject
from web.privacy.tables import table

WRITTEN: Final = (Sort.NAME, Sort.TEXT, Sort.DATA)
"""Sorts of columns in which a name may stand."""
_AT_ONCE: Final = 500


def table_of(kept: Kept) -> Table:
    """Return the table of an entry."""
    return table(kept.table)


def own(kept: Kept, subject: Subject) -> ColumnElement[bool] | None:
    """Return the condition that a row is about the person by id or account; None where no row can be."""
    if not subject.id:
        return None
    rows_of = table_of(kept)
    found = [rows_of.c[name] == subject.id for name in kept.of(Sort.PERSON)]
    found += [rows_of.c[name] == f"u:{subject.id}" for name in kept.of(Sort.PERSON) if name == "candidate"]
    if "account_id" in rows_of.c:
        accounts = table("web_account")
        account = select(accounts.c.id).where(accounts.c.person_id == subject.id)
        found.append(rows_of.c.account_id.in_(account))
    return or_(*found) if found else None


def named(session: Session, kept: Kept, subject: Subject) -> ColumnElement[bool] | None:
    """Return the condition that a row names the person in a text; None where no row can."""
    rows_of = table_of(kept)
    found = [
        stands_in(session, rows_of.c[column], as_written(kept, column, name))
        for column in kept.of(*WRITTEN)
        for name in subject.names
    ]
    return or_(*found) if found else None


def as_written(kept: Kept, column: str, text: str) -> str:
    """Return a text as it is written in a column: in JSON its quotation marks are escaped."""
    return json.dumps(text, ensure_ascii=False)[1:-1] if kept.columns[column] is Sort.DATA else text


def stands_in(session: Session, column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that a text stands in a column, whatever signs it is made of."""
    if session.connection().dialect.name == "sqlite":
        return func.instr(column, text.encode() if str(column.type) == "BLOB" else text) > 0
    if column.type.python_type is bytes:
        return func.position(literal(text.encode()).op("IN")(column)) > 0
    return func.strpos(column, text) > 0


def count(session: Session, kept: Kept, condition: ColumnElement[bool] | None) -> int:
    """Count rows."""
    if condition is None:
        return 0
    return session.scalar(select(func.count()).select_from(table_of(kept)).where(condition)) or 0


def rows(
    session: Session, kept: Kept, condition: ColumnElement[bool], *, hidden: Collection[str] = ()
) -> Iterator[Mapping[str, object]]:
    """Walk through rows, without what is secret and without the hidden columns."""
    rows_of = table_of(kept)
    hidden = {*hidden, *kept.of(Sort.SECRET)}
    shown = [column for column in rows_of.c if column.name not in hidden and column.name != "hash"]
    statement = select(*shown).where(condition).order_by(*rows_of.primary_key.columns)
    yield from _as_json(session.execute(statement, execution_options={"yield_per": _AT_ONCE}))


def _as_json(found: Iterable[Row[Any]]) -> Iterator[Mapping[str, object]]:
    for row in found:
        yield {name: _plain(value) for name, value in row._mapping.items()}  # noqa: SLF001 (the library's public name)


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value.isoformat() if hasattr(value, "isoformat") else value
