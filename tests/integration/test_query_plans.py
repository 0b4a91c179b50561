"""How the databases carry out what is asked most: through an index, never by reading a whole table that grows.

The statements are those that the product itself sends, recorded while it is used, and explained with their values on a
country of a size at which both planners choose for real.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, text

from engine import Actor, InboxFilter, ProcessEngine, TaskList
from tests.support.clock import ManualClock
from web import create_app
from web.bench.big_country import Scale, fill
from web.bench.country_people import PASSWORD
from web.bench.throwaway_postgres import Postgres
from web.config import Settings
from web.directory import OrganizationDirectory
from workflows import install, notifications
from workflows.plans.commands import open_cycle
from workflows.plans.cycles import NewCycle
from workflows.plans.states import CycleKind
from workflows.plans.steps import usual_calendar

SCALE = Scale(plans=400, open_tasks=12_000, done_tasks=28_000, messages=40_000)
NOW = "2026-11-24T02:30:00+00:00"
PLANNER, MINISTRY, ADMIN = "province_strategy@TH-52", "nesdc@TH", "system_admin@TH"
BIG = {
    "bpm_task", "mine", "bpm_task_candidate", "bpm_history", "bpm_process_instance", "bpm_job", "plan_step",
    "clock_clock", "note_notification",
}  # fmt: skip
# Along a partial index: what is open, due or failed, up to the limit of a list.
WALKS = re.compile(
    r"SCAN bpm_(?:task USING (?:COVERING )?INDEX ix_bpm_task_open_|job USING INDEX ix_bpm_job_(?:due|troubled))"
)
WHOLE = re.compile(rf"\b(?:Seq Scan on|SCAN) (?:{'|'.join(sorted(BIG))})\b")
WAITING_TIMERS = """
    INSERT INTO bpm_job (kind, state, held, created_at, due_at, retries, attempts)
    SELECT 'timer', 'waiting', {no}, t.created_at, coalesce(t.due_at, t.created_at), 3, 0
    FROM bpm_task t WHERE t.state <> 'completed' AND t.due_at > '2026-12-01'"""


class Country:
    """The product on a filled database, and the plans of what it asks."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock = ManualClock(NOW)
        self.engine: ProcessEngine = install.open_engine(url, clock=self.clock, migrate=True, deploy=True)
        self.people = fill(self.engine, SCALE).people
        self.database: Engine = self.engine._database.engine
        with self.database.begin() as connection:
            connection.execute(text(WAITING_TIMERS.format(no="false" if self.is_postgresql else "0")))
        if self.is_postgresql:
            self._settle()
        settings = Settings(database_url=url, data_dir=folder, secret_key="k" * 40)
        self.app = create_app(settings, engine=self.engine, people=OrganizationDirectory())

    def _settle(self) -> None:
        """Do at once what autovacuum does in time, and say what disks cost that do not turn."""
        with self.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            name = self.database.url.database
            connection.execute(text(f'ALTER DATABASE "{name}" SET random_page_cost = 1.1'))
        self.database.dispose()  # connections of before do not know

    @property
    def is_postgresql(self) -> bool:
        return self.database.dialect.name == "postgresql"

    def person(self, position: str) -> str:
        return self.people[position][0]

    def browser(self, position: str) -> FlaskClient:
        client = self.app.test_client()
        token = client.get("/sign-in").text.split('name="csrf-token" content="')[1].split('"')[0]
        form = {"login": self.person(position), "password": PASSWORD, "csrf_token": token}
        assert client.post("/sign-in", data=form).status_code == 303
        return client

    def plans_of(self, act: Callable[[], object]) -> list[str]:
        """Do something; return how each statement of it is carried out."""
        with self.recorded() as statements:
            act()
        assert statements
        with self.database.connect() as connection:
            return [self.explain(connection, sql, values) for sql, values in statements]

    @contextmanager
    def recorded(self) -> Iterator[list[tuple[str, Any]]]:
        found: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
            if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                found.append((sql, values[0] if many else values))

        event.listen(self.database, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(self.database, "before_cursor_execute", note)

    def explain(self, connection: Connection, sql: str, values: Any) -> str:
        word = "EXPLAIN" if self.is_postgresql else "EXPLAIN QUERY PLAN"
        lines = [row[-1].strip() for row in connection.exec_driver_sql(f"{word} {sql}", values)]
        return "\n".join([*lines, f"-- {' '.join(sql.split())[:400]}"])

    def whole_tables(self, plans: list[str]) -> list[str]:
        """Return the plans that read a growing table from end to end."""
        return [
            plan
            for plan in plans
            if any(WHOLE.search(line) and not WALKS.search(line) for line in plan.splitlines()[:-1])
        ]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def country(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    folder = tmp_path_factory.mktemp("country")
    if request.param == "sqlite":
        made = Country(f"sqlite:///{folder / 'country.db'}", folder)
        yield made
        made.engine.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_empty()
    made = Country(url, folder)
    yield made
    made.engine.close()
    server.drop(url)


FILTERS = ("", "&due=overdue", "&due=later", "&process=national-review", "&q=ลำปาง", "&q=ยกร่าง", "&q=แผนพัฒนา")


@pytest.mark.parametrize("position", [PLANNER, MINISTRY])
@pytest.mark.parametrize("tab", list(TaskList))
def test_no_page_of_the_inbox_reads_a_whole_table(country: Country, tab: TaskList, position: str) -> None:
    browser = country.browser(position)
    for more in FILTERS:
        address = f"/tasks?tab={tab}{more}"

        plans = country.plans_of(lambda address=address: browser.get(address))  # type: ignore[misc]

        assert country.whole_tables(plans) == [], address


@pytest.mark.parametrize("address", ["/plans", "/plans?state=late", "/cycles", "/cycles/FY2571-NEW", "/notifications"])
@pytest.mark.parametrize("position", [PLANNER, MINISTRY])
def test_no_other_list_reads_a_whole_table(country: Country, address: str, position: str) -> None:
    browser = country.browser(position)

    plans = country.plans_of(lambda: browser.get(address))

    # The names of the last steps of whole boards: in a table as small as this PostgreSQL rather hashes all of it.
    read = [plan for plan in country.whole_tables(plans) if not (country.is_postgresql and "max(plan_step.id)" in plan)]
    assert read == []


def test_the_list_of_what_is_stuck_reads_no_whole_table(country: Country) -> None:
    browser = country.browser(ADMIN)

    plans = country.plans_of(lambda: browser.get("/operations"))

    assert country.whole_tables(plans) == []


def test_the_runs_of_each_version_are_counted_and_nothing_else_of_them_is_read(country: Country) -> None:
    browser = country.browser(ADMIN)

    plans = country.whole_tables(country.plans_of(lambda: browser.get("/processes")))

    assert all(
        "SELECT bpm_process_instance.definition_id, bpm_process_instance.state, count(*)" in plan for plan in plans
    )
    assert all(country.is_postgresql or "USING COVERING INDEX" in plan for plan in plans)


@pytest.mark.parametrize(
    ("which", "index"),
    [
        (TaskList.MINE, "bpm_task_candidate"),
        (TaskList.TAKEABLE, "bpm_task_candidate"),
        (TaskList.WAITING, "ix_bpm_task_done_subject"),
        (TaskList.DONE, "ix_bpm_task_done_completed_by"),
    ],
)
def test_each_list_walks_its_own_index(country: Country, which: TaskList, index: str) -> None:
    wanted = InboxFilter(person=country.person(PLANNER), groups=frozenset({PLANNER}))

    def read() -> None:
        with country.engine.reading() as reading:
            reading.inbox.page(which, wanted, limit=50)
            reading.inbox.count(which, wanted)

    read()  # versions of processes are read once
    plans = country.plans_of(read)

    assert all(index in plan for plan in plans), plans
    sorts = "Sort" if country.is_postgresql else "TEMP B-TREE FOR ORDER BY"
    if which in {TaskList.MINE, TaskList.TAKEABLE, TaskList.DONE} and not country.is_postgresql:
        assert all(plan.count(sorts) <= 1 for plan in plans)  # the few rows of a page, where candidates meet


def test_subjects_are_found_by_their_words_without_reading_all(country: Country) -> None:
    def read() -> None:
        with country.engine.reading() as reading:
            if country.is_postgresql:  # a few hundred rows are read faster than any index: is it there at all?
                reading.session.execute(text("SET LOCAL enable_seqscan = off"))
            wanted = InboxFilter(person="p0001", groups=frozenset({PLANNER}), text="จังหวัดลำปาง")
            reading.inbox.count(TaskList.TAKEABLE, wanted)

    with country.recorded() as statements:
        read()
    asked = [(sql, values) for sql, values in statements if "bpm_subject" in sql]
    with country.database.connect() as connection:
        if country.is_postgresql:
            connection.execute(text("SET enable_seqscan = off"))
        plans = [country.explain(connection, sql, values) for sql, values in asked]

    assert plans
    words = "ix_bpm_subject_words" if country.is_postgresql else "bpm_subject_words VIRTUAL TABLE INDEX"
    assert words in plans[0]


def test_taking_and_finishing_a_task_touch_rows_by_their_keys(country: Country) -> None:
    engine, actor = country.engine, Actor(country.person(MINISTRY), MINISTRY, frozenset({MINISTRY}))
    today = country.clock.now().date()

    def work() -> None:
        with engine.unit_of_work(actor) as uow:
            units = install.units_for_cycle(uow.session, ["TH-52"], uow.now)
            new = NewCycle(fiscal_year=2590, kind=CycleKind.NEW_PLAN, plan_from=2590, plan_to=2594, units=units)
            code = open_cycle(uow, new)
        (task,) = engine.tasks(business_key=code)
        engine.claim(task.id, actor)
        engine.complete(task.id, {"basis": "มติ ก.น.บ.", "calendar": usual_calendar(today)}, actor)

    plans = country.plans_of(work)

    assert country.whole_tables(plans) == []
    assert any("UPDATE bpm_task " in plan for plan in plans)


def test_a_worker_with_nothing_to_do_looks_at_the_first_due_jobs_only(country: Country) -> None:
    country.engine.run_due()

    plans = country.plans_of(country.engine.run_due)

    assert country.whole_tables(plans) == []
    assert any("ix_bpm_job_due" in plan for plan in plans)


def test_the_outbox_is_taken_in_the_order_of_its_key(country: Country) -> None:
    def take() -> None:
        with country.engine.unit_of_work() as uow:
            uow.outbox.take()

    (plan,) = [plan for plan in country.plans_of(take) if "bpm_outbox" in plan]

    assert "TEMP B-TREE" not in plan
    assert country.is_postgresql or "SCAN bpm_outbox" in plan  # along its key, up to the limit


def test_the_history_of_a_run_is_one_stretch_of_its_table(country: Country) -> None:
    def read() -> None:
        with country.engine.reading() as reading:
            reading.history.latest("77", limit=60)
            reading.history.of_instance("77", limit=20, after=5)

    plans = country.plans_of(read)

    assert country.whole_tables(plans) == []


def test_messages_and_their_number_are_found_by_person(country: Country) -> None:
    person = country.person(PLANNER)

    def read() -> None:
        with country.engine.reading() as reading:
            notifications.unread_count(reading.session, person)
            notifications.page(reading.session, person, limit=20)
            notifications.page(reading.session, person, limit=20, before=30_000, unread=True)

    plans = country.plans_of(read)

    assert country.whole_tables(plans) == []
    assert all("note_notification" in plan for plan in plans)


def test_a_session_is_found_by_its_token(country: Country) -> None:
    browser = country.browser(PLANNER)

    plans = country.plans_of(lambda: browser.get("/notifications/bell"))

    sessions = [plan for plan in plans if "web_session" in plan]
    assert sessions
    assert all("token_hash" in plan for plan in sessions)
    assert country.clock.now() == dt.datetime.fromisoformat(NOW)
