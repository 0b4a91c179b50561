"""R11: the inbox among a country's tasks: every page shows what counting by hand says, and no question reads a whole table.

How fast it is, is measured by `saanphaen bench inbox`.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, text

from engine import ProcessEngine
from tests.soak.harness.numbers import quantile
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from web import create_app
from web.bench.big_country import Scale, fill
from web.bench.country_people import PASSWORD
from web.config import Settings
from web.directory import OrganizationDirectory
from web.tasks.inbox import due_bounds
from workflows.install import open_engine

WHAT = "inbox at size"
_POSITIONS = (
    "province_strategy@TH-52", "governor@TH-52", "province_committee@TH-52", "agency@TH-52-A1",
    "local_government@TH-52-L1", "province_strategy@TH-90", "nesdc@TH", "central_team@TH", "policy_committee@TH",
    "cabinet@TH",
)  # fmt: skip
_STEP, _SUBJECT = "ลงนาม", "เชียงใหม่"
_PAGES = 4  # of each list are compared, 50 rows each
_ROW = re.compile(r'data-task-row="(\d+)"')
_NEXT = re.compile(r'href="([^"]*after=[^"]*)"')
_TABLES = ("bpm_task", "bpm_history", "bpm_process_instance", "bpm_job", "note_notification")


@dataclass(frozen=True, slots=True)
class Size:
    """The country, and how many of the positions ask."""

    scale: Scale
    positions: int


FULL = Size(scale=Scale(history=False, messages=100_000), positions=10)
SHORT = Size(scale=Scale(plans=100, open_tasks=1_000, done_tasks=2_000, history=False, messages=100), positions=4)


@dataclass(frozen=True, slots=True)
class Task:
    """A task as counting by hand needs it."""

    id: int
    is_open: bool
    assignee: str | None
    completed_by: str | None
    candidates: frozenset[str]
    process: str
    due: dt.datetime | None
    ended: dt.datetime | None
    subject: str | None
    name: str
    words: str  # of its subject


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Fill, count by hand, open every list in the name of every position, on both databases."""
    outcome = Outcome(f"{size.scale.open_tasks:,} open and {size.scale.done_tasks:,} done tasks, {len(_SHAPES)} lists × {size.positions} positions × {len(STORES)} databases", "")  # fmt: skip
    steps = size.positions + 1
    figures = []
    for turn, store in enumerate(STORES):
        home = place.home("r11")
        url = f"sqlite:///{home / 'country.db'}" if store == "sqlite" else place.empty()

        def told(at: int, before: int = turn * steps) -> None:
            tell(before + at, len(STORES) * steps)

        figures.append(f"{store}: {_on(url, home, (size, seed), outcome, told)}")
    outcome.figure = "; ".join(figures)
    return outcome


