"""People who open, take and finish tasks as fast as they are answered."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.soak.harness.browser import Answer, Browser, LineBroke


@dataclass
class Tally:
    """What came of it."""

    completions: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)  # of each completion's last request, in seconds
    machines: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Completions a second."""
        return self.completions / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """Return a quantile of the last request's time in milliseconds."""
        ordered = sorted(self.times) or [0.0]
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Drive:
    """Several people, each with a share of the tasks; `wait` lets them end theirs."""

    def __init__(self, browsers: Sequence[Browser], tasks: Sequence[str]) -> None:
        self.tally = Tally()
        self._lock = threading.Lock()
        count = len(browsers)
        self._people = [
            threading.Thread(target=self._work, args=(browser, tasks[number::count]))
            for number, browser in enumerate(browsers)
        ]
        self._begun = time.perf_counter()
        for person in self._people:
            person.start()

    def wait(self) -> Tally:
        """Wait until all tasks are done."""
        for person in self._people:
            person.join()
        self.tally.seconds = time.perf_counter() - self._begun
        return self.tally

    def _work(self, browser: Browser, tasks: Sequence[str]) -> None:
        for task in tasks:
            try:
                self._one(browser, task)
            except LineBroke as error:
                with self._lock:
                    self.tally.faults.append(str(error))
        browser.close()

    def _one(self, browser: Browser, task: str) -> None:
        self._expect(browser.get(f"/tasks/{task}"), HTTPStatus.OK)
        self._expect(browser.post(f"/tasks/{task}/claim"), HTTPStatus.SEE_OTHER)
        begun = time.perf_counter()
        form = {"v:note": f"ทำแล้ว {task}", "once": secrets.token_urlsafe(16)}
        done = self._expect(browser.post(f"/tasks/{task}/complete", form), HTTPStatus.SEE_OTHER)
        took = time.perf_counter() - begun
        with self._lock:
            self.tally.completions += done
            self.tally.times.append(took)

    def _expect(self, answer: Answer, status: HTTPStatus) -> bool:
        lost = answer.status == HTTPStatus.SEE_OTHER and "/sign-in" in answer.location
        with self._lock:
            self.tally.machines[answer.headers.get("x-machine", "")] += 1
            if answer.status != status or lost:
                self.tally.faults.append(f"an answer {answer.status} {answer.location}: {answer.text[:200]}")
        return answer.status == status and not lost
