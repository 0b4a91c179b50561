"""Statements that are compiled once: any number of rows, what is put aside comes in order, a lost race is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, bindparam, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from engine import open_database, upgrade
from engine.store import OutboxRow
from engine.store.prepared import Prepared, first_rows

_O = OutboxRow.__table__.c
_ADD = Prepared(insert(OutboxRow))
_COUNT = Prepared(select(func.count().label("n")).select_from(OutboxRow))
_TOPICS = Prepared(select(_O.topic).order_by(_O.id))
_FIND = Prepared(select(OutboxRow.__table__).where(_O.topic == bindparam("which")))
_RENAME = Prepared(update(OutboxRow).where(_O.topic == bindparam("old")).values(topic=bindparam("new")))
_AT = dt.datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=dt.timezone(dt.timedelta(hours=7)))


@pytest.fixture(params=["prepared", "watched"])
def connection(request: pytest.FixtureRequest, database_url: str) -> Iterator[Connection]:
    engine = open_database(database_url)
    upgrade(engine)
    if request.param == "watched":  # somebody listens: the same statements go SQLAlchemy's way
        event.listen(engine, "before_cursor_execute", lambda *_: None)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _row(topic: str) -> dict[str, object]:
    return {"topic": topic, "payload": "{}", "at": _AT}


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 33, 50])
def test_any_number_of_rows_is_written_in_order(connection: Connection, count: int) -> None:
    names = [f"t{number}" for number in range(count)]

    _ADD.put(connection, *(_row(name) for name in names))

    assert _TOPICS.column(connection, {}) == names
    assert _COUNT.scalar(connection, {}) == count


def test_moments_come_back_as_they_were_in_every_row(connection: Connection) -> None:
    _ADD.put(connection, _row("a"), _row("b"), _row("c"))

    found = [_FIND.row(connection, {"which": name}) for name in "abc"]

    assert [row and row["at"] for row in found] == [_AT.astimezone(dt.UTC)] * 3
    assert _FIND.row(connection, {"which": "d"}) is None
    assert _FIND.rows(connection, {"which": "d"}) == []


def test_what_was_put_aside_is_seen_by_whatever_is_asked_next(connection: Connection) -> None:
    _ADD.put(connection, _row("a"))
    assert connection.execute(select(_O.topic)).scalars().all() == ["a"]

    _RENAME.put(connection, {"old": "a", "new": "b"})
    assert connection.execute(text("SELECT topic FROM bpm_outbox")).scalars().all() == ["b"]

    _RENAME.put(connection, {"old": "b", "new": "c"})
    assert first_rows(connection, (_TOPICS, {}), (_COUNT, {})) == [{"topic": "c"}, {"n": 1}]

    _RENAME.put(connection, {"old": "c", "new": "d"})
    with connection.begin_nested() as savepoint:
        _RENAME.put(connection, {"old": "d", "new": "e"})
        savepoint.rollback()
    assert _TOPICS.column(connection, {}) == ["d"]


def test_what_was_put_aside_is_committed(connection: Connection) -> None:
    _ADD.put(connection, _row("kept"))
    connection.commit()

    with connection.engine.connect() as other:
        assert _TOPICS.column(other, {}) == ["kept"]


def test_what_was_put_aside_is_gone_with_its_transaction(connection: Connection) -> None:
    _ADD.put(connection, _row("lost"))
    connection.rollback()

    assert _TOPICS.column(connection, {}) == []


def test_a_row_that_is_not_as_it_was_seen_is_told(connection: Connection) -> None:
    def rename() -> None:
        _RENAME.put(connection, {"old": "nobody", "new": "x"}, otherwise=LookupError)
        _COUNT.scalar(connection, {})  # at the latest

    with pytest.raises(LookupError):
        rename()


def test_a_refused_row_is_an_error_of_the_usual_kind(connection: Connection) -> None:
    first = connection.execute(insert(OutboxRow).returning(_O.id), _row("a")).scalar_one()

    def add() -> None:
        _ADD.put(connection, {**_row("b"), "id": first})
        _COUNT.scalar(connection, {})  # at the latest

    with pytest.raises(IntegrityError):
        add()


def test_a_value_that_is_missing_is_an_error(connection: Connection) -> None:
    with pytest.raises((KeyError, Exception), match="which"):
        _FIND.row(connection, {"other": 1})
