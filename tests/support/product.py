"""The whole product for a test: the domain on the engine, the people of the demo, the pages, a clock in the test's hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Flask

from engine import Task
from tests.support.clock import ManualClock
from web import create_app
from web.config import Settings
from web.demo_accounts import create_demo_accounts
from web.directory import OrganizationDirectory
from workflows import install
from workflows.cast import Performer, office_holder, seed
from workflows.plans import commands
from workflows.plans.cycles import NewCycle
from workflows.plans.states import CycleKind
from workflows.plans.steps import usual_calendar

NESDC = "nesdc@TH"
MORNING = "2026-03-02T02:00:00+00:00"  # Monday 09:00 in Bangkok


class Product:
    """One installation in demo mode; acts of others go through the engine, in the name of who holds the office."""

    def __init__(self, database_url: str, data_dir: Path, *, morning: str = MORNING) -> None:
        self.clock = ManualClock(morning)
        self.engine = install.open_engine(database_url, clock=self.clock, deploy=True)
        with self.engine.unit_of_work() as uow:
            seed(uow.session, uow.now)
        create_demo_accounts(self.engine)
        settings = Settings(database_url=database_url, data_dir=data_dir, secret_key="k" * 40, demo=True)
        self.app: Flask = create_app(settings, engine=self.engine, people=OrganizationDirectory())

    def close(self) -> None:
        """Give the database back."""
        self.engine.close()

    def holder(self, office: str) -> Performer:
        """Return who acts in an office now."""
        return office_holder(self.engine, office, self.clock.now())

    def open_cycle(self, units: Sequence[str], *, fiscal_year: int = 2571) -> str:
        """Open a cycle of new plans and bring it to the circular; returns its code."""
        with self.engine.unit_of_work(self.holder(NESDC).actor) as uow:
            chosen = install.units_for_cycle(uow.session, units, uow.now)
            new = NewCycle(
                fiscal_year=fiscal_year,
                kind=CycleKind.NEW_PLAN,
                plan_from=fiscal_year,
                plan_to=fiscal_year + 4,
                units=chosen,
            )
            cycle = commands.open_cycle(uow, new)
        today = self.clock.now().date()
        meeting = {"meeting_no": "1/2569", "meeting_date": today}
        self.act(cycle, "draft_criteria", {"basis": "มติ ก.น.บ.", "calendar": usual_calendar(today)})
        self.act(cycle, "criteria_resolution", meeting, "approve")
        self.act(cycle, "cabinet_criteria", meeting, "approve")
        self.act(cycle, "circular", {"document_number": "นร 1100/ว 1", "document_date": today})
        return cycle

    def act(
        self, key: str, element: str, variables: Mapping[str, object] | None = None, outcome: str | None = None
    ) -> Task:
        """Complete an open task in the name of whoever holds its office."""
        task = self.task(key, element)
        values = dict(variables or {}) | ({"outcome": outcome} if outcome else {})
        return self.engine.complete(task.id, values, self.holder(task.candidate_groups[0]).actor, outcome=outcome)

    def task(self, key: str, element: str) -> Task:
        """Return an open task of a plan or a cycle."""
        found = self.engine.tasks(business_key=key, element_id=element)
        assert found, f"no {element!r} of {key}, open are {self.open(key)}"
        return found[0]

    def open(self, key: str) -> list[str]:
        """Return the elements of the open tasks of a plan or a cycle, sorted."""
        return sorted(task.element_id for task in self.engine.tasks(business_key=key, limit=100))

    def day(self, after: int = 0) -> dt.date:
        """Return today, or a day after it."""
        return self.clock.now().date() + dt.timedelta(days=after)