def _on(url: str, home: Path, sized: tuple[Size, int], outcome: Outcome, tell: Callable[[int], None]) -> str:
    """Compare on one database; return the figures."""
    size, seed = sized
    on_sqlite = url.startswith("sqlite")
    engine = open_engine(url, migrate=True, deploy=True)
    country = fill(engine, size.scale)
    tell(1)
    tasks = _read_all(engine)
    asked: list[str] = []
    if on_sqlite:
        _listen(engine, asked)
    settings = Settings(database_url=url, data_dir=home, secret_key="k" * 40)
    app = create_app(settings, engine=engine, people=OrganizationDirectory())
    random = Random(seed)
    times: list[float] = []
    compared = 0
    for number, position in enumerate(_POSITIONS[: size.positions]):
        person = random.choice(country.people[position])
        client = _signed_in(app.test_client(), person)
        for name, shape in _SHAPES.items():
            began = time.perf_counter()
            shown = _pages(client, shape.query, outcome)
            times.append((time.perf_counter() - began) / max(1, -(-len(shown) // 50)))
            expected = shape.count(tasks, person, position, engine.clock.now())[: _PAGES * 50]
            outcome.expect(
                shown == expected, f"{name} of {position}, {url.partition(':')[0]}: {_difference(shown, expected)}"
            )
            compared += len(shown)
        tell(number + 2)
    if on_sqlite:
        outcome.note(f"a question reads a whole table: {scan}" for scan in _whole_tables(url, asked))
    outcome.expect(compared > 2 * size.positions, f"only {compared} rows were compared")
    engine.close()
    explained = f" {len(set(map(_shape_of, asked)))} questions, none reads a whole table;" if asked else ""
    return (
        f"{compared:,} rows as counted by hand;{explained}"
        f" a page p95 {quantile(times, 0.95) * 1000:.0f} ms in this process"
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    query: str
    count: Callable[[list[Task], str, str, dt.datetime], list[int]]


def _pressing(tasks: Iterable[Task]) -> list[int]:
    last = dt.datetime.max.replace(tzinfo=dt.UTC)
    return [task.id for task in sorted(tasks, key=lambda task: (task.due or last, task.id))]


def _takeable(tasks: list[Task], position: str) -> Iterable[Task]:
    return (task for task in tasks if task.is_open and task.assignee is None and position in task.candidates)


def _overdue(tasks: list[Task], _person: str, position: str, now: dt.datetime) -> list[int]:
    return _pressing(task for task in _takeable(tasks, position) if task.due and task.due < due_bounds(now)[0])


def _waiting(tasks: list[Task], person: str, position: str) -> Iterable[Task]:
    did = {task.subject for task in tasks if task.completed_by == person and task.subject}
    return (
        task
        for task in tasks
        if task.is_open
        and task.subject in did
        and (task.assignee != person if task.assignee else position not in task.candidates)
    )


def _has(task: Task, words: str) -> bool:
    return words in task.name or words in task.words


def _done(tasks: list[Task], person: str, _position: str, _now: dt.datetime) -> list[int]:
    mine = [task for task in tasks if not task.is_open and task.completed_by == person and task.ended]
    return [task.id for task in sorted(mine, key=lambda task: (task.ended, task.id), reverse=True)]


_SHAPES = {
    "mine": _Shape(
        "tab=mine",
        lambda tasks, person, position, _now: _pressing(
            task for task in tasks if task.is_open and task.assignee == person and position in task.candidates
        ),
    ),
    "takeable": _Shape("tab=takeable", lambda tasks, _who, position, _now: _pressing(_takeable(tasks, position))),
    "takeable, overdue": _Shape("tab=takeable&due=overdue", _overdue),
    "takeable, of one process": _Shape(
        "tab=takeable&process=provincial-plan",
        lambda tasks, _who, position, _now: _pressing(
            task for task in _takeable(tasks, position) if task.process == "provincial-plan"
        ),
    ),
    "done": _Shape("tab=done", _done),
    "waiting": _Shape(
        "tab=waiting", lambda tasks, person, position, _now: _pressing(_waiting(tasks, person, position))
    ),
    "waiting, of one process": _Shape(
        "tab=waiting&process=provincial-plan",
        lambda tasks, person, position, _now: _pressing(
            task for task in _waiting(tasks, person, position) if task.process == "provincial-plan"
        ),
    ),
    "waiting, with the name of a step": _Shape(
        f"tab=waiting&q={_STEP}",
        lambda tasks, person, position, _now: _pressing(
            task for task in _waiting(tasks, person, position) if _has(task, _STEP)
        ),
    ),
    "takeable, with the name of a step": _Shape(
        f"tab=takeable&q={_STEP}",
        lambda tasks, _who, position, _now: _pressing(task for task in _takeable(tasks, position) if _has(task, _STEP)),
    ),
    "done, with words of a subject": _Shape(
        f"tab=done&q={_SUBJECT}",
        lambda tasks, person, position, now: _done(
            [task for task in tasks if _has(task, _SUBJECT)], person, position, now
        ),
    ),
}


def _read_all(engine: ProcessEngine) -> list[Task]:
    statement = text(
        "SELECT t.id, t.state, t.assignee, t.completed_by, t.candidate_groups, t.due_at, t.ended_at, d.key"
        ", t.business_key, t.name, s.words FROM bpm_task t JOIN bpm_process_definition d ON d.id = t.definition_id"
        " LEFT JOIN bpm_subject s ON s.key = t.business_key"
    )
    with engine.reading() as read:
        return [
            Task(
                row.id, row.state in ("created", "assigned"), row.assignee, row.completed_by,
                frozenset(re.findall(r'"([^"]+)"', str(row.candidate_groups or "").replace("'", '"'))), row.key,
                _moment(row.due_at), _moment(row.ended_at), row.business_key, row.name, row.words or "",
            )
            for row in read.session.execute(statement)
        ]  # fmt: skip


def _moment(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _signed_in(client: FlaskClient, person: str) -> FlaskClient:
    token = client.get("/sign-in").text.split('name="csrf-token" content="')[1].split('"', maxsplit=1)[0]
    answer = client.post("/sign-in", data={"login": person, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    return client


def _pages(client: FlaskClient, query: str, outcome: Outcome) -> list[int]:
    """Open a list and its next pages, as somebody who reads on."""
    shown: list[int] = []
    address = f"/tasks?{query}"
    for _ in range(_PAGES):
        answer = client.get(address)
        outcome.expect(answer.status_code == HTTPStatus.OK, f"{address} was answered {answer.status_code}")
        shown += map(int, _ROW.findall(answer.text))
        following = [link for link in _NEXT.findall(answer.text) if "task=" not in link]
        if not following:
            break
        address = following[-1].replace("&amp;", "&")
    return shown


def _difference(shown: list[int], expected: list[int]) -> str:
    missing, foreign = set(expected) - set(shown), set(shown) - set(expected)
    if missing or foreign:
        return (
            f"{len(shown)} shown, {len(expected)} counted; missing {sorted(missing)[:5]}, foreign {sorted(foreign)[:5]}"
        )
    return "the same tasks in another order"


def _listen(engine: ProcessEngine, asked: list[str]) -> None:
    """Hear every statement where it reaches SQLite, with its values."""

    def hear(connection: Any) -> None:
        connection.set_trace_callback(asked.append)

    database = engine._database.engine
    database.dispose()
    event.listen(database, "connect", lambda connection, _entry: hear(connection))


def _shape_of(statement: str) -> str:
    return re.sub(r"'[^']*'|\b\d+\b", "?", statement)


def _whole_tables(url: str, asked: list[str]) -> list[str]:
    """Explain each shape of question once; return those that read a large table from end to end."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    shapes = {_shape_of(one): one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))}
    found: list[str] = []
    for statement in shapes.values():
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        found += [
            f"{step}: {statement[:300]}"
            for step in plan
            for table in _TABLES
            if re.match(rf"SCAN {table}(_\d+)?\b(?!.*USING)", step)
        ]
    connection.close()
    return found
