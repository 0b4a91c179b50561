"""The floor of lists: the rows that a page shows, by one bare SELECT on the product's own tables and indexes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from engine import SystemClock, TaskList
from web.bench.floor import Floor

_OPEN: Final = "t.state IN ('created', 'assigned')"
_TAKEABLE: Final = "t.id IN (SELECT task_id FROM bpm_task_candidate WHERE candidate IN (?, ?))"
_LISTS: Final = {
    TaskList.MINE: f"{_OPEN} AND t.assignee = ?",
    TaskList.TAKEABLE: f"{_OPEN} AND t.assignee IS NULL AND {_TAKEABLE}",
    TaskList.WAITING: (
        f"{_OPEN} AND t.assignee <> ? AND t.business_key IN"  # noqa: S608 - our own words
        " (SELECT business_key FROM bpm_task WHERE state = 'completed' AND completed_by = ?)"
    ),
    TaskList.DONE: "t.state = 'completed' AND t.completed_by = ?",
}
_ROWS: Final = 51


class InboxFloor:
    """One connection that reads pages."""

    def __init__(self, url: str) -> None:
        self._floor = Floor(url)
        self._like = "LIKE" if self._floor.is_sqlite else "ILIKE"

    def close(self) -> None:
        """Give the connection back."""
        self._floor.close()

    def page(self, which: TaskList, person: str, group: str, query: Mapping[str, str]) -> int:
        """Read the rows of a page; returns how many."""
        conditions = [_LISTS[which]]
        values: list[object] = [person]
        if which is TaskList.TAKEABLE:
            values = [f"u:{person}", f"g:{group}"]
        elif which is TaskList.WAITING:
            values = [person, person]
        if query.get("q"):
            conditions.append(f"(t.name {self._like} ? OR t.business_key {self._like} ?)")
            values += [f"%{query['q']}%"] * 2
        if query.get("process"):
            conditions.append("t.definition_id IN (SELECT id FROM bpm_process_definition WHERE key = ?)")
            values.append(query["process"])
        if query.get("due") == "overdue":
            conditions.append("t.due_at < ?")
            values.append(self._write(SystemClock().now()))
        moment = "t.ended_at DESC, t.id DESC" if which is TaskList.DONE else "t.due_at, t.id"
        statement = f"SELECT t.* FROM bpm_task t WHERE {' AND '.join(conditions)} ORDER BY {moment} LIMIT {_ROWS}"  # noqa: S608
        return len(self._floor.execute(statement, values).fetchall())

    def _write(self, moment: dt.datetime) -> str | dt.datetime:
        return moment.replace(tzinfo=None).isoformat(" ") if self._floor.is_sqlite else moment
