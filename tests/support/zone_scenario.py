"""A small case on the calendar, told as JSON: run under several time zones of the machine, it must say the same."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from engine import EngineConfig, Ports, ProcessEngine
from tests.support.bpmn import Builder, process
from tests.support.clock import ManualClock
from workflows.calendar import BANGKOK, DueDates, seed_holidays
from workflows.clocks import explain
from workflows.organization.geography import areas_of_code

# New York turned its clocks forward in this night: 02:30 did not exist there, and the day had 23 hours.
EVENING = "2026-03-07T22:00:00+07:00"
_OVER = dt.timedelta(days=120)


def _case() -> Builder:
    """Dates and times without offset, calendar durations, repetitions, and what FEEL says of now."""
    case = process("zones").start().script("look", "= {now: now(), today: today(), said: string(now())}", "seen")
    case.script("night", '= date and time("2026-03-08T02:30:00") + duration("P1D")', "night").parallel("split")
    due = {
        "five_days": "working-days:5",
        "a_date": '= date("2026-03-31")',
        "a_text": "2026-03-31T08:30:00",
        "a_month": "P1M",
        "a_day": '= now() + duration("P1D")',
    }
    for name, text in due.items():
        case.at("split").user_task(name, due=text).end(f"end_{name}")
    timers = {
        "at_local": {"date": '= date and time("2026-03-08T02:30:00")'},
        "after_a_day": {"timer": "P1D"},
        "month": {"timer": "P1M"},
    }
    for name, event in timers.items():
        case.at("split").catch(name, **event).end(f"end_{name}")
    case.at("split").user_task("held").end("end_held")
    return case.boundary("held", "again", interrupting=False, cycle='= "R3/2026-03-08T02:30:00/P1D"').end("end_again")


def tell() -> dict[str, Any]:
    """Run it; return every answer that has a moment or a day in it."""
    clock = ManualClock(EVENING)
    ports = Ports(calendar=DueDates(lambda _session, unit: areas_of_code(unit)))
    engine = ProcessEngine.open("sqlite://", clock=clock, ports=ports, config=EngineConfig(zone=BANGKOK))
    with engine.unit_of_work() as uow:
        seed_holidays(uow.session, uow.now)
    engine.deploy(_case().file())
    run = engine.start("zones", {"unit": "TH-52", "given": dt.datetime(2026, 3, 8, 2, 30, tzinfo=dt.UTC)})
    tasks = {task.element_id: task.due_at for task in engine.tasks(instance_id=run.id)}
    beats = []
    while (due := engine.earliest_due()) is not None and due < dt.datetime.fromisoformat(EVENING) + _OVER:
        beats.append(due)
        clock.set(max(due, clock.now()))
        engine.run_due()
    lines = [[line.at, line.kind, line.element_id, str(dict(line.details))] for line in engine.history(run.id)]
    counted = [explain(None, dt.date(2026, 4, 9), days, unit, "TH-52").as_json() for days, unit in _PERIODS]
    verified = engine.verify_audit().verified
    values = dict(engine.variables(run.id))
    engine.close()
    return {"tasks": tasks, "beats": beats, "history": lines, "counted": counted, "values": values, "ok": verified}


_PERIODS = ((15, "working"), (15, "calendar"), (-5, "working"))


if __name__ == "__main__":
    print(json.dumps(tell(), default=str, ensure_ascii=False, indent=1))
