"""Several people at their browsers at once, completing tasks on a server; what it took them and the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from statistics import fmean

from web.bench.completion import COMMENT
from web.bench.served import Browser, NotServed, Server
from web.bench.timing import percentile


@dataclass(slots=True)
class Client:
    """Somebody with a session, and the tasks that are still to be done in its name."""

    browser: Browser
    tasks: list[str]


@dataclass(slots=True)
class Side:
    """One application under measurement.

    `steps` gives the clients with their tasks, step by step: the tasks of one are there once the step before is done.
    """

    server: Server
    steps: Sequence[Callable[[], list[Client]]]
    seconds: float = 0
    answers: list[float] = field(default_factory=list)  # ms
    cpu: float = 0  # ms, of the server

    @property
    def rate(self) -> float:
        """Completions a second."""
        return len(self.answers) / self.seconds

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 answers stay below."""
        return percentile(self.answers, 0.95)

    @property
    def cpu_each(self) -> float:
        """Milliseconds of the server's processor time for a completion."""
        return self.cpu / len(self.answers)

    @property
    def mean(self) -> float:
        """Milliseconds of an answer."""
        return fmean(self.answers)

    def work(self, clients: Sequence[Client], count: int, *, counts: bool = True) -> None:
        """Let all clients complete so many tasks each at once; what does not count warms up."""
        with ThreadPoolExecutor(len(clients)) as people:
            began, used = time.perf_counter(), self.server.cpu()
            work = [people.submit(_complete, client, count) for client in clients]
            answers = [answer for one in work for answer in one.result()]
            seconds, cpu = time.perf_counter() - began, self.server.cpu() - used
        if counts:
            self.seconds += seconds
            self.cpu += cpu / 1e6
            self.answers += answers


def take_turns(sides: Sequence[Side], *, slice_of: int, warm_up: int) -> None:
    """Work every step of all sides off, a slice of each in turn."""
    for step in range(len(sides[0].steps)):
        working = [(side, side.steps[step]()) for side in sides]
        for side, clients in working:
            side.work(clients, warm_up, counts=False)
        while any(client.tasks for _side, clients in working for client in clients):
            for side, clients in working:
                side.work(clients, slice_of)


def _complete(client: Client, count: int) -> list[float]:
    """Complete so many tasks and return how long each answer took."""
    answers: list[float] = []
    for _ in range(min(count, len(client.tasks))):
        task = client.tasks.pop()
        began = time.perf_counter_ns()
        complete(client.browser, task)
        answers.append((time.perf_counter_ns() - began) / 1e6)
    return answers


def complete(browser: Browser, task: str) -> None:
    """Send a task's form as its page does.

    The session stays as it was: no page is opened that would show the message, so that messages would pile up in it.

    Raises:
        NotServed: It was not taken.
    """
    cookies = dict(browser.cookies)
    answer = browser.post(f"/tasks/{task}/complete", {"v:comment": COMMENT, "v:approved": "1", "once": task})
    browser.cookies = cookies
    if answer.status != HTTPStatus.SEE_OTHER:
        raise NotServed(f"Expected task {task} to be completed, but the answer was {answer.status}.")
