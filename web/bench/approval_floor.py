"""The floor of completions: the same rows by bare SQL, one transaction each.

A completion of the approval (start, task, gateway, task, end) is: SELECT of the task with its run, UPDATE of the task,
UPDATE of the run with its data by compare-and-swap, INSERT of the next task (none after the last), two lines of audit,
COMMIT. One of many parallel tasks opens nothing and has one line. A timer that fires is the same with its own row in
place of the task's. No authority, no chain of hashes, no outbox: these are what the product adds.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Final

from engine import SystemClock
from web.bench.floor import Floor

_TABLES: Final = """
CREATE TABLE floor_instance (
  id BIG PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, started_at MOMENT NOT NULL, data TEXT NOT NULL);
CREATE TABLE floor_task (
  id BIG PRIMARY KEY, instance_id INTEGER NOT NULL REFERENCES floor_instance (id), element_id TEXT NOT NULL,
  name TEXT NOT NULL, state TEXT NOT NULL, candidate TEXT NOT NULL, created_at MOMENT NOT NULL, ended_at MOMENT,
  completed_by TEXT);
CREATE INDEX floor_task_open ON floor_task (candidate, id) WHERE state = 'created';
CREATE INDEX floor_task_instance ON floor_task (instance_id);
CREATE TABLE floor_audit (
  id BIG PRIMARY KEY, instance_id INTEGER NOT NULL REFERENCES floor_instance (id), at MOMENT NOT NULL,
  actor TEXT NOT NULL, kind TEXT NOT NULL, element_id TEXT, details TEXT NOT NULL);
CREATE INDEX floor_audit_instance ON floor_audit (instance_id);
CREATE TABLE floor_clock (
  id BIG PRIMARY KEY, task_id INTEGER NOT NULL, state TEXT NOT NULL, due MOMENT NOT NULL, started_at MOMENT NOT NULL,
  ended_at MOMENT, unit TEXT NOT NULL);
CREATE INDEX floor_clock_task ON floor_clock (task_id);
CREATE TABLE floor_clock_event (
  id BIG PRIMARY KEY, clock_id INTEGER NOT NULL, kind TEXT NOT NULL, at MOMENT NOT NULL, details TEXT NOT NULL)
