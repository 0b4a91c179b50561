"""Errors as pages: what happened, what is safe, what to do; and the headers that every answer has."""

from __future__ import annotations

import pytest

import web.composition
from engine import DatabaseUnavailable
from tests.support.web import Office
from web.access import UndeclaredAccess, access_of


def test_an_unknown_page_is_told_in_thai(office: Office) -> None:
    answer = office.browser("somchai").get("/nowhere")

    assert answer.status_code == 404
    assert "ไม่พบหน้านี้" in answer.text
    assert "สิ่งที่ควรทำ" in answer.text


def test_a_database_that_is_away_is_a_503_that_says_when_to_try_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object, **_options: object) -> None:
        raise DatabaseUnavailable

    browser = office.browser("somchai")
    monkeypatch.setattr(office.engine, "reading", away)

    answer = browser.get("/tasks")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "ฐานข้อมูลไม่ตอบสนอง" in answer.text


@pytest.mark.parametrize(
    ("reason", "said"), [("disk_full", "เนื้อที่จัดเก็บข้อมูลเต็ม"), ("read_only", "ขณะนี้อ่านข้อมูลได้ แต่บันทึกไม่ได้")]
)
def test_a_disk_that_takes_nothing_is_told_as_that(
    office: Office, monkeypatch: pytest.MonkeyPatch, reason: str, said: str
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise DatabaseUnavailable(reason=reason)

    task = office.taken()
    browser = office.browser("somchai")
    monkeypatch.setattr(office.engine, "unit_of_work", full)

    answer = browser.post(f"/tasks/{task.id}/release")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert said in answer.text


def test_an_accident_shows_a_reference_and_no_trace(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("web.tasks.views.read_inbox", broken)

    answer = office.browser("somchai").get("/tasks", headers={"X-Request-ID": "reference-1"})

    assert answer.status_code == 500
    assert "reference-1" in answer.text
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_machine_is_told_as_a_problem_document(office: Office) -> None:
    answer = office.browser("somchai").get("/nowhere", headers={"Accept": "application/json"})

    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 404


def test_every_answer_has_the_strict_headers(office: Office) -> None:
    for path in ("/sign-in", "/nowhere", "/healthz"):
        headers = office.browser().get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_every_route_of_the_application_declares_its_access(office: Office) -> None:
    rules = {rule.endpoint for rule in office.app.url_map.iter_rules()}

    assert {access_of(office.app, endpoint).kind for endpoint in rules} <= {"public", "signed_in", "role"}
    assert issubclass(UndeclaredAccess, Exception)


def test_health_follows_the_database(office: Office) -> None:
    assert office.browser().get("/healthz").status_code == 200


def test_a_form_that_cannot_be_evaluated_answers_null(office: Office) -> None:
    with office.app.app_context():
        assert web.composition.evaluate("1 +", {}) is None
