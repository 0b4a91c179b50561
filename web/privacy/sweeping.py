"""What is over its time: counted, and removed in small transactions when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from engine import SYSTEM, ProcessEngine, SystemClock
from web.config import Settings
from web.privacy.models import PrivacyAct
from web.privacy.tables import table
from workflows.files.store import DirectoryStore
from workflows.plans.files import unused_of

_AT_ONCE: Final = 1_000
_FILES_AT_ONCE: Final = 200
UNUSED_FOR: Final = dt.timedelta(days=1)
"""How long bytes without a plan stay: whoever is uploading the same ones just now has referred to them by then."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table that are over their time before a moment."""

    table: str
    before: dt.datetime
    over: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Swept:
    """How much of one kind is over its time; removed, unless it was a look only."""

    kind: str
    count: int


def rules(settings: Settings, now: dt.datetime) -> list[Rule]:
    """Return what is over its time at a moment, by the settings."""
    return [
        _rule("note_notification", "created_at", now - settings.keep_notifications),
        _rule("web_task_draft", "updated_at", now - settings.keep_drafts),
        _ended_sessions(now - settings.keep_sessions),
        _rule("web_throttle", "free_at", now - dt.timedelta(days=1)),
        _rule("bpm_outbox", "at", now - settings.keep_outbox),
        _rule("plan_file_read", "at", now - settings.keep_reads),
    ]


def look(engine: ProcessEngine, settings: Settings, store: DirectoryStore) -> list[Swept]:
    """Count what is over its time; nothing is changed."""
    with engine.reading() as read:
        found = [Swept(rule.table, _count(read.session, rule)) for rule in rules(settings, read.now)]
    return [*found, Swept("files", sum(len(paths) for paths in _unused(engine, store)))]


def sweep(
    engine: ProcessEngine, settings: Settings, store: DirectoryStore, *, progress: Progress | None = None
) -> list[Swept]:
    """Remove what is over its time, a thousand rows in a transaction; who waits for the database waits for no more."""
    with engine.reading() as read:
        wanted = rules(settings, read.now)
        total = sum(_count(read.session, rule) for rule in wanted)
    done: list[Swept] = []
    removed = 0
    for rule in wanted:
        count = 0
        while batch := _remove(engine, rule):
            count += batch
            removed += batch
            if progress is not None:
                progress(removed, max(total, removed))
        done.append(Swept(rule.table, count))
    gone = 0
    for paths in _unused(engine, store):
        gone += len(store.remove_unused(paths, before=_before()))
    return [*done, Swept("files", gone)]


def _rule(name: str, column: str, before: dt.datetime) -> Rule:
    return Rule(name, before, table(name).c[column] < before)


def _ended_sessions(before: dt.datetime) -> Rule:
    columns = table("web_session").c
    return Rule(
        "web_session", before, and_(columns.expires_at < before, func.coalesce(columns.ended_at, before) <= before)
    )


def _count(session: Session, rule: Rule) -> int:
    return session.scalar(select(func.count()).select_from(table(rule.table)).where(rule.over)) or 0


def _remove(engine: ProcessEngine, rule: Rule) -> int:
    rows = table(rule.table)
    (key,) = rows.primary_key.columns
    with engine.unit_of_work(SYSTEM) as uow:
        keys = uow.session.scalars(select(key).where(rule.over).limit(_AT_ONCE)).all()
        if keys and rule.table == "plan_file_read":
            _announce(uow.session, rule, len(keys), uow.now)
        if keys:
            uow.session.execute(delete(rows).where(key.in_(keys)))
        return len(keys)


def _announce(session: Session, rule: Rule, count: int, now: dt.datetime) -> None:
    """Say first up to when readings are removed: the database lets only those go."""
    until = rule.before.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
    session.add(
        PrivacyAct(
            at=now,
            kind="sweep_reads",
            person_id="",
            actor=SYSTEM.id,
            capacity=SYSTEM.capacity,
            reason=until,
            counts=f'{{"plan_file_read": {count}}}',
        )
    )
    session.flush()


def _unused(engine: ProcessEngine, store: DirectoryStore) -> Iterator[list[Path]]:
    """Walk through bytes that no plan refers to, a batch at a time, and through what was never received to its end."""
    batch: list[Path] = []
    for path in store.held():
        batch.append(path)
        if len(batch) == _FILES_AT_ONCE:
            yield _without_plan(engine, batch)
            batch = []
    yield _without_plan(engine, batch)
    yield [path for path in store.unfinished() if path.stat().st_mtime < _before()]


def _without_plan(engine: ProcessEngine, paths: Sequence[Path]) -> list[Path]:
    with engine.reading() as read:
        unused = unused_of(read.session, [path.name for path in paths])
    return [path for path in paths if path.name in unused and path.stat().st_mtime < _before()]


def _before() -> float:
    return (SystemClock().now() - UNUSED_FOR).timestamp()  # as the file system counts
