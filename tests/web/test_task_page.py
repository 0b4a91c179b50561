"""The task page through HTTP: claim, draft, complete, hand over, and two people at once."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from tests.support.web import GOVERNOR, Office

GOOD = {"v:title": "แผนพัฒนาจังหวัดลำปาง", "v:budget": "๑,๒๕๐.50"}


def test_a_task_is_taken_before_it_is_worked_on(office: Office) -> None:
    task = office.start()
    browser = office.browser("somchai")
    before = browser.get(f"/tasks/{task.id}").text
    assert "รับงานนี้" in before
    assert "ส่งร่าง" not in before

    answer = browser.post(f"/tasks/{task.id}/claim", follow_redirects=True)

    assert "รับงานแล้ว" in answer.text
    assert "ส่งร่าง" in answer.text
    assert office.engine.task(task.id).assignee == "somchai"


def test_the_page_shows_form_history_and_where_it_stands(office: Office) -> None:
    task = office.taken()

    page = office.browser("somchai").get(f"/tasks/{task.id}").text

    assert "ร่างแผนของ จังหวัดลำปาง" in page
    assert "ความเป็นมา" in page
    assert f"/tasks/{task.id}/diagram.bpmn" in page
    assert "ยกร่างแผน" in page


def test_completing_hands_over_typed_values_and_tells_what_comes_next(office: Office) -> None:
    task = office.taken()
    parts = {"v:meeting:day": "1", "v:meeting:month": "12", "v:meeting:year": "2569", "v:changed": ""}

    answer = office.browser("somchai").post(f"/tasks/{task.id}/complete", {**GOOD, **parts}, follow_redirects=True)

    assert "เลขอ้างอิง" in answer.text
    assert "พิจารณาแผน (ผู้ว่าราชการจังหวัดลำปาง)" in answer.text
    kept = office.engine.variables(task.instance_id)
    assert kept["title"] == "แผนพัฒนาจังหวัดลำปาง"
    assert kept["budget"] == Decimal("1250.50")
    assert kept["meeting"] == dt.date(2026, 12, 1)
    assert kept["changed"] is False
    assert "why" not in kept


def test_the_next_task_opens_after_finishing(office: Office) -> None:
    first, second = office.taken(due="2026-11-24T16:30:00+07:00"), office.taken(key="plan:2")

    answer = office.browser("somchai").post(f"/tasks/{first.id}/complete", GOOD)

    assert answer.status_code == 303
    assert answer.location == f"/tasks/{second.id}"


def test_from_the_inbox_one_comes_back_to_the_inbox(office: Office) -> None:
    first, second = office.taken(due="2026-11-24T16:30:00+07:00"), office.taken(key="plan:2")

    answer = office.browser("somchai").post(
        f"/tasks/{first.id}/complete", {**GOOD, "back_pane": "1", "back_tab": "mine"}
    )

    assert answer.location == f"/tasks?task={second.id}"


def test_wrong_values_are_shown_again_as_typed_with_a_summary(office: Office) -> None:
    task = office.taken()

    answer = office.browser("somchai").post(f"/tasks/{task.id}/complete", {"v:title": "", "v:budget": "สิบ"})

    assert answer.status_code == 422
    assert "กรอกชื่อแผน" in answer.text
    assert 'value="สิบ"' in answer.text
    assert 'href="#field-3"' in answer.text
    assert office.engine.task(task.id).state == "assigned"


def test_a_condition_hides_a_field_and_asks_for_it(office: Office) -> None:
    task = office.taken()
    browser = office.browser("somchai")

    answer = browser.post(f"/tasks/{task.id}/complete", {**GOOD, "v:changed": "1"})

    assert answer.status_code == 422
    assert "กรอกเปลี่ยนเพราะอะไร" in answer.text


def test_only_declared_fields_are_handed_over(office: Office) -> None:
    task = office.taken()

    office.browser("somchai").post(f"/tasks/{task.id}/complete", {**GOOD, "v:approved": "true", "unit_name": "x"})

    assert "approved" not in office.engine.variables(task.instance_id)
    assert office.engine.variables(task.instance_id)["unit_name"] == "จังหวัดลำปาง"


def test_an_outcome_goes_into_history_with_its_reason(office: Office) -> None:
    task = office.taken()
    office.engine.complete(task.id, {"title": "x"}, "somchai")
    (decide,) = office.engine.tasks(instance_id=task.instance_id)
    office.engine.claim(decide.id, "wichai")
    browser = office.browser("wichai")

    assert browser.post(f"/tasks/{decide.id}/complete", {}).status_code == 422
    assert browser.post(f"/tasks/{decide.id}/complete", {"v:outcome": "return"}).status_code == 422
    browser.post(f"/tasks/{decide.id}/complete", {"v:outcome": "return", "v:comment": "ขอตัวชี้วัดเพิ่ม"})

    done = [entry for entry in office.engine.history(task.instance_id) if entry.kind == "task_completed"][-1]
    assert done.details["outcome"] == "return"
    assert done.details["comment"] == "ขอตัวชี้วัดเพิ่ม"
    assert done.capacity == GOVERNOR


def test_a_draft_is_kept_and_shown_again(office: Office) -> None:
    task = office.taken()
    browser = office.browser("somchai")

    saved = browser.post(f"/tasks/{task.id}/draft", {"v:title": "ครึ่งทาง", "v:budget": "12,", "draft_version": "0"})

    told = json.loads(saved.headers["HX-Trigger"])["draft-saved"]
    assert told["version"] == 1
    assert told["hidden"] == ["box-6"]
    page = browser.get(f"/tasks/{task.id}").text
    assert 'value="ครึ่งทาง"' in page
    assert 'value="12,"' in page


def test_a_stale_draft_shows_the_difference_and_loses_nothing(office: Office) -> None:
    task = office.taken()
    browser = office.browser("somchai")
    browser.post(f"/tasks/{task.id}/draft", {"v:title": "หน้าต่างหนึ่ง", "draft_version": "0"})
    browser.post(f"/tasks/{task.id}/draft", {"v:title": "หน้าต่างหนึ่งต่อ", "draft_version": "1"})

    stale = browser.post(f"/tasks/{task.id}/draft", {"v:title": "หน้าต่างสอง", "draft_version": "1"})

    assert "หน้าต่างหนึ่งต่อ" in stale.text
    assert "หน้าต่างสอง" in stale.text
    assert "HX-Trigger" not in stale.headers
    assert "หน้าต่างหนึ่งต่อ" in browser.get(f"/tasks/{task.id}").text
    forced = browser.post(f"/tasks/{task.id}/draft?force=1", {"v:title": "หน้าต่างสอง", "draft_version": "1"})
    assert json.loads(forced.headers["HX-Trigger"])["draft-saved"]["version"] == 3
    assert 'value="หน้าต่างสอง"' in browser.get(f"/tasks/{task.id}").text


def test_a_draft_goes_with_the_task_to_the_colleague(office: Office) -> None:
    task = office.taken()
    browser = office.browser("somchai")
    browser.post(f"/tasks/{task.id}/draft", {"v:title": "ครึ่งทาง", "draft_version": "0"})

    browser.post(f"/tasks/{task.id}/hand-over", {"colleague": "pim", "reason": "ลาพักผ่อน"})

    page = office.browser("pim").get(f"/tasks/{task.id}").text
    assert 'value="ครึ่งทาง"' in page
    assert "สมชาย ใจดี" in page
    assert browser.post(f"/tasks/{task.id}/complete", GOOD).status_code == 409


@pytest.mark.parametrize("colleague", ["wichai", "lamphun", "nobody", ""])
def test_a_task_is_handed_over_only_to_who_may_do_it(office: Office, colleague: str) -> None:
    task = office.taken()

    office.browser("somchai").post(f"/tasks/{task.id}/hand-over", {"colleague": colleague, "reason": "x"})

    assert office.engine.task(task.id).assignee == "somchai"


def test_a_task_is_given_back_to_the_group(office: Office) -> None:
    task = office.taken()

    office.browser("somchai").post(f"/tasks/{task.id}/release")

    assert office.engine.task(task.id).assignee is None


def test_the_slower_of_two_is_told_who_was_faster_and_keeps_what_was_typed(office: Office) -> None:
    task = office.taken()
    slow = office.browser("pim")
    slow.get(f"/tasks/{task.id}")
    office.engine.assign(task.id, "pim", "somchai")
    office.engine.assign(task.id, "somchai", "pim")
    office.engine.complete(task.id, {"title": "เร็วกว่า"}, "somchai")

    answer = slow.post(f"/tasks/{task.id}/complete", {"v:title": "ช้ากว่า", "v:budget": "7"})

    assert answer.status_code == 409
    assert "สมชาย ใจดี ทำงานนี้เสร็จไปก่อนแล้ว" in answer.text
    assert "ช้ากว่า" in answer.text
    assert office.engine.variables(task.instance_id)["title"] == "เร็วกว่า"


def test_one_who_only_looks_on_does_not_write_over_what_another_has_typed(office: Office) -> None:
    task = office.taken()
    office.browser("somchai").post(f"/tasks/{task.id}/complete", GOOD)
    (waiting,) = office.engine.tasks(instance_id=task.instance_id)
    office.engine.claim(waiting.id, "wichai")
    governor = office.browser("wichai")
    governor.post(f"/tasks/{waiting.id}/draft", {"v:comment": "ขอข้อมูลเพิ่ม", "draft_version": "0"})

    answer = office.browser("somchai").post(f"/tasks/{waiting.id}/complete", {"v:comment": "x", "v:outcome": "approve"})

    assert answer.status_code == 403
    assert "ขอข้อมูลเพิ่ม" in governor.get(f"/tasks/{waiting.id}").text
    assert office.engine.task(waiting.id).assignee == "wichai"


def test_the_same_submission_twice_is_carried_out_once(office: Office) -> None:
    task = office.taken()
    browser = office.browser("somchai")
    data = {**GOOD, "once": "abc"}

    first = browser.post(f"/tasks/{task.id}/complete", data)
    second = browser.post(f"/tasks/{task.id}/complete", data)

    assert first.status_code == 303
    assert second.status_code in {303, 409}
    assert len([e for e in office.engine.history(task.instance_id) if e.kind == "task_completed"]) == 1


def test_a_finished_task_says_when_and_by_whom(office: Office) -> None:
    task = office.taken()
    office.engine.complete(task.id, {"title": "x"}, "somchai")

    page = office.browser("somchai").get(f"/tasks/{task.id}").text

    assert "โดย สมชาย ใจดี" in page
    assert "ส่งร่าง" not in page


def test_a_huge_draft_is_refused(office: Office) -> None:
    task = office.taken()

    answer = office.browser("somchai").post(f"/tasks/{task.id}/draft", {"v:title": "ก" * 1_100_000})

    assert answer.status_code == 413
