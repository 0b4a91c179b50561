"""A session on a migrated database, and a cycle of NU1 in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from engine import Actor, open_database
from workflows.plans.cycles import NewCycle, UnitOfCycle, create_cycle, issue, set_calendar
from workflows.plans.models import Cycle, Document
from workflows.plans.states import CycleKind, Level
from workflows.plans.steps import usual_calendar

NOW = dt.datetime(2025, 6, 13, 3, 0, tzinfo=dt.UTC)
PLANNER = Actor("planner", "province_strategy@TH-52")
UNITS = (
    UnitOfCycle("NU1", Level.CLUSTER, "กลุ่มจังหวัดภาคเหนือตอนบน 1", "NORTH"),
    UnitOfCycle("TH-50", Level.PROVINCE, "เชียงใหม่", "NORTH", "NU1"),
    UnitOfCycle("TH-52", Level.PROVINCE, "ลำปาง", "NORTH", "NU1"),
)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    database = open_database(database_url)
    with Session(database.execution_options(bpm_writes=True)) as opened:
        yield opened
        opened.rollback()
    database.dispose()


@pytest.fixture
def cycle(session: Session) -> Cycle:
    new = NewCycle(fiscal_year=2570, kind=CycleKind.REVISION, plan_from=2566, plan_to=2570, units=UNITS)
    cycle = create_cycle(session, new, actor=PLANNER, now=NOW)
    set_calendar(session, cycle, usual_calendar(dt.date(2025, 6, 13)))
    return cycle


@pytest.fixture
def plans(session: Session, cycle: Cycle) -> dict[str, Document]:
    opened = issue(session, cycle, {"number": "นร 1100/ว 1", "date": dt.date(2025, 6, 13)})
    return {document.unit: document for document in opened}


@pytest.fixture
def lampang(plans: dict[str, Document]) -> Document:
    return plans["TH-52"]
