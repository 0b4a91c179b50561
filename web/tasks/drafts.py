"""Drafts of task forms: kept on the server while typing, never overwritten unseen."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import Prepared
from web.tasks.models import TaskDraft

_DROP: Final = Prepared(delete(TaskDraft).where(TaskDraft.task_id == bindparam("task")))

Typed = Mapping[str, Sequence[str]]
_ADD = {
    "sqlite": sqlite.insert(TaskDraft).on_conflict_do_nothing().returning(TaskDraft.task_id),
    "postgresql": postgresql.insert(TaskDraft).on_conflict_do_nothing().returning(TaskDraft.task_id),
}
LONGEST = 1_000_000  # characters of one draft


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was read."""

    person_id: str
    version: int
    typed: dict[str, list[str]]
    updated_at: dt.datetime
    previous: dict[str, list[str]] | None = None


class StaleDraft(Exception):
    """Expected the draft as this window knew it, but another window or person has saved since."""

    def __init__(self, present: Draft) -> None:
        self.present = present
        super().__init__("Expected the draft as this window knew it, but another one was saved since.")


class DraftTooLarge(Exception):
    """Expected a draft of a size that a form can have, but it is larger."""


def find_draft(session: Session, task_id: str) -> Draft | None:
    """Return the draft of a task, None when nothing was typed yet."""
    row = session.get(TaskDraft, task_id)
    return None if row is None else _draft(row)


def save_draft(
    session: Session, task_id: str, typed: Typed, *, person_id: str, version: int, force: bool, now: dt.datetime
) -> Draft:
    """Keep what is typed.

    Raises:
        StaleDraft: Another one was saved since `version`, with other content, and `force` is not set.
        DraftTooLarge: It is larger than any form.
    """
    content = json.dumps({name: list(values) for name, values in sorted(typed.items())}, ensure_ascii=False)
    if len(content) > LONGEST:
        raise DraftTooLarge
    row = session.get(TaskDraft, task_id, with_for_update=True)
    if row is None:
        values = {"person_id": person_id, "version": 1, "typed": content, "updated_at": now}
        add = _ADD[session.connection().dialect.name]
        added = session.connection().execute(add, {"task_id": task_id, **values}).first()
        # Another window may have kept the first draft in this very moment: then this is the second one.
        row = session.get_one(TaskDraft, task_id, with_for_update=True)
        if added is not None:
            return _draft(row)
    if row.typed == content:
        return _draft(row)
    if row.version != version:
        if not force:
            raise StaleDraft(_draft(row))
        row.previous = row.typed
    row.person_id, row.version, row.typed, row.updated_at = person_id, row.version + 1, content, now
    session.flush()
    return _draft(row)


def drop_draft(session: Session, task_id: str) -> None:
    """Forget the draft of a task that is done."""
    _DROP.put(session.connection(), {"task": task_id})


def _draft(row: TaskDraft) -> Draft:
    return Draft(
        row.person_id,
        row.version,
        json.loads(row.typed),
        row.updated_at,
        json.loads(row.previous) if row.previous else None,
    )


def sent_version(sent: Mapping[str, str]) -> int:
    """Return the version of the draft that a form knew when it was sent; 0 where it says none."""
    text = sent.get("draft_version", "0")
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004  # far more saves than anyone makes
