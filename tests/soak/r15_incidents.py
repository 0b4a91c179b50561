"""R15: steps fail in every way; none is lost, trying again keeps its pace, a repair lets it go on, the others never notice."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from sqlalchemy import text

from engine import EngineConfig, HandlerContext, Incident, JobState, Ports
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.support.bpmn import process
from tests.support.clock import ManualClock
from tests.support.driver import Driver

WHAT = "incidents"
_ADMINISTRATOR = "admin1"
_FAULTS = ("expression", "service", "time-out", "constraint")
_QUARTER = 1.25  # the jitter of a back-off


@dataclass(frozen=True, slots=True)
class Size:
    """How many runs fail, and how many run beside them."""

    failures: int
    healthy: int


FULL = Size(failures=100, healthy=100)
SHORT = Size(failures=8, healthy=4)


class Outside:
    """What the diagrams call: a service that is broken until it is repaired, in three ways."""

    def __init__(self) -> None:
        self.broken = True
        self.calls: Counter[str] = Counter()

    def table(self) -> Mapping[str, object]:
        """Return the handlers."""
        return {"service": self.service, "time-out": self.time_out, "constraint": self.constraint}

    def service(self, context: HandlerContext) -> dict[str, object]:
        """Answer as a service that has an accident."""
        self.calls[context.instance_id] += 1
        if self.broken:
            raise RuntimeError("500 Internal Server Error")
        return {"done": True}

    def time_out(self, context: HandlerContext) -> dict[str, object]:
        """Answer as a service that never answers."""
        self.calls[context.instance_id] += 1
        if self.broken:
            raise TimeoutError("no answer within 30 s")
        return {"done": True}

    def constraint(self, context: HandlerContext) -> dict[str, object]:
        """Write a row that the database refuses, after one that it takes: both must be undone."""
        self.calls[context.instance_id] += 1
        if self.broken:
            insert = text("INSERT INTO bpm_command (key, digest, at) VALUES (:key, 'd', CURRENT_TIMESTAMP)")
            context.session.execute(insert, {"key": f"half:{context.instance_id}"})
            context.session.execute(insert, {"key": f"half:{context.instance_id}"})
        return {"done": True}


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Fail, wait as long as is documented, repair, try again, on each store."""
    outcome = Outcome(f"{size.failures} failures beside {size.healthy} others × {len(STORES)} stores", "")
    figures = []
    for number, store in enumerate(STORES):
        url = place.database(store, f"r15-{store}")
        figures.append(f"{store}: {_fail_and_repair(url, size, Random(seed), outcome, store)}")
        tell(number + 1, len(STORES))
    outcome.figure = "; ".join(figures)
    return outcome


def _fail_and_repair(url: str, size: Size, random: Random, outcome: Outcome, store: str) -> str:
    outside = Outside()
    config = replace(EngineConfig(), job_retries=3)
    driver = Driver(url, clock=ManualClock(), ports=Ports(handlers=outside.table()), config=config)  # type: ignore[arg-type]
    for kind in _FAULTS:
        begun = process(f"soak_{kind.replace('-', '_')}").start().user_task("go")
        step = begun.script("step", "= if n > 0 then n else assert(n, false)", "m") if kind == "expression" else None
        (step or begun.service_task("step", kind)).user_task("after").end()
        driver.deploy(begun)
    driver.deploy(process("soak_healthy").start().user_task("go").user_task("after").end())
    failing = [driver.start(f"soak_{kind.replace('-', '_')}", {"n": 0}).id for kind in _kinds(size, random)]
    healthy = [driver.start("soak_healthy").id for _ in range(size.healthy)]
    for one in (*failing, *healthy):
        driver.complete("go", instance=one)
    outcome.expect(all(driver.open(one) == ["after"] for one in healthy), f"{store}: a healthy run was held up")

    pauses = _wait_for_incidents(driver, config, outcome, store)
    incidents = _incidents(driver)
    outcome.expect(
        Counter(one.instance_id for one in incidents) == Counter(failing),
        f"{store}: {len(failing)} runs failed, but {len(incidents)} incidents are open",
    )
    halves = "SELECT count(*) FROM bpm_command WHERE key LIKE 'half:%'"
    with driver.engine.reading() as read:
        left = read.session.execute(text(halves)).scalar_one()
    outcome.expect(left == 0, f"{store}: {left} rows of handlers that failed remained")

    outside.broken = False
    for incident in incidents:
        if incident.code == "expression_error":
            assert incident.instance_id is not None
            driver.engine.set_variables(incident.instance_id, {"n": 1}, reason="แก้ไข", actor=_ADMINISTRATOR)
        if driver.engine.incidents(instance_id=incident.instance_id):
            driver.engine.retry_incident(incident.id, _ADMINISTRATOR)
    driver.engine.run_due()
    stuck = [one for one in failing if driver.open(one) != ["after"]]
    outcome.expect(not stuck, f"{store}: {len(stuck)} runs did not go on after the repair")
    done = [driver.complete("after", instance=one).id for one in (*failing, *healthy)]
    states = Counter(driver.state(one) for one in (*failing, *healthy))
    outcome.expect(set(states) == {"completed"}, f"{store}: {dict(states)}")
    outcome.note(f"{store}: {fault}" for fault in examine(driver.engine, done).faults())
    driver.close()
    return (
        f"{len(incidents)} incidents from {len(failing)} failures, {len(failing) - len(stuck)} went on after the repair,"
        f" pauses of {min(pauses):.0f} to {max(pauses):.0f} s"
    )


def _kinds(size: Size, random: Random) -> list[str]:
    kinds = [_FAULTS[number % len(_FAULTS)] for number in range(size.failures)]
    random.shuffle(kinds)
    return kinds


def _wait_for_incidents(driver: Driver, config: EngineConfig, outcome: Outcome, store: str) -> list[float]:
    """Let time pass from one attempt to the next; each pause is the one that is documented, with at most its jitter."""
    pauses: list[float] = []
    for attempt in range(config.job_retries):
        now = driver.clock.now()
        with driver.engine.reading() as read:
            statement = text("SELECT due_at FROM bpm_job WHERE state = :waiting AND attempts = :attempt")
            rows = read.session.execute(statement, {"waiting": str(JobState.WAITING), "attempt": attempt + 1}).scalars()
            found = [(_moment(due) - now).total_seconds() for due in rows]
        shortest = min(config.retry_base * 4**attempt, config.retry_longest).total_seconds()
        wrong = [pause for pause in found if not shortest - 1 <= pause <= shortest * _QUARTER + 1]
        outcome.expect(not wrong, f"{store}: pauses of {wrong[:3]} s after attempt {attempt + 1}, not {shortest} s")
        pauses += found
        driver.clock.advance(seconds=shortest * _QUARTER + 1)
        driver.engine.run_due()
    outcome.expect(bool(pauses), f"{store}: nothing was ever tried again")
    return pauses or [0.0]


def _moment(value: str | dt.datetime) -> dt.datetime:
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _incidents(driver: Driver) -> list[Incident]:
    return driver.engine.incidents(limit=1_000)