"""
_READ: Final = """
SELECT t.instance_id, t.element_id, t.name, t.state, t.candidate, i.version, i.state, i.data
FROM floor_task t JOIN floor_instance i ON i.id = t.instance_id WHERE t.id = ?
"""
_DONE: Final = """
UPDATE floor_task SET state = 'completed', ended_at = ?, completed_by = ? WHERE id = ? AND state = 'created'
"""
_MOVE: Final = "UPDATE floor_instance SET version = version + 1, state = ?, data = ? WHERE id = ? AND version = ?"
_OPEN: Final = """
INSERT INTO floor_task (instance_id, element_id, name, state, candidate, created_at) VALUES (?, ?, ?, 'created', ?, ?)
RETURNING id
"""
_WIND: Final = """
INSERT INTO floor_clock (task_id, state, due, started_at, unit) VALUES (?, 'running', ?, ?, ?) RETURNING id
"""
_STOP: Final = "UPDATE floor_clock SET state = 'met', ended_at = ? WHERE task_id = ? AND state = 'running' RETURNING id"
_TICK: Final = "INSERT INTO floor_clock_event (clock_id, kind, at, details) VALUES (?, ?, ?, ?)"
_TELL: Final = "INSERT INTO floor_audit (instance_id, at, actor, kind, element_id, details) VALUES (?, ?, ?, ?, ?, ?)"
_START: Final = "INSERT INTO floor_instance (version, state, started_at, data) VALUES (1, 'active', ?, ?) RETURNING id"
_OF: Final = "SELECT id FROM floor_task WHERE instance_id = ? AND state = 'created'"

NAMES: Final = {"draft": "จัดทำร่างแผนพัฒนาจังหวัด", "sign": "ลงนามแผนพัฒนาจังหวัด"}


class ApprovalFloor:
    """Runs of the approval as plain rows; `clocks` adds two rows for a task that opens and two for one that ends."""

    def __init__(self, url: str, *, clocks: bool = False, prepare: bool = True) -> None:
        self.floor = Floor(url)
        self._clocks = clocks
        if prepare:
            self.floor.script(_TABLES)

    def close(self) -> None:
        """Give the connection back."""
        self.floor.close()

    def start(self, candidate: str, variables: dict[str, object]) -> int:
        """Begin a run and return its number."""
        now = self.now()
        with self.floor.transaction():
            data = json.dumps({"at": "draft", "variables": variables}, ensure_ascii=False)
            key = int(self.floor.execute(_START, (now, data)).fetchone()[0])
            self._open(key, "draft", candidate, now)
            self.floor.execute(_TELL, (key, now, "system", "instance_started", None, "{}"))
        return key

    def open_task(self, instance_id: int) -> int:
        """Return the number of the open task of a run."""
        return int(self.floor.execute(_OF, (instance_id,)).fetchone()[0])

    def open_tasks_of(self, candidate: str) -> list[str]:
        """Return the numbers of the open tasks that somebody may take."""
        wanted = "SELECT id FROM floor_task WHERE candidate = ? AND state = 'created' ORDER BY id"
        return [str(key) for (key,) in self.floor.execute(wanted, (candidate,)).fetchall()]

    def start_many(self, candidates: Sequence[str]) -> list[int]:
        """Begin a run with a task for each candidate and return the numbers of the tasks."""
        now = self.now()
        with self.floor.transaction():
            key = int(self.floor.execute(_START, (now, '{"variables": {}}')).fetchone()[0])
            return [self._open(key, "draft", candidate, now) for candidate in candidates]

    def complete_one_of_many(self, task_id: int, person: str, variables: dict[str, object]) -> None:
        """Complete one of the tasks of a run; none follows."""
        floor, now = self.floor, self.now()
        with floor.transaction():
            instance, element, *_rest, version, state, text = floor.execute(_READ, (task_id,)).fetchone()
            floor.execute(_DONE, (now, person, task_id))
            floor.execute(_MOVE, (state, text, instance, version))
            details = json.dumps({"task": task_id, "variables": variables}, ensure_ascii=False)
            floor.execute(_TELL, (instance, now, person, "task_completed", element, details))

    def complete(
        self, task_id: int, person: str, candidate: str, variables: dict[str, object], *, again: bool = False
    ) -> None:
        """Complete a task; `candidate` is who may take the next one, which is the same one `again` after a return."""
        with self.floor.transaction():
            self.advance(task_id, person, candidate, variables, again=again)

    def advance(
        self, task_id: int, person: str, candidate: str, variables: dict[str, object], *, again: bool = False
    ) -> None:
        """Write what `complete` writes, in the transaction of the caller."""
        floor, now = self.floor, self.now()
        instance, element, _name, _state, _who, version, _run_state, text = floor.execute(_READ, (task_id,)).fetchone()
        data = json.loads(text)
        data["variables"].update(variables)
        ends = element == "sign"
        following = "draft" if again else "sign"
        data["at"] = None if ends else following
        floor.execute(_DONE, (now, person, task_id))
        if self._clocks:
            clock = floor.execute(_STOP, (now, task_id)).fetchone()[0]
            floor.execute(_TICK, (clock, "met", now, "{}"))
        written = json.dumps(data, ensure_ascii=False)
        floor.execute(_MOVE, ("completed" if ends else "active", written, instance, version))
        if not ends:
            self._open(instance, following, candidate, now)
        details = json.dumps({"task": task_id, "variables": variables}, ensure_ascii=False)
        floor.execute(_TELL, (instance, now, person, "task_completed", element, details))
        after = "instance_completed" if ends else "task_created"
        floor.execute(_TELL, (instance, now, person, after, None if ends else following, "{}"))

    def _open(self, instance: int, element: str, candidate: str, now: str | dt.datetime) -> int:
        task = self.floor.execute(_OPEN, (instance, element, NAMES[element], candidate, now)).fetchone()[0]
        if self._clocks:
            clock = self.floor.execute(_WIND, (task, now, now, candidate)).fetchone()[0]
            self.floor.execute(_TICK, (clock, "opened", now, "{}"))
        return int(task)

    def now(self) -> str | dt.datetime:
        """Return the present moment as the driver takes it."""
        now = SystemClock().now()
        return now.isoformat(" ") if self.floor.is_sqlite else now
