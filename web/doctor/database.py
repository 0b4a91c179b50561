"""What the doctor asks the database: does it answer, is it of this version, what waits, whose clock is right."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine import DatabaseUnavailable, ProcessEngine, current_revision, head_revision, open_database, words_are_indexed
from web.anchoring.latest import is_anything_new, latest_anchor_at, undelivered
from web.config import Settings
from web.databases import sqlite_file
from web.doctor.findings import Finding, failing, good, warning
from web.operations.life_signs import LATE_AFTER, workers

_SLOW: Final = 0.5  # seconds for an answer to nothing
_WAITS: Final = dt.timedelta(minutes=2)
_WAITS_LONG: Final = dt.timedelta(minutes=15)
_SKEW: Final = dt.timedelta(seconds=5)
_SKEW_HARMFUL: Final = dt.timedelta(minutes=1)


def look(settings: Settings) -> Iterator[Finding]:
    """Look at everything that the database tells; what cannot be asked is left out after the reason for it."""
    path = sqlite_file(settings.database_url)
    if path is not None and not path.exists():
        yield failing("database", _l("There is no database yet: `saanphaen db upgrade` makes it."))
        return
    try:
        database = open_database(settings.database_url)
    except (SQLAlchemyError, DatabaseUnavailable):
        yield failing("database", _l("The address of the database cannot be used."))
        return
    try:
        yield from _look(settings, database)
    except (SQLAlchemyError, DatabaseUnavailable) as error:
        yield failing("database", _l("The database does not answer."), kind=type(error).__name__)
    finally:
        database.dispose()


def _look(settings: Settings, database: Engine) -> Iterator[Finding]:
    yield _answers(database)
    revision, head = current_revision(database), head_revision()
    if revision != head:
        told = {"found": revision or "-", "wanted": head}
        yield failing(
            "migrations",
            _l("The database is at %(found)s, this version needs %(wanted)s: run `saanphaen db upgrade`.", **told),
            database=revision,
            product=head,
        )
        return
    yield good("migrations", _l("The database is of this version."), database=revision, product=head)
    yield _clock(database)
    yield _search(database)
    engine = ProcessEngine.open(settings.database_url)
    try:
        with engine.reading() as read:
            yield _heartbeat([sign.seen_at for sign in workers(read.session)], read.now)
            yield _waiting(read.jobs.earliest_due(), read.jobs.count_due(), read.now)
            yield _stuck(read.incidents.count())
            if settings.audit_key is not None:
                yield _anchors(read.session, read.now, settings)
    finally:
        engine.close()


def _search(database: Engine) -> Finding:
    with database.connect() as connection:
        indexed = words_are_indexed(connection)
    if indexed:
        return good("search", _l("Searches use an index of words."))
    return warning(
        "search",
        _l("Searches read every subject, because the database has no index of words: see docs/performance.md, Search."),
        store=database.dialect.name,
    )


def _answers(database: Engine) -> Finding:
    with database.connect() as connection:
        begun = time.perf_counter()
        connection.execute(text("SELECT 1"))
        took = time.perf_counter() - begun
    facts = {"store": database.dialect.name, "seconds": round(took, 4)}
    if took > _SLOW:
        return warning("database", _l("The database answers slowly."), **facts)
    return good("database", _l("The database answers."), **facts)


def _clock(database: Engine) -> Finding:
    """Compare with the clock of the database's machine, and with what was written last."""
    from engine import SystemClock

    with database.connect() as connection:
        asked = SystemClock().now()
        if connection.dialect.name == "postgresql":
            theirs: dt.datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        else:
            theirs = asked  # the same machine
        answered = SystemClock().now()
        latest = connection.execute(text("SELECT max(seen_at) FROM web_worker")).scalar()
    skew = theirs - (asked + (answered - asked) / 2)
    if isinstance(latest, str):
        latest = dt.datetime.fromisoformat(latest).replace(tzinfo=dt.UTC)
    seconds = round(abs(skew.total_seconds()), 1)
    facts = {"skew_seconds": round(skew.total_seconds(), 3)}
    if latest is not None and latest - answered > _SKEW_HARMFUL:
        return failing("clock", _l("The clock went back: a worker has told of itself in the future."), **facts)
    if abs(skew) > _SKEW_HARMFUL:
        return failing("clock", _differs(seconds), **facts)
    if abs(skew) > _SKEW:
        return warning("clock", _differs(seconds), **facts)
    return good("clock", _l("The clocks of this machine and of the database agree."), **facts)


def _differs(seconds: float) -> LazyString:
    return _l(
        "The clocks of this machine and of the database differ by %(seconds)s s: set both by NTP.", seconds=seconds
    )


def _heartbeat(seen: list[dt.datetime], now: dt.datetime) -> Finding:
    if not seen:
        return failing(
            "worker", _l("No worker has told of itself: what falls due is not done. Start `saanphaen worker`.")
        )
    age = max(now - max(seen), dt.timedelta())
    alive = sum(now - moment <= LATE_AFTER for moment in seen)
    facts = {"heartbeat_age_seconds": round(age.total_seconds()), "workers": alive}
    if age > LATE_AFTER:
        return failing(
            "worker",
            _l(
                "No worker has told of itself for %(minutes)s minutes: start `saanphaen worker`.",
                minutes=age.seconds // 60 + age.days * 1440,
            ),
            **facts,
        )
    return good("worker", _l("Workers that told of themselves lately: %(count)s.", count=alive), **facts)


def _waiting(earliest: dt.datetime | None, due: int, now: dt.datetime) -> Finding:
    late = now - earliest if earliest is not None else dt.timedelta()
    facts = {"due": due, "oldest_due_seconds": max(0, round(late.total_seconds()))}
    told = {"count": due, "minutes": max(0, int(late.total_seconds() // 60))}
    sentence = _l("%(count)s jobs are due, the oldest for %(minutes)s minutes.", **told)
    if late > _WAITS_LONG:
        return failing("oldest_job", sentence, **facts)
    if late > _WAITS:
        return warning("oldest_job", sentence, **facts)
    return good("oldest_job", _l("No job waits longer than it should."), **facts)


def _stuck(count: int) -> Finding:
    if count:
        return warning(
            "stuck", _l("Steps that are stuck: %(count)s. See the page “Stuck”.", count=count), incidents=count
        )
    return good("stuck", _l("Nothing is stuck."), incidents=0)


def _anchors(session: Session, now: dt.datetime, settings: Settings) -> Finding:
    latest, new = latest_anchor_at(session), is_anything_new(session)
    age = now - latest if latest is not None else None
    waiting = undelivered(session)
    facts = {"undelivered": waiting, "age_seconds": None if age is None else round(age.total_seconds())}
    if new and age is not None and age > 2 * settings.audit_interval:
        told = _l(
            "The last anchor of the audit trail was made %(minutes)s minutes ago: look into the log of the worker.",
            minutes=int(age.total_seconds() // 60),
        )
        return failing("anchors", told, **facts)
    if waiting and age is not None and age > _WAITS_LONG:
        told = _l("Anchors of the audit trail that were not sent yet: %(count)s.", count=waiting)
        return warning("anchors", told, **facts)
    return good("anchors", _l("The anchors of the audit trail are up to date."), **facts)
