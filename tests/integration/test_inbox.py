"""The four lists of a person: what stands in them, in which order, by page, and how many are due when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from engine import InvalidArgument, ProcessDefinition, describe_subjects, open_database
from engine.services.inbox import Inbox, InboxFilter, TaskList
from engine.store import DefinitionRow, DeploymentRow, InstanceRow, SubjectRow, TaskCandidateRow, TaskNameRow, TaskRow
from engine.store.task import ANYBODY, NEVER, NOBODY
from engine.words import fold

NOW = dt.datetime(2026, 11, 24, 2, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LAMPANG, LAMPHUN = "planner@TH-52", "planner@TH-51"
DEFINITION = ProcessDefinition(1, "plan", 1, None, "Plan", "0", "plan.bpmn", NOW, "a", "")


class Rows:
    """Writes task rows as the engine leaves them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._count = 0
        for table, values in (
            (DeploymentRow, {"id": 1, "at": NOW, "author": "a", "capacity": "", "note": "", "warnings": "[]"}),
            (
                DefinitionRow,
                {"id": 1, "deployment_id": 1, "key": "plan", "version": 1, "bundle_hash": "0", "file": "plan.bpmn"}
                | {"deployed_at": NOW, "author": "a", "note": ""},
            ),
            (
                InstanceRow,
                {"id": 1, "definition_id": 1, "state": "active", "started_at": NOW, "started_by": "a", "incidents": 0}
                | {"lock_version": 1, "history_count": 0, "history_head": b""},
            ),
        ):
            connection.execute(insert(table).values(**values))

    def task(
        self, name: str, *, due: dt.datetime | None = None, groups: tuple[str, ...] = (LAMPANG,), **more: Any
    ) -> str:
        self._count += 1
        values = {
            "id": self._count,
            "instance_id": 1,
            "definition_id": 1,
            "wait_id": str(self._count),
            "part": "",
            "element_id": f"step-{name}",
            "name": name,
            "state": "assigned" if more.get("assignee") else "created",
            "due_at": due,
            "priority": 50,
            "created_at": NOW,
        }
        self.connection.execute(insert(TaskRow).values(**(values | more)))
        if values["state"] != "completed" and "completed_by" not in more:
            place = {"assignee": more.get("assignee") or NOBODY, "due_at": due or NEVER, "task_id": self._count}
            for candidate in [f"g:{group}" for group in groups] or [ANYBODY]:
                self.connection.execute(insert(TaskCandidateRow).values(candidate=candidate, **place))
        self._note(str(values["element_id"]), name)
        self.describe(more.get("business_key"))
        return name

    def describe(self, key: str | None, words: str = "") -> None:
        """Note a subject, with what the host says of it."""
        known = select(SubjectRow.id).where(SubjectRow.key == key)
        if key and (words or not self.connection.execute(known).first()):
            session: Any = SimpleNamespace(connection=lambda: self.connection)
            describe_subjects(session, {key: words})

    def _note(self, element_id: str, name: str) -> None:
        table = TaskNameRow.__table__
        if not self.connection.execute(select(table).where(table.c.element_id == element_id)).first():
            row = {"definition_id": 1, "element_id": element_id, "words": fold(name)}
            self.connection.execute(insert(TaskNameRow).values(**row))


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    database = open_database(database_url)
    with database.execution_options(bpm_writes=True).begin() as connection:
        yield Rows(connection)
    database.dispose()


def inbox(rows: Rows) -> Inbox:
    models = SimpleNamespace(get=lambda _connection, _id: SimpleNamespace(definition=DEFINITION))
    tx: Any = SimpleNamespace(connection=rows.connection, models=models)
    return Inbox(tx)


def me(**more: Any) -> InboxFilter:
    return InboxFilter(person="me", groups=frozenset({LAMPANG}), **more)


def names(rows: Rows, which: TaskList, wanted: InboxFilter | None = None) -> list[str]:
    return [task.name for task in inbox(rows).page(which, wanted or me(), limit=100).items]


def test_each_task_stands_in_the_list_where_it_belongs(rows: Rows) -> None:
    rows.task("mine", assignee="me")
    rows.task("takeable")
    rows.task("foreign", groups=(LAMPHUN,))
    rows.task("done", state="completed", completed_by="me", ended_at=NOW, business_key="plan-1")
    rows.task("with the governor", groups=("governor@TH-52",), business_key="plan-1")
    rows.task("with a colleague", assignee="you", business_key="plan-1")
    rows.task("of another plan", groups=("governor@TH-52",), business_key="plan-2")

    assert names(rows, TaskList.MINE) == ["mine"]
    assert names(rows, TaskList.TAKEABLE) == ["takeable"]
    assert names(rows, TaskList.WAITING) == ["with the governor", "with a colleague"]
    assert names(rows, TaskList.DONE) == ["done"]


