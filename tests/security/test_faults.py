"""An accident in any view, template or statement is a page of the house with a reference: no secret, trace or person leaks.

Logs keep kinds and frames under the same reference, never what an exception says: that quotes what people typed.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import structlog
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.test import TestResponse

from tests.support.bpmn import process
from tests.support.drafting import open_drafting, prepare_drafting
from tests.support.driver import Driver
from tests.support.product import Product
from tests.support.web import Browser
from web.access import DECLARATION, Access, Kind
from web.config import Settings
from web.log_setup import configure_logging

NAME, CARD, TYPED = "นางสาวบัวตอง ใจเย็น", "1-5099-00123-45-6", "บันทึกลับของกองแผน"
SECRET = "k" * 40  # of tests.support.product
STATEMENT = "SELECT password_hash FROM web_account WHERE login = 'buatong'"
CANARIES = (NAME, CARD, TYPED, SECRET, "password_hash", "buatong")
SAID = f"{NAME} {CARD} {TYPED} {SECRET} {STATEMENT}"
TRACES = re.compile(r"Traceback|site-packages|\.py\b|line \d+, in|sqlalchemy|psycopg|sqlite3|SELECT |RuntimeError")
ACCEPTS = {"page": {"Accept": "text/html"}, "part": {"HX-Request": "true"}, "machine": {"Accept": "application/json"}}


class Accident(RuntimeError):
    """What must never be read by anybody."""

    def __init__(self) -> None:
        super().__init__(SAID)


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which Lampang drafts its plan."""
    return prepare_drafting(sqlite_template, tmp_path_factory.mktemp("faults"))


