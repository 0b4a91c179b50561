"""A whole country's work in one database, by bulk SQL in seconds: what lists, searches and boards are measured on.

76 provinces, 18 clusters, 2,109 people, and at full scale 5,000 plans of 54 cycles, 50,000 runs, 100,000 open and
400,000 done tasks with their steps and due dates, 2,000,000 lines of history, 1,000,000 messages. The same scale gives
the same rows on both databases. Titles, roles and stages are those of the shipped diagrams. What is left out: stored
state (these runs are read, never continued) and the hashes of history (the audit chain does not verify).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, text

from engine import describe_subjects
from web.bench.country_people import PARTNERS, populate
from web.bench.country_sql import Sql
from web.diagrams import steps_of
from workflows.definitions import ORDER, stage_of
from workflows.organization.geography import clusters, provinces, regions
from workflows.plans.models import Cycle, CycleDue, CycleUnit, Document
from workflows.plans.states import CycleKind, CycleState, DocumentState, Level, ReviewStage
from workflows.plans.steps import CALENDAR
from workflows.replay.fresh import NotFresh, holds_work

if TYPE_CHECKING:
    from engine import ProcessEngine

RUNS_OF_A_PLAN: Final = 10
LINES_OF_A_RUN: Final = 40
_OPEN_SHARE: Final = 5  # every fifth plan, the newest ones, is still at work
_RUNNING: Final = 3  # cycles at a time, whatever stragglers the earlier ones have
_HALF_YEAR: Final = dt.timedelta(days=182)

Progress = Callable[[str], None]
"""Told what is written next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything."""

    plans: int = 5_000
    open_tasks: int = 100_000
    done_tasks: int = 400_000
    history: bool = True  # 40 lines a run
    messages: int = 1_000_000

    @property
    def runs(self) -> int:
        """How many runs: a plan's own, its consultations, its part of the national review and of the cycle."""
        return self.plans * RUNS_OF_A_PLAN

    @property
    def open_plans(self) -> int:
        """How many plans are still at work."""
        return max(1, self.plans // _OPEN_SHARE)


FULL: Final = Scale()
TENTH: Final = Scale(plans=500, open_tasks=10_000, done_tasks=40_000, messages=100_000)


@dataclass(frozen=True, slots=True)
class Country:
    """Who is in it, by position (`province_strategy@TH-52`); everybody signs in with their id and the one password."""

    people: Mapping[str, list[str]]


def fill(engine: ProcessEngine, scale: Scale = FULL, *, progress: Progress = lambda _what: None) -> Country:
    """Fill a database that `workflows.install.open_engine(…, migrate=True, deploy=True)` has prepared.

    Raises:
        NotFresh: It holds work already.
    """
    if holds_work(engine):
        raise NotFresh
    with engine.unit_of_work() as uow:
        connection = uow.session.connection()
        now = uow.now.replace(microsecond=0)
        sql = Sql(connection)
        with sql.bulk():
            progress("people")
            people = populate(connection, uow.now)
            describe_subjects(uow.session, _write_plans(connection, scale, now))
            elements: list[_Element] = []
            for process in ORDER:
                deployed = uow.deployments.latest(process)
                elements += _elements(process, deployed.id, uow.deployments.xml(deployed.id))
            _write_helpers(connection, people, elements, scale)
            sql.learn("bench_position", "bench_chair", "bench_kind", "bench_element", "bench_plan")
            for what, statement in _statements(sql, scale, now):
                progress(what)
                sql.run(statement)
    return Country(people)


def _write_plans(connection: Connection, scale: Scale, now: dt.datetime) -> dict[str, str]:
    """Write cycles, two a year, with their units, dates and plans, the newest last; returns names by business key."""
    homes = [
        (code, Level.PROVINCE, province.name_th, province.region, province.cluster)
        for code, province in provinces().items()
    ] + [(code, Level.CLUSTER, cluster.name_th, cluster.region, None) for code, cluster in clusters().items()]
    count = -(-scale.plans // len(homes))
    cycles, units, dues = [], [], []
    plans: list[dict[str, object]] = []
    for number in range(1, count + 1):
        age = count - number
        year = 2571 - age // 2
        kind = CycleKind.REVISION if age % 2 else CycleKind.NEW_PLAN
        code = f"FY{year}-{'REV' if age % 2 else 'NEW'}"
        period = f"พ.ศ. {year}–{year + 4}"
        opened = now - dt.timedelta(days=100) - age * _HALF_YEAR
        cycles.append(
            {"id": number, "code": code, "name": f"แผนพัฒนา {period}", "fiscal_year": year, "kind": str(kind)}
            | {"plan_from": year, "plan_to": year + 4, "cabinet_verb": "approve", "notice_days": 3, "bundle": 0}
            | {"state": str(CycleState.ISSUED if age < _RUNNING else CycleState.CLOSED), "opened_by": "p0000"}
            | {"opened_at": opened}
        )
        dues += [
            {"cycle_id": number, "step": step.code, "unit": "", "original_due": due, "due": due}
            for step in CALENDAR
            for due in [opened + dt.timedelta(days=step.days)]
        ]
        for unit, level, name, region, cluster in homes:
            units.append(
                {"cycle_id": number, "unit": unit, "level": str(level), "name": name, "region": region}
                | {"cluster": cluster}
            )
            if len(plans) == scale.plans:
                continue
            is_open = len(plans) >= scale.plans - scale.open_plans
            title = f"จังหวัด{name}" if level is Level.PROVINCE else name
            plans.append(
                {"id": len(plans) + 1, "cycle_id": number, "unit": unit, "level": str(level), "bundle": 0}
                | {"plan_key": f"{code}/{unit}", "title": f"แผนพัฒนา{title} {period}", "opened_at": opened}
                | {"state": str(DocumentState.DRAFTING if is_open else DocumentState.ANNOUNCED)}
                | {"review_stage": str(ReviewStage.AWAITED if is_open else ReviewStage.FINAL)}
            )
    for table, rows in ((Cycle, cycles), (CycleUnit, units), (CycleDue, dues), (Document, plans)):
        connection.execute(insert(table), rows)
    return {str(one["code"]): str(one["name"]) for one in cycles} | {
        str(one["plan_key"]): str(one["title"]) for one in plans
    }


@dataclass(frozen=True, slots=True)
class _Element:
    """A step of a diagram at one of the positions that it may be waiting for."""

    definition_id: int
    level: str
    process_id: str
    element_id: str
    name: str
    stage: str
    position: str  # with {unit}, {home} (the province) and {region}


def _elements(process_id: str, definition_id: int, diagram: bytes) -> Iterator[_Element]:
    levels = {"provincial-plan": ("province",), "cluster-plan": ("cluster",)}.get(process_id, ("province", "cluster"))
    for step in steps_of(diagram, process_id):
        if step.kind == "userTask":
            for level in levels:
                for position in _positions_of(process_id, step.element_id, level):
                    yield _Element(
                        definition_id, level, process_id, step.element_id, step.name,
                        stage_of(process_id, step.element_id), position,
                    )  # fmt: skip


def _positions_of(process_id: str, element_id: str, level: str) -> list[str]:
    """Return the positions that a step of the shipped diagrams waits for, as patterns."""
    office, head, body = (
        ("province_strategy", "governor", "province_committee")
        if level == "province"
        else ("cluster_office", "cluster_head", "cluster_committee")
    )
    partners = [f"{role}@{{home}}-{mark}" for mark, role, *_ in PARTNERS]
    special = {
        "decide_review": [f"{body}@{{unit}}"],
        "committee_resolution": [f"{body}@{{unit}}"],
        "sign_unchanged": [f"{head}@{{unit}}"],
        "sign_submission": [f"{head}@{{unit}}"],
        "sign_invitation": [f"{head}@{{unit}}"],
        "return_data": [position for position in partners if position.startswith(("agency", "local"))],
        "give_opinion": partners,
        "screen": ["central_team@TH"],
        "regional_review": ["regional_subcommittee@{region}"],
        "policy_resolution": ["policy_committee@TH"],
        "criteria_resolution": ["policy_committee@TH"],
        "cabinet_resolution": ["cabinet@TH"],
        "cabinet_criteria": ["cabinet@TH"],
    }
    if element_id in special:
        return special[element_id]
    return ["nesdc@TH"] if process_id in {"national-review", "planning-cycle"} else [f"{office}@{{unit}}"]


def _write_helpers(
    connection: Connection, people: Mapping[str, list[str]], elements: list[_Element], scale: Scale
) -> None:
    """Write what the bulk statements join: chairs by position, steps by process and level, plans by number."""
    for statement in (
        "CREATE TEMPORARY TABLE bench_position (position TEXT PRIMARY KEY, chairs INTEGER)",
        "CREATE TEMPORARY TABLE bench_chair (position TEXT, n INTEGER, person TEXT, PRIMARY KEY (position, n))",
        "CREATE TEMPORARY TABLE bench_kind (definition_id INTEGER, level TEXT, steps INTEGER)",
        """CREATE TEMPORARY TABLE bench_element (definition_id INTEGER, level TEXT, n INTEGER, process_id TEXT,
          element_id TEXT, name TEXT, stage TEXT, position TEXT, PRIMARY KEY (definition_id, level, n))""",
        """CREATE TEMPORARY TABLE bench_plan (n INTEGER PRIMARY KEY, document_id INTEGER, cycle_id INTEGER, unit TEXT,
          level TEXT, home TEXT, region TEXT, plan_key TEXT, opened BIGINT, is_open INTEGER)""",
    ):
        connection.execute(text(statement))
    connection.execute(
        text("INSERT INTO bench_position VALUES (:position, :chairs)"),
        [{"position": position, "chairs": len(held)} for position, held in people.items()],
    )
    connection.execute(
        text("INSERT INTO bench_chair VALUES (:position, :n, :person)"),
        [
            {"position": position, "n": n, "person": person}
            for position, held in people.items()
            for n, person in enumerate(held)
        ],
    )
    kinds: dict[tuple[int, str], list[_Element]] = {}
    for element in elements:
        kinds.setdefault((element.definition_id, element.level), []).append(element)
    connection.execute(
        text("INSERT INTO bench_kind VALUES (:definition, :level, :steps)"),
        [{"definition": kind[0], "level": kind[1], "steps": len(found)} for kind, found in kinds.items()],
    )
    connection.execute(
        text("INSERT INTO bench_element VALUES (:definition, :level, :n, :process, :element, :name, :stage, :p)"),
        [
            {"definition": one.definition_id, "level": one.level, "n": n, "name": one.name}
            | {"process": one.process_id, "element": one.element_id, "stage": one.stage, "p": one.position}
            for found in kinds.values()
            for n, one in enumerate(found)
        ],
    )
    leads = {province.cluster: code for code, province in provinces().items() if province.leads}
    homes = {code: code for code in provinces()} | leads
    places = {code: province.region for code, province in provinces().items()}
    places |= {code: cluster.region for code, cluster in clusters().items()}
    assert set(places.values()) <= set(regions())
    found_plans = connection.execute(
        text(
            "SELECT d.id, d.cycle_id, d.unit, d.level, d.plan_key, d.state, c.opened_at FROM plan_document d"
            " JOIN plan_cycle c ON c.id = d.cycle_id ORDER BY d.id"
        ).columns(Document.id, Document.cycle_id, Document.unit, Document.level, Document.plan_key, Document.state,
                  Cycle.opened_at)
    ).all()  # fmt: skip
    connection.execute(
        text("INSERT INTO bench_plan VALUES (:n, :d, :c, :unit, :level, :home, :region, :key, :opened, :is_open)"),
        [
            {"n": n, "d": row.id, "c": row.cycle_id, "unit": row.unit, "level": row.level, "home": homes[row.unit]}
            | {"region": places[row.unit], "key": row.plan_key, "opened": int(row.opened_at.timestamp())}
            | {"is_open": int(n >= scale.plans - scale.open_plans)}
            for n, row in enumerate(found_plans)
        ],
    )


def _statements(sql: Sql, scale: Scale, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Yield what is written, and the statement that writes it, in the order of the foreign keys."""
    from web.bench import country_statements as statements

    seconds = int(now.timestamp())
    yield "runs", statements.runs(sql, scale)
    yield "runs", statements.runs_of_plans()
    sql.learn("bpm_process_instance")
    yield "tasks", statements.draw_done(sql, scale, seconds)
    yield "tasks", statements.draw_open(sql, scale, seconds)
    yield "tasks", "CREATE UNIQUE INDEX bench_task_id ON bench_task (id)"
    sql.learn("bench_task")
    yield "tasks", statements.tasks(sql)
    yield "candidates", statements.candidates(sql)
    yield "steps", statements.steps(sql)
    yield "due dates", statements.clocks(sql)
    if scale.history:
        yield "history", statements.history(sql)
    yield "messages", statements.messages(sql, scale, seconds)
