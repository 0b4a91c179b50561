"""R2: two workers at the same timers, eight people at the same tasks: each thing happens exactly once, losers are told."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from engine import SystemClock
from tests.soak.harness.browser import Browser
from tests.soak.harness.diagrams import alarm, one_step, provinces
from tests.soak.harness.load import improper
from tests.soak.harness.numbers import rows
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.soak.harness.site import Site, wait_for
from tests.soak.harness.staff import PLANNERS
from workflows.install import open_engine

WHAT = "two workers, two schedulers, rival people"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done on each store."""

    timers: int
    timer_rounds: int
    claims: int
    units: int
    rounds: int
    people: int = 8


FULL = Size(timers=500, timer_rounds=10, claims=300, units=76, rounds=20)
SHORT = Size(timers=40, timer_rounds=1, claims=12, units=12, rounds=1)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Let rivals at the same work, on each store."""
    outcome = Outcome(
        f"{size.timers} timers × {size.timer_rounds}, {size.claims} claims by {size.people},"
        f" {size.units} units × {size.rounds} by {size.people}, on {len(STORES)} stores",
        "",
    )
    figures = []
    steps = size.timer_rounds + 1 + size.rounds
    for number, store in enumerate(STORES):
        url = place.database(store, f"r2-{store}")

        def told(done: int, before: int = number * steps) -> None:
            tell(before + done, len(STORES) * steps)

        with Site(url, place.home(f"r2-{store}")) as site:
            rivals = Rivals(site, size, outcome, store)
            site.serve()
            site.work(2)
            site.wait_until_it_answers()
            rivals.timers(told)
            browsers = site.signed_in(*PLANNERS[: size.people])
            rivals.claims(browsers)
            told(size.timer_rounds + 1)
            rivals.joins(browsers, told)
            outcome.note(f"{store}: {line}" for line in site.complaints())
        engine = open_engine(url)
        verdict = examine(engine, rivals.acknowledged)
        engine.close()
        outcome.note(f"{store}: {fault}" for fault in verdict.faults())
        figures.append(
            f"{store}: {rivals.fired} timers fired once, all {size.timers} within {rivals.slowest:.1f} s of their moment;"
            f" answers {dict(sorted(rivals.answers.items()))}"
        )
    outcome.figure = "; ".join(figures)
    return outcome


class Rivals:
    """The rivalries of one installation."""

    def __init__(self, site: Site, size: Size, outcome: Outcome, store: str) -> None:
        self.site = site
        self.size = size
        self.outcome = outcome
        self.store = store
        self.answers: Counter[int] = Counter()
        self.acknowledged: list[str] = []
        self.fired = 0
        self.slowest = 0.0
        self._lock = threading.Lock()

    def timers(self, told: Callable[[int], None]) -> None:
        """Let two workers fire what falls due at one moment."""
        engine = open_engine(self.site.url)
        engine.deploy(alarm())
        for number in range(self.size.timer_rounds):
            at = SystemClock().now() + dt.timedelta(seconds=4)
            with engine.unit_of_work() as uow:
                for one in range(self.size.timers):
                    uow.instances.start("soak_alarm", {"at": at}, f"alarm:{number}:{one}")
            due = "SELECT count(*) FROM bpm_job WHERE kind = 'timer' AND state <> 'done'"
            wait_for(lambda due=due: rows(self.site.url, due)[0][0] == 0, "all timers", 240)
            self.slowest = max(self.slowest, (SystemClock().now() - at).total_seconds())
            told(number + 1)
        engine.close()
        fired = "SELECT count(*) FROM bpm_history WHERE kind = 'timer_fired' GROUP BY instance_id"
        times = Counter(row[0] for row in rows(self.site.url, fired))
        self.fired = times[1]
        expected = self.size.timers * self.size.timer_rounds
        self.outcome.expect(
            dict(times) == {1: expected}, f"{self.store}: {expected} timers fired as often as {dict(times)}"
        )

    def claims(self, browsers: Sequence[Browser]) -> None:
        """Let everybody take the same tasks: one gets each, the others are told."""
        tasks = self._start(one_step(), "soak_one", {}, self.size.claims)
        won: Counter[str] = Counter()

        def take(browser: Browser) -> None:
            for task in tasks:
                if self._post(browser, f"/tasks/{task}/claim", {}) == HTTPStatus.SEE_OTHER:
                    with self._lock:
                        won[task] += 1

        _together(take, browsers)
        self.outcome.expect(
            len(won) == len(tasks) and set(won.values()) == {1},
            f"{self.store}: {len(tasks)} tasks were taken {Counter(won.values())} times, {len(tasks) - len(won)} never",
        )
        taken = "SELECT count(*) FROM bpm_history WHERE kind = 'task_claimed' GROUP BY instance_id"
        self.outcome.expect(
            {row[0] for row in rows(self.site.url, taken)} == {1}, f"{self.store}: a claim was written twice"
        )

    def joins(self, browsers: Sequence[Browser], told: Callable[[int], None]) -> None:
        """Let everybody finish the same units of the same run: the join opens once."""
        units = [f"unit {number}" for number in range(self.size.units)]
        for number in range(self.size.rounds):
            tasks = self._start(provinces(), "soak_provinces", {"units": units}, 1)

            def finish(browser: Browser, tasks: Sequence[str] = tasks) -> None:
                # Each begins at a place of its own, and all come round: every unit has rivals.
                first = browsers.index(browser) * len(tasks) // len(browsers)
                for task in [*tasks[first:], *tasks[:first]][: 2 * len(tasks) // len(browsers) + 1]:
                    form = {"v:note": browser.person, "once": f"{browser.person}-{task}"}
                    if self._post(browser, f"/tasks/{task}/complete", form) == HTTPStatus.SEE_OTHER:
                        with self._lock:
                            self.acknowledged.append(task)

            _together(finish, browsers)
            told(self.size.timer_rounds + 1 + number + 1)
        merged = "SELECT count(*) FROM bpm_task WHERE element_id = 'merge' GROUP BY instance_id"
        found = [row[0] for row in rows(self.site.url, merged)]
        self.outcome.expect(found == [1] * self.size.rounds, f"{self.store}: the join opened {found} times")

    def _start(self, files: dict[str, bytes], key: str, variables: dict[str, object], count: int) -> list[str]:
        engine = open_engine(self.site.url)
        engine.deploy(files)
        with engine.unit_of_work() as uow:
            runs = [uow.instances.start(key, variables).id for _ in range(count)]
        tasks = [task.id for one in runs for task in engine.tasks(instance_id=one, limit=1_000)]
        engine.close()
        return tasks

    def _post(self, browser: Browser, path: str, form: dict[str, str]) -> int:
        answer = browser.post(path, form)
        with self._lock:
            self.answers[answer.status] += 1
            if fault := improper(answer):
                self.outcome.faults.append(f"{self.store}: {path}: {fault}")
        return answer.status


def _together(act: Callable[[Browser], None], browsers: Sequence[Browser]) -> None:
    with ThreadPoolExecutor(len(browsers)) as pool:
        list(pool.map(act, browsers))  # what breaks in one of them breaks the plan
