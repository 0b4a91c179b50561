"""What must hold in the database between any two commands, read with plain SQL and from the stored state."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text

from engine import ProcessEngine, UtcDateTime, codec
from engine.execution import stepper
from engine.unit_of_work import UnitOfWork

Waits = Counter[tuple[int, str, str]]  # run, kind, wait


def look(engine: ProcessEngine) -> None:
    """Look at everything.

    Raises:
        AssertionError: Something does not hold.
    """
    with engine.reading() as read:
        for check in CHECKS.values():
            check(read, read.session.connection())
    report = engine.verify_audit()
    assert report.verified, report.findings


def _rows(connection: Connection, statement: str, **values: object) -> list[Any]:
    return list(connection.execute(text(statement), values).all())


def _rows_are_what_the_state_waits_for(read: UnitOfWork, connection: Connection) -> None:
    expected: Waits = Counter()
    parked: set[tuple[int, str]] = set()
    for row in _rows(connection, "SELECT id FROM bpm_process_instance WHERE state IN ('active', 'suspended')"):
        process = stepper._look(read.tasks._tx, row.id, "")
        process.tokens()  # loads every body
        waits = (token for token in process._instance.index.values() if token.wait is not None)
        expected.update((row.id, str(token.wait), token.wait_id) for token in waits)
        parked.update((row.id, token) for token in process.parked)
    found: Waits = Counter()
    tasks = "SELECT instance_id, wait_id FROM bpm_task WHERE state IN ('created', 'assigned')"
    found.update((row.instance_id, "user_task", row.wait_id) for row in _rows(connection, tasks))
    jobs = (
        "SELECT instance_id, wait_id, kind FROM bpm_job WHERE state IN ('waiting', 'locked', 'failed')"
        " AND kind IN ('timer', 'external') AND instance_id IS NOT NULL"
    )
    kinds = {"timer": "timer", "external": "job"}
    found.update((row.instance_id, kinds[row.kind], row.wait_id) for row in _rows(connection, jobs))
    listening = "SELECT instance_id, wait_id, kind FROM bpm_subscription WHERE instance_id IS NOT NULL"
    found.update((row.instance_id, row.kind, row.wait_id) for row in _rows(connection, listening))
    # A child is about to start, or runs, or its end is about to be told.
    children = (
        "SELECT instance_id AS run, wait_id FROM bpm_job WHERE kind = 'start_child' AND state IN ('waiting', 'failed')"
        " UNION ALL SELECT parent_id, parent_wait_id FROM bpm_process_instance"
        " WHERE parent_id IS NOT NULL AND state IN ('active', 'suspended')"
        " UNION ALL SELECT instance_id, wait_id FROM bpm_job"
        " WHERE kind = 'child_done' AND state IN ('waiting', 'failed')"
    )
    left = "SELECT p.id, c.parent_wait_id FROM bpm_process_instance c JOIN bpm_process_instance p ON p.id = c.parent_id"
    called_off = f"{left} JOIN bpm_job j ON j.instance_id = c.id AND j.kind = 'cancel_child' AND j.state IN ('waiting', 'failed')"
    found.update((row.run, "child", row.wait_id) for row in _rows(connection, children))
    found.subtract((row.id, "child", row.parent_wait_id) for row in _rows(connection, called_off))
    assert +found == expected, f"only rows: {found - expected}, only state: {expected - found}"
    retries = (
        "SELECT instance_id, wait_id FROM bpm_job WHERE kind = 'continue' AND wait_id IS NOT NULL"
        " AND state IN ('waiting', 'failed')"
    )
    assert Counter((row.instance_id, row.wait_id) for row in _rows(connection, retries)) == Counter(parked)


def _what_has_ended_has_nothing_left(_read: UnitOfWork, connection: Connection) -> None:
    ended = "SELECT id FROM bpm_process_instance WHERE state NOT IN ('active', 'suspended')"
    for table, where in (
        ("bpm_state_part", ""),
        ("bpm_subscription", ""),
        ("bpm_task", "AND state IN ('created', 'assigned')"),
        ("bpm_job", "AND state IN ('waiting', 'locked', 'failed')"),
        ("bpm_incident", "AND state = 'open' AND job_id IS NOT NULL"),
    ):
        left = _rows(connection, f"SELECT * FROM {table} WHERE instance_id IN ({ended}) {where}")
        assert not left, f"{table}: {left}"
    running = "SELECT id FROM bpm_process_instance WHERE state IN ('active', 'suspended')"
    heads = "SELECT instance_id FROM bpm_state_part WHERE part = ''"
    assert {row.id for row in _rows(connection, running)} == {row.instance_id for row in _rows(connection, heads)}
    lines = "SELECT count(*) FROM bpm_history WHERE instance_id = i.id"
    assert not _rows(connection, f"SELECT i.id FROM bpm_process_instance i WHERE history_count <> ({lines})")


def _incidents_are_counted(_read: UnitOfWork, connection: Connection) -> None:
    counted = "SELECT count(*) FROM bpm_incident n WHERE n.instance_id = i.id AND n.state = 'open'"
    assert not _rows(connection, f"SELECT i.id FROM bpm_process_instance i WHERE incidents <> ({counted})")
    failed = (
        "SELECT j.id FROM bpm_job j WHERE j.state = 'failed' AND NOT EXISTS"
        " (SELECT 1 FROM bpm_incident n WHERE n.job_id = j.id)"
    )
    assert not _rows(connection, failed), "given up and told to nobody"


def _timers_fire_once_and_never_early(_read: UnitOfWork, connection: Connection) -> None:
    fired = _rows(connection, "SELECT instance_id, at, details FROM bpm_history WHERE kind = 'timer_fired'")
    started = _rows(connection, "SELECT instance_id, at, details FROM bpm_history WHERE kind = 'instance_started'")
    for line in (*fired, *started):
        due_at = codec.loads(line.details).get("due_at")
        assert due_at is None or due_at <= _moment(line.at), "a timer fired early"
    done = (
        "SELECT instance_id, count(*) AS fired FROM bpm_job"
        " WHERE kind = 'timer' AND state = 'done' AND instance_id IS NOT NULL GROUP BY instance_id"
    )
    told = Counter(line.instance_id for line in fired)
    taken = Counter({row.instance_id: row.fired for row in _rows(connection, done)})
    assert told == taken, f"only in history: {told - taken}, only jobs: {taken - told}"


def _moment(value: str | dt.datetime) -> dt.datetime:
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _messages_arrive_once_and_none_is_missed(read: UnitOfWork, connection: Connection) -> None:
    received = _rows(connection, "SELECT details FROM bpm_history WHERE kind = 'message_received'")
    arrivals = Counter(codec.loads(line.details)["message"] for line in received)
    assert set(arrivals.values()) <= {1}, "a message arrived twice"
    missed = (
        "SELECT m.id FROM bpm_message m JOIN bpm_subscription s"
        " ON s.kind = 'message' AND s.name = m.name AND s.correlation_key = m.correlation_key"
        " WHERE m.state = 'buffered' AND m.expires_at > :now AND s.message_id IS NULL AND s.instance_id IS NOT NULL"
    )
    statement = text(missed).bindparams(bindparam("now", type_=UtcDateTime()))
    assert not connection.execute(statement, {"now": read.now}).all(), "a message and its receiver missed each other"


def _candidates_are_those_of_open_tasks(_read: UnitOfWork, connection: Connection) -> None:
    strangers = (
        "SELECT c.task_id FROM bpm_task_candidate c JOIN bpm_task t ON t.id = c.task_id"
        " WHERE t.state NOT IN ('created', 'assigned')"
    )
    assert not _rows(connection, strangers)


CHECKS: Final[Mapping[str, Callable[[UnitOfWork, Connection], None]]] = {
    "rows against state": _rows_are_what_the_state_waits_for,
    "left after the end": _what_has_ended_has_nothing_left,
    "incidents": _incidents_are_counted,
    "timers": _timers_fire_once_and_never_early,
    "messages": _messages_arrive_once_and_none_is_missed,
    "candidates": _candidates_are_those_of_open_tasks,
}
"""What must hold, by its name."""
