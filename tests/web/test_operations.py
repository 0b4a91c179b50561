"""What is stuck: seen in words, repaired with a reason, tried again, and going on; and whether the workers live."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from engine import IncidentState, Instance
from tests.support.bpmn import process
from tests.support.web import GOVERNOR, PLANNERS, Browser, Office
from web.operations.life_signs import LifeSign
from web.variables import UnreadableValue, described, feel_text, read_value

ADMIN = "system_admin@TH"


@pytest.fixture
def stuck(office: Office) -> Instance:
    """A run whose gateway cannot decide, because the budget is missing."""
    plan = (
        process("budget", "ตรวจงบประมาณ").start().exclusive("which").flow_if("= budget > 10")
        .user_task("approve", name="อนุมัติงบประมาณ", groups=GOVERNOR).end()
        .at("which").flow_if("= budget <= 10").user_task("sign", name="ลงนาม", groups=PLANNERS).end("signed")
    )  # fmt: skip
    office.engine.deploy(plan.file())
    return office.engine.start("budget", {"budget": None, "items": [1, {"ก": True}]}, "plan:TH-52")


def case_of(office: Office, run: Instance) -> int:
    (incident,) = office.engine.incidents(instance_id=run.id)
    return incident.id


REPAIR = {"name": "budget", "kind": "number", "value": "1,200.50", "reason": "หนังสือแจ้งงบตกหล่น"}


@pytest.mark.parametrize(("person", "status"), [("admin", 200), ("somchai", 403), ("wichai", 403), (None, 303)])
def test_only_an_administrator_opens_the_pages(
    office: Office, stuck: Instance, person: str | None, status: int
) -> None:
    browser = office.browser(person)

    assert browser.get("/operations").status_code == status
    assert browser.get(f"/operations/{case_of(office, stuck)}").status_code == status


@pytest.mark.parametrize("act", ["retry", "resolve", "repair"])
def test_only_an_administrator_repairs(office: Office, stuck: Instance, act: str) -> None:
    case = case_of(office, stuck)

    assert office.browser("wichai").post(f"/operations/{case}/{act}", REPAIR).status_code == 403
    assert office.engine.incidents(instance_id=stuck.id)[0].id == case
    assert office.engine.instance(stuck.id).variables["budget"] is None


def test_nothing_stuck_is_said_kindly(admin: Browser) -> None:
    assert "ไม่มีสิ่งใดติดขัด" in admin.get("/operations").text


def test_a_stuck_run_is_told_in_words_with_plan_step_and_detail(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    page = admin.get("/operations").text

    assert "มี 1 เรื่องที่ไปต่อไม่ได้" in page
    assert "ตรวจงบประมาณ" in page
    assert "ทางแยก (which)" in page
    assert "สูตรในแผนภาพคำนวณไม่ได้" in page
    assert "expression_error" in page  # folded
    assert f"/operations/{case_of(office, stuck)}" in page


def test_trying_again_without_a_repair_says_that_it_is_still_stuck(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    case = case_of(office, stuck)

    answer = admin.post(f"/operations/{case}/retry")

    again = case_of(office, stuck)
    assert again != case
    assert answer.location == f"/operations/{again}"
    assert "ลองอีกครั้งแล้วแต่ยังติดขัด" in admin.get(answer.location).text


def test_repaired_and_tried_again_it_goes_on_and_the_history_keeps_who_why_and_in_what_capacity(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    case = case_of(office, stuck)

    answer = admin.post(f"/operations/{case}/repair", {**REPAIR, "then": "retry"})

    page = admin.get(answer.location).text
    assert "เดินต่อได้แล้ว ขั้นตอนถัดไป: อนุมัติงบประมาณ" in page
    assert "ไม่มีสิ่งใดติดขัด" in page
    assert [task.name for task in office.engine.tasks(instance_id=stuck.id)] == ["อนุมัติงบประมาณ"]
    assert office.engine.instance(stuck.id).variables["budget"] == Decimal("1200.50")
    lines = {line.kind: line for line in office.engine.history(stuck.id)}
    repaired, resolved = lines["variables_set"], lines["incident_resolved"]
    assert (repaired.actor, repaired.capacity, repaired.details["reason"]) == ("admin", ADMIN, REPAIR["reason"])
    assert (resolved.actor, resolved.capacity) == ("admin", ADMIN)
    assert office.engine.verify_audit().verified


def test_a_repair_alone_lets_the_run_go_on_where_that_is_enough(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    answer = admin.post(f"/operations/{case_of(office, stuck)}/repair", REPAIR)

    assert "เดินต่อได้แล้ว" in admin.get(answer.location).text
    assert office.engine.incidents(instance_id=stuck.id) == []


def test_a_repair_of_something_else_leaves_the_case_open(office: Office, stuck: Instance, admin: Browser) -> None:
    case = case_of(office, stuck)

    answer = admin.post(f"/operations/{case}/repair", {**REPAIR, "name": "title", "kind": "text"})

    assert "ลองขั้นตอนนี้อีกครั้งได้เลย" in admin.get(answer.location).text
    assert case_of(office, stuck) == case


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"value": "มาก"}, "กรอกจำนวนเป็นตัวเลข"),
        ({"value": "NaN"}, "กรอกจำนวนเป็นตัวเลข"),
        ({"kind": "date", "value": "25/11/2569"}, "กรอกวันที่เป็นปี ค.ศ."),
        ({"kind": "yes_no", "value": "ใช่"}, "กรอก true หรือ false"),
        ({"kind": "feel", "value": "[1, "}, "เขียนไม่ถูกรูปแบบ FEEL"),
        ({"kind": "shell"}, "เลือกชนิดของค่า"),
        ({"name": ""}, "กรอกชื่อรายการข้อมูล"),
        ({"reason": " "}, "กรอกเหตุผล"),
        ({"reason": "ก" * 1_001}, "เหตุผลยาวเกิน"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_repair_that_cannot_be_used_is_told_and_kept_as_typed(
    office: Office, stuck: Instance, admin: Browser, wrong: dict[str, str], told: str
) -> None:
    typed = {**REPAIR, **wrong}

    answer = admin.post(f"/operations/{case_of(office, stuck)}/repair", typed)

    assert answer.status_code == 422
    assert answer.text.count(told) == 2
    assert typed["value"] in answer.text
    assert typed["reason"].strip() in answer.text
    assert office.engine.instance(stuck.id).variables["budget"] is None


def test_an_entry_chosen_from_the_data_comes_with_its_present_value(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    page = admin.get(f"/operations/{case_of(office, stuck)}?variable=items").text

    assert 'name="name" value="items"' in page
    assert '<option value="feel" selected>' in page
    assert "[1, {&#34;ก&#34;: true}]</textarea>" in page


def test_a_closed_case_cannot_be_tried_again_and_says_who_closed_it(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    case = case_of(office, stuck)

    assert admin.post(f"/operations/{case}/resolve").status_code == 303

    page = admin.get(f"/operations/{case}").text
    assert "โดย ผู้ดูแล ระบบ" in page
    assert "ลองอีกครั้ง" not in page
    assert admin.post(f"/operations/{case}/retry").status_code == 409
    assert office.engine.incidents(instance_id=stuck.id, state=IncidentState.RESOLVED)[0].resolved_by == "admin"


def test_of_two_who_try_again_at_once_the_second_is_told_that_somebody_was_faster(
    office: Office, stuck: Instance, admin: Browser
) -> None:
    case = case_of(office, stuck)
    office.engine.retry_incident(case, "other")

    answer = admin.post(f"/operations/{case}/retry")

    assert answer.status_code == 409
    assert "มีผู้ดำเนินการก่อนหน้า" in answer.text or "เปลี่ยน" in answer.text


def test_a_case_that_there_is_not_is_not_found(admin: Browser) -> None:
    assert admin.get("/operations/999").status_code == 404
    assert admin.post("/operations/999/retry").status_code == 404
    assert admin.post("/operations/999/repair", REPAIR).status_code == 404


def test_many_cases_come_by_pages(office: Office, stuck: Instance, admin: Browser) -> None:
    for _number in range(26):
        office.engine.start("budget", {"budget": None})

    first = admin.get("/operations").text
    last = admin.get(f"/operations?after={case_of(office, stuck) + 1}").text

    assert first.count('id="case-') == 25
    assert 'rel="next"' in first
    assert last.count('id="case-') == 1


def test_work_that_is_tried_again_by_itself_is_listed_with_its_next_attempt(office: Office, admin: Browser) -> None:
    office.engine.deploy(process("send", "ส่งข้อมูล").start().service_task("mail", "mail", retries="3").end().file())
    office.engine.start("send")
    (job,) = office.engine.fetch_jobs("mail")
    office.engine.fail_job(job.id, "connection refused")

    page = admin.get("/operations").text

    assert "ระบบกำลังลองใหม่เอง" in page
    assert "เหลืออีก 2 ครั้ง" in page
    assert "connection refused" in page


def test_a_silent_worker_is_said_and_a_living_one_is_not(office: Office, admin: Browser) -> None:
    assert "ยังไม่มีตัวทำงานเบื้องหลังรายงานตัว" in admin.get("/operations").text

    sign = LifeSign(office.engine)
    sign(office.clock.now())
    living = admin.get("/operations").text
    assert "เงียบไปตั้งแต่" not in living
    assert "1 ตัว" in living

    office.clock.advance(minutes=3)
    assert "เงียบไปตั้งแต่" in admin.get("/operations").text

    sign(office.clock.now())
    sign.withdraw()
    assert "ยังไม่มีตัวทำงานเบื้องหลังรายงานตัว" in admin.get("/operations").text


# -- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        Decimal("1.50"),
        'ข้อความ "ในเครื่องหมาย"\nสองบรรทัด',
        dt.date(2026, 11, 25),
        dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC),
        dt.timedelta(days=2, seconds=3),
        [1, "a", {"ชื่อ ยาว": [None, False]}],
        {},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_value_written_as_feel_reads_back_as_it_was(office: Office, value: object) -> None:
    read = office.engine.evaluate(feel_text(value), {})

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("value", [None, True, 5, Decimal("0.10"), "ข้อความ", dt.date(2026, 1, 2)])
def test_what_stands_in_the_field_is_read_as_the_present_value(value: object) -> None:
    (shown,) = described({"x": value})

    def no_feel(_text: str) -> object:
        raise UnreadableValue

    assert read_value(shown.kind, shown.typed, no_feel) == value
