"""R7: deadlines under a clock that jumps: never early, never twice, what was missed once and in its order; two runs agree."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from engine import ProcessEngine
from tests.soak.harness.diagrams import alarm
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.support.clock import ManualClock
from tests.unit.workflows.test_counting import slow_count
from workflows.calendar import Unit, buddhist_year, fiscal_year
from workflows.calendar.due_dates import DueDates
from workflows.calendar.seed import shipped_holidays
from workflows.install import open_engine
from workflows.organization.geography import areas_or_nation

WHAT = "clock"
_BEGIN = dt.datetime(2027, 12, 27, 2, tzinfo=dt.UTC)  # before a leap day, ends of months and two turns of years
_OFFSET = dt.timedelta(hours=7)  # of Thailand, which never changes its clocks
_UNITS = ("TH-50", "TH-52", "TH-58", "TH-90", "TH-10", "TH")
_JUMPS = (
    dt.timedelta(days=1),
    dt.timedelta(hours=-1),  # somebody set the clock back
    dt.timedelta(days=3),  # nobody was there
    dt.timedelta(minutes=1),
    dt.timedelta(hours=9),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    deadlines: int


FULL = Size(deadlines=10_000)
SHORT = Size(deadlines=120)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due moment as the product works it out."""

    unit: str
    start: dt.datetime
    period: str
    due: dt.datetime


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Work deadlines out and count after them, then let the clock jump over all of them, twice."""
    outcome = Outcome(f"{size.deadlines} deadlines, 2 runs", "")
    first = _play(place, size, seed, outcome, lambda done: tell(done, 2 * size.deadlines))
    second = _play(place, size, seed, outcome, lambda done: tell(size.deadlines + done, 2 * size.deadlines))
    outcome.expect(first == second, "two runs with the same seed fire at different moments")
    late = [fired - due for due, fired in first.values()]
    outcome.expect(min(late) >= dt.timedelta(0), f"a deadline fired {-min(late)} early")
    outcome.expect(len(first) == size.deadlines, f"{len(first)} of {size.deadlines} deadlines fired")
    outcome.figure = (
        f"{len(first)} fired once, earliest {min(late).total_seconds():.0f} s after due, at most"
        f" {max(late).total_seconds() / 3600:.0f} h late (the jumps), in due order; both runs alike"
    )
    return outcome


def _play(
    place: Place, size: Size, seed: int, outcome: Outcome, told: Callable[[int], None]
) -> dict[str, tuple[dt.datetime, dt.datetime]]:
    """Return when each deadline was due and fired."""
    random = Random(seed)
    clock = ManualClock(_BEGIN)
    url = place.database("sqlite", f"r7-{random.random()}")
    engine = open_engine(url, clock=clock)
    engine.deploy(alarm())
    deadlines = _generate(engine, size.deadlines, random, outcome)
    keys: dict[str, Deadline] = {}
    for begin in range(0, len(deadlines), 500):
        with engine.unit_of_work() as uow:
            for deadline in deadlines[begin : begin + 500]:
                keys[uow.instances.start("soak_alarm", {"at": deadline.due}).id] = deadline
    last = max(deadline.due for deadline in deadlines)
    highest = clock.now()
    while highest < last + dt.timedelta(days=1):
        now = clock.set(clock.now() + random.choice(_JUMPS))
        highest = max(highest, now)
        engine.run_due()
        told(min(size.deadlines, int(size.deadlines * ((highest - _BEGIN) / (last - _BEGIN)))))
    fired = _fired(engine, outcome)
    engine.close()
    return {run: (keys[run].due, at) for run, at in fired.items()}


def _generate(engine: ProcessEngine, count: int, random: Random, outcome: Outcome) -> list[Deadline]:
    """Let the product work deadlines out; each is compared with counting on a wall calendar."""
    days = {unit: {day.date for day in shipped_holidays() if day.area in areas_or_nation(unit)} for unit in _UNITS}
    calendar = DueDates(lambda _session, unit: areas_or_nation(unit))
    found: list[Deadline] = []
    with engine.reading() as read:
        for _ in range(count):
            unit, kind = random.choice(_UNITS), random.choice(list(Unit))
            start = _BEGIN + dt.timedelta(seconds=random.randrange(400 * 86_400))
            number = random.randrange(1, 120)
            period = f"{'working-days' if kind is Unit.WORKING else 'calendar-days'}:{number}"
            due = calendar.resolve(read.session, period, now=start, variables={"unit": unit})
            local = (start + _OFFSET).date()
            wanted, _passed = slow_count(local, number, kind, days[unit])
            day = (due + _OFFSET - dt.timedelta(microseconds=1)).date()
            outcome.expect(
                day == wanted and (due + _OFFSET).time() in (dt.time(0), dt.time(23, 59, 59)),
                f"{period} of {unit} from {local}: {due.isoformat()}, but the wall calendar says {wanted}",
            )
            outcome.expect(
                buddhist_year(wanted) == wanted.year + 543, f"{wanted} is in another year of the Buddhist era"
            )
            autumn = dt.date(wanted.year, 10, 1)
            outcome.expect(
                fiscal_year(wanted) == wanted.year + 543 + (wanted >= autumn), f"{wanted} is in another fiscal year"
            )
            found.append(Deadline(unit, start, period, due))
    return found


def _fired(engine: ProcessEngine, outcome: Outcome) -> dict[str, dt.datetime]:
    """Read from the history when each fired; one that fired twice, or out of order with its moment, is a fault."""
    fired: dict[str, dt.datetime] = {}
    order: list[tuple[dt.datetime, dt.datetime]] = []
    for instance in _instances(engine):
        lines = [line for line in engine.history(instance, limit=20) if line.kind == "timer_fired"]
        outcome.expect(len(lines) == 1, f"a deadline fired {len(lines)} times")
        fired[instance] = lines[0].at
        due = lines[0].details["due_at"]
        assert isinstance(due, dt.datetime)
        order.append((lines[0].at, due))
    # What falls due later never fires at an earlier moment, where the clock did not go back between them.
    reached = sorted(order, key=lambda pair: pair[1])
    wrong = sum(later[0] < earlier[0] - dt.timedelta(hours=1) for earlier, later in itertools.pairwise(reached))
    outcome.expect(wrong == 0, f"{wrong} deadlines fired before others that were due earlier")
    return fired


def _instances(engine: ProcessEngine) -> list[str]:
    found: list[str] = []
    after = None
    while page := engine.instances(process_id="soak_alarm", limit=1_000, after=after):
        found += [instance.id for instance in page]
        after = page[-1].id
    return found
