"""Working days in diagrams and decisions: counted by the port, in the engine's transaction."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from engine import ExpressionError
from tests.support.bpmn import process
from tests.support.driver import Driver
from tests.unit.decisions.models import decision, dmn, literal


class Weekdays:
    """Every other day is off, whatever the unit."""

    def add(self, session: Session, day: dt.date, count: int, unit: str) -> dt.date:
        assert session.is_active
        assert unit.startswith("TH")
        return day + dt.timedelta(days=2 * count)

    def between(self, session: Session, start: dt.date, end: dt.date, unit: str) -> int:
        assert (session.is_active, unit) == (True, "TH-52")
        return (end - start).days // 2


def test_scripts_decisions_and_forms_count_working_days(driver: Driver) -> None:
    driver.plug(working_days=Weekdays())
    late = decision("late", literal('working days between(@"2026-10-01", due, "TH-52")'))
    asked = process("p").start().script("count", '= add working days(@"2026-10-01", 5, "TH-52")', "due")
    asked.decide("ask", "_late", "days").user_task("after").end()
    driver.engine.deploy({"late.dmn": dmn(late)} | asked.file())

    run = driver.start("p")

    assert driver.variables(run) == {"due": dt.date(2026, 10, 11), "days": 5}
    assert driver.engine.evaluate('add working days(day, 1, "TH")', {"day": dt.date(2026, 1, 1)}) == dt.date(2026, 1, 3)


def test_an_engine_without_a_calendar_says_so(driver: Driver) -> None:
    with pytest.raises(ExpressionError, match="calendar of working days"):
        driver.engine.evaluate('add working days(@"2026-10-01", 5, "TH-52")', {})
