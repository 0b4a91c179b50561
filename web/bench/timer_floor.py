"""The floor of timers: an indexed table of due moments, one transaction a firing."""

from __future__ import annotations

import datetime as dt
from typing import Final

from web.bench.approval_floor import NAMES
from web.bench.floor import Floor

_TABLES: Final = """
CREATE TABLE floor_instance (id BIG PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE floor_timer (
  id BIG PRIMARY KEY, instance_id INTEGER NOT NULL REFERENCES floor_instance (id), due MOMENT NOT NULL,
  state TEXT NOT NULL);
CREATE INDEX floor_timer_due ON floor_timer (due, id) WHERE state = 'waiting';
CREATE TABLE floor_task (
  id BIG PRIMARY KEY, instance_id INTEGER NOT NULL REFERENCES floor_instance (id), name TEXT NOT NULL,
  state TEXT NOT NULL, candidate TEXT NOT NULL, created_at MOMENT NOT NULL);
CREATE INDEX floor_task_open ON floor_task (candidate, id) WHERE state = 'created';
CREATE INDEX floor_task_instance ON floor_task (instance_id);
CREATE TABLE floor_audit (
  id BIG PRIMARY KEY, instance_id INTEGER NOT NULL REFERENCES floor_instance (id), at MOMENT NOT NULL,
  kind TEXT NOT NULL, details TEXT NOT NULL);
CREATE INDEX floor_audit_instance ON floor_audit (instance_id)
"""
_DATA: Final = '{"at": "wait", "variables": {"planners": "province_strategy@TH-52", "unit": "TH-52"}}'
_FILL: Final = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO floor_instance (version, state, data) SELECT 1, 'active', ? FROM numbers
"""
_WAIT: Final = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO floor_timer (instance_id, due, state) SELECT 1 + (? + n) % ?, ?, 'waiting' FROM numbers
"""
_FIND: Final = "SELECT id FROM floor_timer WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 100"
_NEXT: Final = "SELECT due FROM floor_timer WHERE state = 'waiting' ORDER BY due, id LIMIT 1"
_READ: Final = """
SELECT w.instance_id, i.version, i.data FROM floor_timer w JOIN floor_instance i ON i.id = w.instance_id WHERE w.id = ?
"""
_FIRED: Final = "UPDATE floor_timer SET state = 'done' WHERE id = ? AND state = 'waiting'"
_MOVE: Final = "UPDATE floor_instance SET version = version + 1, data = ? WHERE id = ? AND version = ?"
_OPEN: Final = """
INSERT INTO floor_task (instance_id, name, state, candidate, created_at) VALUES (?, ?, 'created', ?, ?)
"""
_TELL: Final = "INSERT INTO floor_audit (instance_id, at, kind, details) VALUES (?, ?, ?, '{}')"


class TimerFloor:
    """Runs that wait, as plain rows."""

    def __init__(self, url: str) -> None:
        self._floor = Floor(url)
        self._floor.script(_TABLES)
        self._waiting = 0
        self._runs = 0

    def close(self) -> None:
        """Give the connection back."""
        self._floor.close()

    def fill(self, waiting: int, due: int, moments: list[dt.datetime]) -> None:
        """Bring the waiting timers to a number; equal parts of what is `due` fall due at the moments."""
        far = self._write(moments[-1] + dt.timedelta(days=400))
        with self._floor.transaction():
            if not self._runs:
                self._runs = waiting
                self._floor.execute(_FILL, (waiting, _DATA))
            each = due // len(moments)
            for nth, moment in enumerate(moments if due else ()):
                self._floor.execute(_WAIT, (each, nth * each, self._runs, self._write(moment)))
            self._floor.execute(_WAIT, (waiting - self._waiting - due, due, self._runs, far))
        self._waiting = waiting
        if not self._floor.is_sqlite:
            self._floor.execute("VACUUM ANALYZE")

    def look(self, now: dt.datetime) -> None:
        """Ask what is due, and when the next will be."""
        self._floor.execute(_FIND, (self._write(now),)).fetchall()
        self._floor.execute(_NEXT).fetchone()

    def fire_due(self, now: dt.datetime) -> None:
        """Fire what is due, in pages, each timer in its own transaction."""
        moment = self._write(now)
        while found := self._floor.execute(_FIND, (moment,)).fetchall():
            for (timer,) in found:
                self._fire(timer, moment)

    def _fire(self, timer: int, now: str | dt.datetime) -> None:
        floor = self._floor
        with floor.transaction():
            instance, version, data = floor.execute(_READ, (timer,)).fetchone()
            floor.execute(_FIRED, (timer,))
            floor.execute(_MOVE, (data.replace("wait", "draft"), instance, version))
            floor.execute(_OPEN, (instance, NAMES["draft"], "province_strategy@TH-52", now))
            floor.execute(_TELL, (instance, now, "timer_fired"))
            floor.execute(_TELL, (instance, now, "task_created"))

    def _write(self, moment: dt.datetime) -> str | dt.datetime:
        return moment.isoformat(" ") if self._floor.is_sqlite else moment
