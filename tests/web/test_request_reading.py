"""A request reads in one transaction where it only reads, and leaves none open whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine import ProcessEngine, UnitOfWork
from tests.support.web import Office


class Readings:
    """Counts the readings that are opened and closed."""

    def __init__(self) -> None:
        self.opened = self.closed = 0


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    counted, reading = Readings(), ProcessEngine.reading

    @contextmanager
    def counting(self: ProcessEngine) -> Iterator[UnitOfWork]:
        counted.opened += 1
        try:
            with reading(self) as read:
                yield read
        finally:
            counted.closed += 1

    monkeypatch.setattr(ProcessEngine, "reading", counting)
    return counted


def test_a_page_is_read_in_one_transaction(office: Office, readings: Readings) -> None:
    browser = office.browser("somchai")
    readings.opened = readings.closed = 0
    assert browser.get("/tasks").status_code == 200
    assert (readings.opened, readings.closed) == (1, 1)


@pytest.mark.parametrize("path", ["/tasks/999999", "/rights", "/nowhere", "/sign-in"])
def test_no_reading_is_left_open_by_a_page_that_is_refused(office: Office, readings: Readings, path: str) -> None:
    browser = office.browser("somchai")
    browser.get(path)
    assert readings.opened == readings.closed


def test_what_is_read_after_an_act_shows_the_act(office: Office, readings: Readings) -> None:
    task = office.start()
    browser = office.browser("somchai")
    answer = browser.post(f"/tasks/{task.id}/claim", follow_redirects=True)
    assert readings.opened == readings.closed
    assert f"/tasks/{task.id}/release" in answer.text
