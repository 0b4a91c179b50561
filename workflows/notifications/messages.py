"""Tells a person something in the application, once; counts, lists and marks what they have read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import Prepared
from workflows.notifications.kinds import MessageKind
from workflows.notifications.models import Notification

LONGEST_PAGE: Final = 200

_N: Final = Notification.__table__.c
_UNREAD: Final = _N.read_at.is_(None)
_COUNT: Final = Prepared(
    select(func.count()).select_from(Notification).where(_N.person_id == bindparam("person"), _UNREAD)
)
_COLUMNS: Final = (_N.id, _N.kind, _N.facts, _N.created_at, _N.read_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell a person; the key names it, so that it is told at most once."""

    person_id: str
    kind: MessageKind
    key: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something a person was told."""

    id: int
    kind: MessageKind
    facts: Mapping[str, object]
    created_at: dt.datetime
    read_at: dt.datetime | None


def notify(session: Session, notices: Sequence[Notice], *, now: dt.datetime) -> list[str]:
    """Tell people something; returns the persons who had not been told it before."""
    if not notices:
        return []
    rows = [
        {
            "person_id": notice.person_id,
            "kind": str(notice.kind),
            "key": notice.key,
            "facts": json.dumps(dict(notice.facts), ensure_ascii=False, separators=(",", ":")),
            "created_at": now,
        }
        for notice in notices
    ]
    dialect = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Notification).on_conflict_do_nothing(index_elements=["person_id", "key"])
    return list(session.connection().scalars(statement.values(rows).returning(_N.person_id)))


def unread_count(session: Session, person_id: str) -> int:
    """Count what a person has not read yet; asked with every page, so its statement is made once."""
    session.flush()
    return int(_COUNT.scalar(session.connection(), {"person": person_id}))


def page(
    session: Session, person_id: str, *, limit: int = 20, before: int | None = None, unread: bool = False
) -> list[Message]:
    """Return what a person was told, the newest first.

    Args:
        session: Where.
        person_id: Whose messages.
        limit: How many at most.
        before: The id of the last message of the page before.
        unread: Only what was not read yet.
    """
    statement = select(*_COLUMNS).where(_N.person_id == person_id)
    if unread:
        statement = statement.where(_UNREAD)
    if before is not None:
        statement = statement.where(_N.id < before)
    rows = session.execute(statement.order_by(_N.id.desc()).limit(max(1, min(limit, LONGEST_PAGE))))
    return [
        Message(
            id=row.id,
            kind=MessageKind(row.kind),
            facts=json.loads(row.facts),
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows
    ]


def mark_read(session: Session, person_id: str, message_id: int, *, now: dt.datetime) -> bool:
    """Mark a message of a person as read; tells whether it was one of theirs and unread."""
    statement = update(Notification).where(_N.id == message_id, _N.person_id == person_id, _UNREAD)
    return session.connection().execute(statement.values(read_at=now)).rowcount == 1


def mark_all_read(session: Session, person_id: str, *, now: dt.datetime, upto: int | None = None) -> int:
    """Mark what a person was told as read, up to the newest message they have seen; returns how much."""
    statement = update(Notification).where(_N.person_id == person_id, _UNREAD)
    if upto is not None:
        statement = statement.where(_N.id <= upto)
    return session.connection().execute(statement.values(read_at=now)).rowcount
