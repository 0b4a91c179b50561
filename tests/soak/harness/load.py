"""People at work: threads that take and finish tasks through the pages, try again when the line breaks, and keep book."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Self

from tests.soak.harness.browser import Answer, Browser, LineBroke

_BREATH = 0.05
_GIVE_UP = 120.0  # seconds during which one submission is tried again and again


@dataclass(slots=True)
class Book:
    """What the people were told."""

    acknowledged: list[str] = field(default_factory=list)  # one entry for each submission answered as done
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    broken_lines: int = 0
    unanswered: int = 0  # submissions that were given up: nobody knows whether they were carried out
    latest: float = 0.0  # monotonic moment of the latest acknowledgement


class People:
    """Several people, each with a thread and a browser; leaving waits for them all."""

    def __init__(self, browsers: Sequence[Browser], *, seed: int, twice: float = 0.15) -> None:
        self.book = Book()
        self._twice = twice  # how often a submission is sent from two windows, as two submissions
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(browser, Random(f"{seed}:{number}")), daemon=True)
            for number, browser in enumerate(browsers)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(_GIVE_UP + 60)
            if thread.is_alive():
                self.book.faults.append("somebody waits for an answer and never gets one")

    def wait_for(self, acknowledgements: int, seconds: float = 120.0) -> None:
        """Wait until so many submissions were acknowledged."""
        end = time.monotonic() + seconds
        while len(self.book.acknowledged) < acknowledgements and time.monotonic() < end and not self.book.faults:
            time.sleep(_BREATH)

    def _work(self, browser: Browser, random: Random) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._once(browser, random)
                except LineBroke:
                    self._note_broken()
        except Exception as error:  # noqa: BLE001 - a thread that dies silently would make every plan pass
            with self._lock:
                self.book.faults.append(f"{browser.person}: {type(error).__name__}: {error}")
        finally:
            browser.close()

    def _once(self, browser: Browser, random: Random) -> None:
        # What is mine first: else what was taken before a fault would lie about.
        mine = browser.task_ids("mine")
        tasks = mine or browser.task_ids("takeable")
        if not tasks:
            time.sleep(_BREATH)
            return
        task = random.choice(tasks)
        if not mine and self._see(browser.post(f"/tasks/{task}/claim")).status != HTTPStatus.SEE_OTHER:
            return
        if random.random() < self._twice:
            window = browser.window()
            other = threading.Thread(target=self._submit, args=(window, task), daemon=True)
            other.start()
            self._submit(browser, task)
            other.join()
            window.close()
            return
        self._submit(browser, task)

    def _submit(self, browser: Browser, task: str) -> None:
        """Finish a task; the same submission is sent again until somebody says what became of it."""
        form = {"v:note": f"ทำแล้ว {task}", "once": secrets.token_urlsafe(16)}
        end = time.monotonic() + _GIVE_UP
        while time.monotonic() < end:
            try:
                answer = self._see(browser.post(f"/tasks/{task}/complete", form))
            except LineBroke:
                self._note_broken()
                time.sleep(_BREATH)
                continue
            if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
                time.sleep(_BREATH)
                continue
            if answer.status == HTTPStatus.SEE_OTHER:
                with self._lock:
                    self.book.acknowledged.append(task)
                    self.book.latest = time.monotonic()
            return
        with self._lock:
            self.book.unanswered += 1

    def _see(self, answer: Answer) -> Answer:
        """Count an answer; one that must never come is a fault."""
        with self._lock:
            self.book.answers[answer.status] += 1
            if fault := improper(answer):
                self.book.faults.append(fault)
        return answer

    def _note_broken(self) -> None:
        with self._lock:
            self.book.broken_lines += 1
        time.sleep(_BREATH)


def improper(answer: Answer) -> str:
    """Say what is wrong with an answer that people at work may never get; empty when it is proper."""
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "" if answer.headers.get("retry-after") else "a 503 without Retry-After"
    if answer.status in (HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN):
        if answer.status == HTTPStatus.SEE_OTHER and "/sign-in" in answer.location:
            return "a session was lost"
        return ""
    return f"an answer {answer.status}: {answer.text[:300]}"
