"""An engine with clocks and their ladder plugged in, and an office of planner, head and governor."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import Instance
from tests.support.bpmn import process
from tests.support.driver import Driver
from workflows.calendar import DueDates, moment_of
from workflows.clocks import ClockKeeper, ClockView, Ladder, find_clock
from workflows.notifications import Message, page
from workflows.organization.geography import areas_or_nation

PLANNER = "planner@TH-52"
HEAD = "head@TH-52"
GOVERNOR = "governor@TH-52"
MONDAY = "2026-01-05T09:00:00+07:00"
DUE = dt.date(2026, 1, 19)  # ten working days after MONDAY, itself a Monday


@dataclass(frozen=True)
class Somebody:
    """A holder of a position."""

    person: str


@dataclass
class Office:
    """Who holds what; changed by a test as it likes."""

    holders: dict[str, list[str]] = field(
        default_factory=lambda: {PLANNER: ["ann", "bob"], HEAD: ["head"], GOVERNOR: ["governor"]}
    )
    above: dict[str, str] = field(default_factory=lambda: {PLANNER: HEAD, HEAD: GOVERNOR})
    broken: bool = False

    def holders_of(self, _session: Session, group: str, _at: dt.datetime) -> Sequence[Somebody]:
        if self.broken:
            raise RuntimeError("the register does not answer")
        return [Somebody(person) for person in self.holders.get(group, [])]

    def superior_of(self, group: str) -> str | None:
        return self.above.get(group)


def areas_of(_session: Session, unit: str) -> tuple[str, ...]:
    return areas_or_nation(unit)


class Clockwork:
    """Drives an engine whose tasks have clocks."""

    def __init__(self, driver: Driver) -> None:
        self.office = Office()
        self.driver = driver
        driver.clock.set(MONDAY)
        driver.plug(
            calendar=DueDates(areas_of),
            listeners=(ClockKeeper(areas_of=areas_of, basis_of=lambda _process, element: f"basis of {element}"),),
            duties=(Ladder(areas_of=areas_of, positions=self.office),),
        )

    def begin(self, due: str | None = "working-days:10", **variables: object) -> Instance:
        self.deploy(due)
        return self.driver.start("p", {"unit": "TH-52", **variables}, "FY2570-REV/TH-52", actor="starter")

    def deploy(self, due: str | None = "working-days:10") -> None:
        self.driver.deploy(
            process("p").start().user_task("draft", name="ยกร่างแผน", groups=PLANNER, due=due).user_task("next").end()
        )

    def clock(self, element: str = "draft") -> ClockView:
        found = self.find_clock(self.driver.task(element).id)
        assert found is not None
        return found

    def clock_of_any(self) -> ClockView:
        found = self.find_clock(self.driver.engine.tasks(limit=1)[0].id)
        assert found is not None
        return found

    def find_clock(self, task_id: str) -> ClockView | None:
        with self.driver.engine.reading() as read:
            return find_clock(read.session, task_id)

    def set_due(self, due: dt.datetime | None, *, reason: str = "", order_ref: str = "") -> None:
        task = self.driver.task("draft")
        with self.driver.engine.unit_of_work("boss") as uow:
            uow.tasks.set_due(task.id, due, reason=reason, order_ref=order_ref)

    def told(self, person: str) -> list[tuple[str, int]]:
        """Return what a person was told, the oldest first: kind and rung."""
        return [(str(message.kind), int(str(message.facts["rung"]))) for message in self.messages(person)]

    def messages(self, person: str) -> list[Message]:
        with self.driver.engine.reading() as read:
            return page(read.session, person, limit=200)[::-1]

    def all_messages(self, person: str) -> Iterator[Message]:
        last = None
        with self.driver.engine.reading() as read:
            while found := page(read.session, person, limit=200, before=last):
                yield from found
                last = found[-1].id

    def rungs(self) -> list[dict[str, Any]]:
        """Return all rungs that were climbed, in order."""
        with self.driver.engine.reading() as read:
            rows = read.session.execute(
                text("SELECT clock_id, rung, told FROM clock_event WHERE kind = 'rung' ORDER BY id")
            )
            return [{"clock": row.clock_id, "rung": row.rung, "told": json.loads(row.told)} for row in rows]

    def at(self, day: dt.date, time: str = "08:30") -> int:
        """Go to a time in Thailand and run what is due."""
        return self.driver.run_due_at(moment_of(day, dt.time.fromisoformat(time)))


@pytest.fixture
def clockwork(driver: Driver) -> Clockwork:
    return Clockwork(driver)
