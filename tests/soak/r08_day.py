"""R8: a day of an office, again and again, under a simulated clock: nothing grows, nothing slows down, nothing is lost."""

from __future__ import annotations

import datetime as dt
import gc
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from random import Random

import psutil
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import ProcessEngine
from tests.soak.harness.diagrams import alarm, one_step, rework
from tests.soak.harness.numbers import quantile
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.soak.harness.staff import ADMINISTRATORS, PASSWORD, PLANNERS
from tests.support.clock import ManualClock
from web import create_app
from web.config import Settings
from web.directory import OrganizationDirectory
from workflows.install import open_engine

WHAT = "soak under a simulated clock"
_MORNING = dt.datetime(2027, 1, 4, 1, 30, tzinfo=dt.UTC)  # 08:30 on a Monday in Thailand
_MOST_GROWTH = 10 * 1024 * 1024
_MOST_WAL = 64 * 1024 * 1024
_MOST_SLOWER = 1.3


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    completions: int
    timers: int
    uploads: int
    loops: int
    judges_growth: bool = True


FULL = Size(completions=20_000, timers=2_000, uploads=100, loops=50)
SHORT = Size(completions=200, timers=40, uploads=2, loops=4, judges_growth=False)


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Let the office work through its days in one process, through the pages, and measure."""
    outcome = Outcome(
        f"{size.completions} completions, {size.timers} timers, {size.uploads} uploads, {size.loops} rework loops", ""
    )
    url = place.database("sqlite", "r8")
    day = Day(url, place.home("r8"), size, Random(seed), outcome)
    day.work(lambda done: tell(done, size.completions))
    verdict = examine(day.engine, day.done)
    day.engine.close()
    outcome.note(verdict.faults())
    tenth = max(1, len(day.times) // 10)
    # The first tenth warms caches up; the second is the yardstick.
    first, last = quantile(day.times[tenth : 2 * tenth], 0.95), quantile(day.times[-tenth:], 0.95)
    growth = day.memory[-1] - day.memory[len(day.memory) // 5]
    handles = day.handles[-1] - day.handles[len(day.handles) // 5]
    wal = max(day.wal, default=0)
    if size.judges_growth:
        outcome.expect(growth <= _MOST_GROWTH, f"memory grew by {growth / 1e6:.1f} MB after warm-up")
        outcome.expect(handles <= 0, f"{handles} more files are open than after warm-up")
        outcome.expect(
            last <= _MOST_SLOWER * first, f"p95 went from {first * 1e3:.1f} to {last * 1e3:.1f} ms of processor time"
        )
    outcome.expect(wal <= _MOST_WAL, f"the write-ahead log reached {wal / 1e6:.0f} MB")
    outcome.expect(day.fired == size.timers, f"{day.fired} of {size.timers} timers fired")
    outcome.figure = (
        f"{len(day.done)} completions, {day.fired} timers; memory {growth / 1e6:+.1f} MB after warm-up"
        f" ({day.memory[-1] / 1e6:.0f} MB), open files {handles:+d}; p95 {first * 1e3:.1f} → {last * 1e3:.1f} ms of processor time;"
        f" write-ahead log at most {wal / 1e6:.0f} MB; {verdict.violations} violations"
    )
    return outcome


class Day:
    """An office in this process: people through the pages, a worker beside them, a clock that runs ahead."""

    def __init__(self, url: str, home: Path, size: Size, random: Random, outcome: Outcome) -> None:
        self.clock = ManualClock(_MORNING)
        self.engine: ProcessEngine = open_engine(url, clock=self.clock)
        self.size = size
        self.random = random
        self.outcome = outcome
        self.done: list[str] = []
        self.times: list[float] = []
        self.memory: list[int] = []
        self.handles: list[int] = []
        self.wal: list[int] = []
        self.fired = 0
        self._log = Path(f"{url.removeprefix('sqlite:///')}-wal")
        settings = Settings(database_url=url, data_dir=home, secret_key="k" * 40)
        self._app = create_app(settings, engine=self.engine, people=OrganizationDirectory())
        self._process = psutil.Process()
        self.engine.deploy(rework())
        self.engine.deploy(alarm())
        for number in range(size.loops):
            self.engine.start("soak_rework", {"n": 0, "rounds": 1_000_000}, f"loop:{number}")

    def work(self, told: Callable[[int], None]) -> None:
        """Work until enough is done; an hour has as much work as that hour of a working day has."""
        people = [self._signed_in(person) for person in PLANNERS[:4]]
        every = max(20, self.size.completions // 100)
        alarms = max(1, self.size.completions // self.size.timers)
        uploads = max(1, self.size.completions // self.size.uploads)
        started = sent = 0
        while len(self.done) < self.size.completions:
            number = len(self.done)
            if started < self.size.timers and number >= started * alarms:
                started += 1
                at = self.clock.now() + dt.timedelta(minutes=self.random.randrange(1, 600))
                self.engine.start("soak_alarm", {"at": at}, f"alarm:{started}")
            if sent < self.size.uploads and number >= sent * uploads:
                sent += 1
                self._upload(sent)
            at_work = self.random.randrange(len(people))
            if not self._finish_one(people[at_work]):
                people[at_work] = self._signed_in(PLANNERS[at_work])  # the session ended over night, or while idle
            self._pass_time(number)
            if number % every == 0:
                self._measure()
                told(number)
        self.clock.advance(days=2)
        self.engine.run_due()
        self._measure()
        self.fired = self._count_fired()

    def _count_fired(self) -> int:
        with self.engine.reading() as read:
            rows = read.session.connection().exec_driver_sql(
                "SELECT count(*) FROM bpm_history WHERE kind = 'timer_fired' AND element_id = 'ring'"
            )
            return int(rows.scalar_one())

    def _finish_one(self, person: Person) -> bool:
        """Take and finish a task; False when the person must sign in first."""
        began = time.process_time()
        if not person.seen:
            page = person.client.get("/tasks?tab=takeable")
            if page.status_code == HTTPStatus.SEE_OTHER:
                return False
            person.seen = [part.split('"')[0] for part in page.text.split('data-task-row="')[1:]]
            self.random.shuffle(person.seen)
        if not person.seen:
            raise RuntimeError("Expected work in the inbox, but there is none.")
        task = person.seen.pop()
        claimed = person.post(f"/tasks/{task}/claim").status_code
        if claimed in (HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT):
            return claimed == HTTPStatus.CONFLICT  # a colleague was faster since the list was opened
        answer = person.post(f"/tasks/{task}/complete", {"v:note": "เรียบร้อย", "once": f"once-{task}"})
        self.outcome.expect(answer.status_code == HTTPStatus.SEE_OTHER, f"an answer {answer.status_code}")
        self.done.append(task)
        self.times.append(time.process_time() - began)
        return True

    def _upload(self, number: int) -> None:
        """Deploy a version: files are sent, read, checked and kept."""
        files = [(io.BytesIO(content), name) for name, content in one_step(f"soak_upload_{number}").items()]
        administrator = self._signed_in(ADMINISTRATORS[0])
        answer = administrator.post("/processes/deploy", {"files": files, "note": f"ฉบับที่ {number}"})
        self.outcome.expect(answer.status_code == HTTPStatus.SEE_OTHER, f"an upload was answered {answer.status_code}")

    def _pass_time(self, number: int) -> None:
        """An office day has its rush at nine and at two; a night passes in one step."""
        local = self.clock.now() + dt.timedelta(hours=7)
        busy = local.hour in (9, 10, 14)
        self.clock.advance(seconds=self.random.randrange(1, 20 if busy else 90))
        if local.hour >= 17:
            self.clock.advance(hours=15)
        if number % 5 == 0:
            self.engine.run_due()

    def _measure(self) -> None:
        gc.collect()
        self.memory.append(self._process.memory_info().rss)
        self.handles.append(self._process.num_fds())
        self.wal.append(self._log.stat().st_size if self._log.exists() else 0)

    def _signed_in(self, name: str) -> Person:
        client = self._app.test_client()
        person = Person(client, _token(client.get("/sign-in").text))
        answer = person.post("/sign-in", {"login": name, "password": PASSWORD})
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
        person.token = _token(client.get("/tasks").text)
        return person


@dataclass
class Person:
    """Somebody with the list open; the token of forms is that of the session."""

    client: FlaskClient
    token: str
    seen: list[str] = field(default_factory=list)

    def post(self, path: str, form: dict[str, object] | None = None) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data={**(form or {}), "csrf_token": self.token})


def _token(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"', maxsplit=1)[0]
