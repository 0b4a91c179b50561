"""What a person is told: once, counted while unread, listed newest first, marked by its owner only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import open_database
from workflows.notifications import (
    MessageKind,
    Notice,
    mark_all_read,
    mark_read,
    notify,
    page,
    unread_count,
)

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    database = open_database(database_url)
    with Session(database) as opened:
        yield opened
        opened.rollback()
    database.dispose()


def tell(session: Session, person: str, *keys: str) -> list[str]:
    notices = [
        Notice(person_id=person, kind=MessageKind.DUE_SOON, key=key, facts={"name": f"ขั้นตอน {key}", "rung": -3})
        for key in keys
    ]
    return notify(session, notices, now=NOW)


def test_nobody_is_told_the_same_thing_twice(session: Session) -> None:
    first = tell(session, "ann", "a")
    again = tell(session, "ann", "a", "b")
    other = tell(session, "bob", "a")

    assert (first, again, other) == (["ann"], ["ann"], ["bob"])
    assert (unread_count(session, "ann"), unread_count(session, "bob")) == (2, 1)


def test_telling_nobody_anything_is_nothing(session: Session) -> None:
    assert notify(session, [], now=NOW) == []


def test_a_message_keeps_its_facts(session: Session) -> None:
    tell(session, "ann", "a")

    (message,) = page(session, "ann")

    assert (message.kind, message.created_at, message.read_at) == (MessageKind.DUE_SOON, NOW, None)
    assert message.facts == {"name": "ขั้นตอน a", "rung": -3}


def test_pages_go_from_the_newest_to_the_oldest(session: Session) -> None:
    tell(session, "bob", "0")
    for number in range(5):
        tell(session, "ann", str(number))

    first = page(session, "ann", limit=2)
    second = page(session, "ann", limit=2, before=first[-1].id)
    last = page(session, "ann", limit=2, before=second[-1].id)

    names = [str(message.facts["name"])[-1] for message in first + second + last]
    assert names == ["4", "3", "2", "1", "0"]
    assert page(session, "ann", limit=0) == first[:1]


def test_a_message_is_read_by_its_owner_once(session: Session) -> None:
    tell(session, "ann", "a", "b")
    newest, oldest = page(session, "ann")

    foreign = mark_read(session, "bob", oldest.id, now=NOW)
    first = mark_read(session, "ann", oldest.id, now=NOW)
    again = mark_read(session, "ann", oldest.id, now=NOW + dt.timedelta(days=1))

    assert (foreign, first, again) == (False, True, False)
    assert unread_count(session, "ann") == 1
    assert [message.id for message in page(session, "ann", unread=True)] == [newest.id]
    assert page(session, "ann")[-1].read_at == NOW


def test_all_that_was_seen_is_marked_and_what_came_since_is_not(session: Session) -> None:
    tell(session, "ann", "a", "b")
    tell(session, "bob", "a")
    seen = page(session, "ann")[0].id
    tell(session, "ann", "c")

    marked = mark_all_read(session, "ann", now=NOW, upto=seen)

    assert marked == 2
    assert (unread_count(session, "ann"), unread_count(session, "bob")) == (1, 1)
    assert mark_all_read(session, "ann", now=NOW) == 1


def test_counting_the_unread_does_not_read_the_read(session: Session) -> None:
    tell(session, "ann", *(str(number) for number in range(50)))
    plan = "EXPLAIN QUERY PLAN " if session.connection().dialect.name == "sqlite" else "EXPLAIN "
    if plan == "EXPLAIN ":
        session.execute(text("SET LOCAL enable_seqscan = off"))

    rows = session.execute(
        text(f"{plan}SELECT count(*) FROM note_notification WHERE person_id = 'ann' AND read_at IS NULL")
    )

    assert "ix_note_notification_unread" in " ".join(str(row) for row in rows)