@pytest.fixture
def product(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    """A copy of it."""
    product = open_drafting(prepared, tmp_path)
    yield product
    product.close()


@pytest.fixture(params=["json", "text"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the product writes to its log, in each of its forms."""
    stream = io.StringIO()
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    configure_logging(Settings(log_format=request.param), stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], root.level = kept


@pytest.fixture
def planner(product: Product) -> Browser:
    """Who drafts the plan of Lampang."""
    browser = Browser(product.app.test_client())
    with product.engine.reading():
        person = product.holder("province_strategy@TH-52").actor.id
    assert browser.post("/demo/switch", {"person": person, "capacity": ""}).status_code == 303
    return browser


def _is_clean(answer: TestResponse, *, status: int) -> str:
    """Check an answer; returns its reference."""
    reference = answer.headers["X-Request-ID"]
    told = answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    assert answer.status_code == status, answer.text[:500]
    assert reference in answer.text
    assert not [canary for canary in CANARIES if canary in told]
    assert not TRACES.search(told), TRACES.search(told)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    return reference


def _words_of(answer: TestResponse) -> str:
    if answer.mimetype == "application/problem+json":
        assert set(answer.json or {}) == {"type", "status", "title", "detail", "reference"}
        return str((answer.json or {})["title"])
    return answer.text


def _requests(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and an address for everything that can be asked."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values: dict[str, Any] = dict.fromkeys(rule.arguments, "1")
            values |= {"act": "suspend"} if "act" in rule.arguments else {}
            for name, converter in rule._converters.items():
                if type(converter).__name__ == "IntegerConverter":
                    values[name] = 1
            built = app.url_map.bind("localhost").build(rule.endpoint, values, method=None)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, built


def _break_views(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every view fail, whoever asks."""

    def broken(**_arguments: object) -> str:
        raise Accident

    setattr(broken, DECLARATION, Access(Kind.PUBLIC))
    monkeypatch.setattr(app, "view_functions", dict.fromkeys(app.view_functions, broken))


def _log_is_clean(text: str) -> None:
    assert not [canary for canary in CANARIES if canary in text]


def test_an_accident_in_any_view_is_told_by_a_page_of_the_house(
    product: Product, planner: Browser, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    product.app.config["WTF_CSRF_ENABLED"] = False  # the token would be refused before the view
    asked = list(_requests(product.app))
    _break_views(product.app, monkeypatch)

    references = []
    for _endpoint, method, address in asked:
        for headers in ACCEPTS.values():
            answer = planner.client.open(address, method=method, headers=headers)
            references.append(_is_clean(answer, status=500))
            assert "เกิดข้อผิดพลาดในระบบ" in _words_of(answer)

    log = written.getvalue()
    assert len(asked) > 50
    assert log.count("request_failed") == len(references)
    assert all(reference in log for reference in references)
    assert "test_faults.py" in log, "the frames are kept"
    _log_is_clean(log)


def _pages(browser: Browser, most: int = 30) -> list[str]:
    """Follow the links of the pages; return the addresses of those that open."""
    found: dict[str, None] = {
        "/tasks": None,
        "/plans": None,
        "/cycles": None,
        "/notifications": None,
        "/sessions": None,
    }
    todo, opened = list(found), []
    while todo and len(opened) < most:
        address = todo.pop(0)
        answer = browser.get(address)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        opened.append(address)
        for link in re.findall(r'href="(/[^"#]*)"', answer.text):
            place = link.replace("&amp;", "&")
            pattern = re.sub(r"\d+", "0", place.partition("?")[0])
            if pattern not in found and not place.startswith("/static"):
                found[pattern] = None
                todo.append(place)
    return opened


def test_an_accident_in_any_template_is_told_by_a_page_of_the_house(
    planner: Browser, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = _pages(planner)
    whole = jinja2.Template.render

    def broken(template: jinja2.Template, *arguments: Any, **values: Any) -> str:
        if template.name != "error.html":
            raise Accident
        return whole(template, *arguments, **values)

    monkeypatch.setattr(jinja2.Template, "render", broken)

    for address in addresses:
        _is_clean(planner.get(address), status=500)
    assert len(addresses) >= 10
    _log_is_clean(written.getvalue())


def test_even_without_any_template_there_is_a_page_with_the_reference(
    planner: Browser, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_values: object) -> str:
        raise Accident

    monkeypatch.setattr(jinja2.Template, "render", broken)

    answer = planner.get("/tasks")

    _is_clean(answer, status=500)
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "error_page_failed" in written.getvalue()
    _log_is_clean(written.getvalue())


def _failing(kind: type[Exception]) -> Exception:
    parameters = {"name": NAME, "card": CARD}
    if kind is Accident:
        return Accident()
    return kind(STATEMENT, parameters, ValueError(SAID))  # type: ignore[call-arg]


@pytest.mark.parametrize(("kind", "status"), [(Accident, 500), (ProgrammingError, 500), (OperationalError, 503)])
def test_an_accident_in_any_statement_is_told_by_a_page_of_the_house(
    product: Product, planner: Browser, written: io.StringIO, kind: type[Exception], status: int
) -> None:
    addresses = _pages(planner, most=16)
    seen: list[int] = []
    breaks_at = [0]

    def count(*_arguments: object) -> None:
        seen.append(1)
        if len(seen) == breaks_at[0]:
            raise _failing(kind)

    event.listen(_database(product), "before_cursor_execute", count)
    for address in addresses:
        breaks_at[0] = 0
        seen.clear()
        planner.get(address)
        for at in {1, len(seen) // 2, len(seen)} - {0}:
            seen.clear()
            breaks_at[0] = at
            answer = planner.get(address)
            if len(seen) >= at:  # a busy page may need fewer statements the second time
                _is_clean(answer, status=status)
    event.remove(_database(product), "before_cursor_execute", count)
    _log_is_clean(written.getvalue())


def _database(product: Product) -> Any:
    return product.engine._database.engine


def test_what_a_command_refuses_quotes_nothing(planner: Browser, product: Product, written: io.StringIO) -> None:
    task = product.engine.tasks(element_id="draft")[0]

    for address in (f"/tasks/{task.id}/complete", f"/tasks/{task.id}/draft", "/tasks/999999/complete"):
        answer = planner.post(address, {"substance_changed": TYPED, "title": f"{NAME} {CARD}"})
        assert answer.status_code < 500
    _log_is_clean(written.getvalue())


def test_a_failed_job_writes_no_values_into_the_log(prepared: Path, tmp_path: Path, written: io.StringIO) -> None:
    def broken(_context: object) -> dict[str, object]:
        raise Accident

    driver = Driver("sqlite://").plug(handlers={"act": broken})
    case = process("p").start().parallel("split").service_task("a", "act").end("e1")
    driver.deploy(case.at("split").script("s", "= date(typed)", "x").end("e2").at("split").user_task("u").end("e3"))
    driver.start("p", {"typed": TYPED})
    driver.pass_time(days=1)
    driver.close()

    assert "job_failed" in written.getvalue()
    _log_is_clean(written.getvalue())


def test_an_incident_quotes_no_statement(written: io.StringIO) -> None:
    def broken(_context: object) -> dict[str, object]:
        raise _failing(ProgrammingError)

    driver = Driver("sqlite://").plug(handlers={"act": broken})
    driver.deploy(process("p").start().service_task("a", "act", retries="1").end())
    run = driver.start("p")

    (incident,) = driver.engine.incidents()
    told = incident.message + json.dumps([str(entry.details) for entry in driver.engine.history(run.id)])
    driver.close()
    assert incident.message == "ProgrammingError"
    _log_is_clean(told)


def test_each_line_of_the_log_is_one_object_with_its_reference(
    product: Product, planner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    kept = logging.getLogger().handlers[:]
    configure_logging(Settings(log_format="json"), stream)
    _break_views(product.app, monkeypatch)

    answer = planner.get("/tasks")

    structlog.reset_defaults()
    logging.getLogger().handlers[:] = kept
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    (failed,) = [line for line in lines if line["event"] == "request_failed"]
    assert failed["request_id"] == answer.headers["X-Request-ID"]
    assert failed["exception"].startswith("tests.security.test_faults.Accident")
    assert " in broken" in failed["exception"]
