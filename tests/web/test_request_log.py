"""The log: what was asked, by which account, on which instance, how long it took; in one line, and nothing personal."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from tests.support.bpmn import process
from tests.support.web import PEOPLE, Office
from web.config import Settings
from web.log_setup import configure_logging


class Log:
    """What was written so far."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, event: str) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == event]


@pytest.fixture
def log() -> Iterator[Log]:
    """The product's log, in the test's hand; the test runner's own comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = Log()
    configure_logging(Settings(), found.stream)
    yield found
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    office = Office(sqlite_url)
    yield office
    office.close()


def test_a_request_is_one_line_with_its_id_account_instance_and_duration(office: Office, log: Log) -> None:
    task = office.start()

    answer = office.browser("somchai").post(f"/tasks/{task.id}/claim", headers={"X-Request-ID": "proxy-12345678"})

    assert answer.status_code < 400
    assert answer.headers["X-Request-ID"] == "proxy-12345678"
    (line,) = [line for line in log.lines("request_served") if line["request_id"] == "proxy-12345678"]
    assert line["status"] == answer.status_code
    assert line["method"] == "POST"
    assert line["instances"] == [int(task.instance_id)]
    assert isinstance(line["actor"], int)
    assert line["ms"] >= 0


def test_nothing_of_people_or_of_what_they_typed_is_in_it(office: Office, log: Log) -> None:
    task = office.taken()
    browser = office.browser("somchai")
    browser.post("/sign-in", {"login": "somchai", "password": "รหัสผ่านที่ผิด 123"})
    browser.post(f"/tasks/{task.id}/complete", {"title": "ความลับของแผน"})
    browser.get("/plans?q=ความลับของแผน")

    assert log.text
    for personal in ("somchai", "ความลับของแผน", "รหัสผ่านที่ผิด", "csrf", *(name for name, _held in PEOPLE.values())):
        assert personal not in log.text
        assert json.dumps(personal)[1:-1] not in log.text


def test_what_was_not_allowed_is_a_warning(office: Office, log: Log) -> None:
    assert office.browser("somchai").get("/operations").status_code == 403

    (line,) = log.lines("access_denied")
    assert (line["level"], line["endpoint"], line["status"]) == ("warning", "operations.index", 403)
    assert isinstance(line["actor"], int)


@pytest.mark.parametrize("form", ["json", "text"])
def test_nothing_that_was_sent_begins_a_line_of_its_own(log: Log, form: str) -> None:
    configure_logging(Settings(log_format=form), log.stream)

    logging.getLogger("other").warning("asked for %s", "x\n2026 [info] signed_in \x1b[2K\u2028\u202eadmin")
    structlog.get_logger("web").info("asked", what="y\r\nforged\x00")

    lines = log.text.splitlines()
    assert len(lines) == 2
    assert not any(char in log.text for char in "\r\x1b\x00\u2028\u202e")
    assert "forged" in lines[1]


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f g h", "สวัสดีครับผม", 'x"};drop'])
def test_an_id_that_is_none_is_not_taken_over(office: Office, given: str) -> None:
    answer = office.browser().get("/sign-in", headers={"X-Request-ID": given.encode().decode("latin-1")})

    assert answer.headers["X-Request-ID"] != given
    assert answer.headers["X-Request-ID"].isalnum()


def test_a_job_is_one_line_with_its_instance(office: Office, log: Log) -> None:
    office.engine.deploy(process("later").start().catch("wait", timer="PT1H").end().file())
    run = office.engine.start("later")
    office.clock.advance(hours=2)

    assert office.engine.run_due() == 1

    (line,) = log.lines("job_done")
    assert line["instances"] == [int(run.id)]
    assert line["ms"] >= 0