def test_a_task_taken_in_another_capacity_is_not_among_mine_in_this_one(rows: Rows) -> None:
    rows.task("as governor", assignee="me", groups=("governor@TH-52",))
    rows.task("given to me by name", assignee="me", groups=())

    assert names(rows, TaskList.MINE) == ["given to me by name"]


def test_the_most_pressing_comes_first_and_those_without_a_date_last(rows: Rows) -> None:
    rows.task("never", assignee="me")
    rows.task("later", assignee="me", due=NOW + 50 * HOUR)
    rows.task("late", assignee="me", due=NOW - HOUR)
    rows.task("soon", assignee="me", due=NOW + HOUR)

    assert names(rows, TaskList.MINE) == ["late", "soon", "later", "never"]


def test_pages_follow_each_other_without_gap_or_overlap(rows: Rows) -> None:
    wanted = [rows.task(f"dated {n}", assignee="me", due=NOW + n // 3 * HOUR) for n in range(7)]
    wanted += [rows.task(f"undated {n}", assignee="me") for n in range(5)]

    found: list[str] = []
    after: str | None = None
    while True:
        page = inbox(rows).page(TaskList.MINE, me(), limit=4, after=after)
        found += [task.name for task in page.items]
        after = page.next
        if after is None:
            break

    assert found == wanted


def test_the_archive_is_newest_first_and_pages_too(rows: Rows) -> None:
    for n in range(5):
        rows.task(f"done {n}", state="completed", completed_by="me", ended_at=NOW + n * HOUR)

    first = inbox(rows).page(TaskList.DONE, me(), limit=3)
    second = inbox(rows).page(TaskList.DONE, me(), limit=3, after=first.next)

    assert [task.name for task in (*first.items, *second.items)] == [f"done {n}" for n in (4, 3, 2, 1, 0)]
    assert second.next is None


def test_counts_fall_between_the_bounds(rows: Rows) -> None:
    for hours in (-1, 1, 2, 30, 200):
        rows.task("dated", assignee="me", due=NOW + hours * HOUR)
    rows.task("undated", assignee="me")

    counts = inbox(rows).count_by_due(TaskList.MINE, me(), (NOW, NOW + 12 * HOUR, NOW + 100 * HOUR))

    assert counts == (1, 2, 1, 2)
    assert inbox(rows).count(TaskList.MINE, me()) == 6


@pytest.mark.parametrize(
    ("text", "found"),
    [("ยกร่าง", ["ยกร่างแผน"]), ("PLAN-1", ["ยกร่างแผน"]), ("%", []), ("_", ["with _ in it"]), ("ลำพูน", ["ลงมติ"])],
)
def test_text_is_found_in_names_keys_and_what_the_host_says_of_them(rows: Rows, text: str, found: list[str]) -> None:
    rows.task("ยกร่างแผน", assignee="me", business_key="plan-1")
    rows.task("ลงมติ", assignee="me", business_key="p2")
    rows.task("with _ in it", assignee="me")
    rows.describe("p2", "แผนพัฒนาจังหวัดลำพูน")

    assert names(rows, TaskList.MINE, me(text=text)) == found


def test_a_due_window_and_a_process_narrow_the_list(rows: Rows) -> None:
    rows.task("late", assignee="me", due=NOW - HOUR)
    rows.task("later", assignee="me", due=NOW + 50 * HOUR)
    rows.task("never", assignee="me")

    assert names(rows, TaskList.MINE, me(due_before=NOW)) == ["late"]
    assert names(rows, TaskList.MINE, me(due_from=NOW, without_due=True)) == ["later", "never"]
    assert names(rows, TaskList.MINE, me(process_id="plan")) == ["late", "later", "never"]
    assert names(rows, TaskList.MINE, me(process_id="other")) == []


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "~x",
        "yesterday~1",
        "2026-13-01T00:00:00+00:00~1",
        "2026-01-01T00:00:00~1",
        "9999-12-31T23:59:59-12:00~1",
        f"~{2**63}",
    ],
)
def test_a_made_up_continuation_is_refused(rows: Rows, after: str) -> None:
    with pytest.raises(InvalidArgument, match="continuation"):
        inbox(rows).page(TaskList.MINE, me(), limit=4, after=after)
