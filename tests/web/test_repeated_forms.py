"""A form that arrives twice has one effect and the same answer; the same act with other words is an act of its own."""

from __future__ import annotations

import pytest

from engine import InstanceState
from tests.support.bpmn import process
from tests.support.web import GOVERNOR, PLANNERS, Browser, Office


def twice(browser: Browser, path: str, form: dict[str, str] | None = None) -> None:
    """Send it twice: alike answers."""
    first, second = browser.post(path, form), browser.post(path, form)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert first.status_code == 303


def times(office: Office, run: str, kind: str) -> int:
    return sum(line.kind == kind for line in office.engine.history(run))


def test_a_task_is_given_back_once(office: Office) -> None:
    task = office.taken()

    twice(office.browser("somchai"), f"/tasks/{task.id}/release")

    assert times(office, task.instance_id, "task_released") == 1


def test_giving_back_what_a_colleague_has_taken_meanwhile_takes_it_from_nobody(office: Office) -> None:
    task = office.taken()
    browser = office.browser("somchai")
    browser.post(f"/tasks/{task.id}/release")
    office.engine.claim(task.id, "pim")

    assert browser.post(f"/tasks/{task.id}/release").status_code == 403
    assert office.engine.task(task.id).assignee == "pim"


def test_a_task_is_handed_over_once(office: Office) -> None:
    task = office.taken()

    twice(office.browser("somchai"), f"/tasks/{task.id}/hand-over", {"colleague": "pim", "reason": "ลาพักผ่อน"})

    assert times(office, task.instance_id, "task_assigned") == 1


def test_handing_over_to_another_after_it_was_given_away_is_refused(office: Office) -> None:
    office.hire("nok", "นก ทองดี", PLANNERS)
    task = office.taken()
    browser = office.browser("somchai")
    browser.post(f"/tasks/{task.id}/hand-over", {"colleague": "pim", "reason": "ลาพักผ่อน"})

    again = browser.post(f"/tasks/{task.id}/hand-over", {"colleague": "nok", "reason": "ลาพักผ่อน"})

    assert again.status_code == 403
    assert office.engine.task(task.id).assignee == "pim"


@pytest.mark.parametrize("act", ["suspend", "cancel"])
def test_a_run_is_paused_or_ended_once(office: Office, admin: Browser, act: str) -> None:
    run = office.start().instance_id

    twice(admin, f"/processes/runs/{run}/{act}", {"reason": "รอคำสั่งศาล"})

    done = {"suspend": "instance_suspended", "cancel": "instance_cancelled"}[act]
    assert times(office, run, done) == 1
    assert admin.post(f"/processes/runs/{run}/{act}", {"reason": "เหตุอื่น"}).status_code == 409


def test_a_run_goes_on_once(office: Office, admin: Browser) -> None:
    run = office.start().instance_id
    admin.post(f"/processes/runs/{run}/suspend", {"reason": "รอคำสั่งศาล"})

    twice(admin, f"/processes/runs/{run}/resume")

    assert times(office, run, "instance_resumed") == 1
    assert office.engine.instance(run).state is InstanceState.ACTIVE


@pytest.fixture
def stuck(office: Office) -> str:
    plan = (
        process("budget", "ตรวจงบประมาณ").start().exclusive("which").flow_if("= budget > 10")
        .user_task("approve", name="อนุมัติงบประมาณ", groups=GOVERNOR).end()
        .at("which").flow_if("= budget <= 10").user_task("sign", name="ลงนาม", groups=PLANNERS).end("signed")
    )  # fmt: skip
    office.engine.deploy(plan.file())
    return office.engine.start("budget", {"budget": None}, "plan:TH-52").id


def test_a_case_is_closed_once(office: Office, admin: Browser, stuck: str) -> None:
    (case,) = office.engine.incidents(instance_id=stuck)

    twice(admin, f"/operations/{case.id}/resolve")

    assert times(office, stuck, "incident_resolved") == 1


def test_a_step_is_tried_again_once_and_leads_to_the_case_that_is_open_now(
    office: Office, admin: Browser, stuck: str
) -> None:
    (case,) = office.engine.incidents(instance_id=stuck)

    twice(admin, f"/operations/{case.id}/retry")

    assert times(office, stuck, "incident_created") == 2


def test_a_repair_is_written_once(office: Office, admin: Browser, stuck: str) -> None:
    (case,) = office.engine.incidents(instance_id=stuck)
    repair = {"name": "budget", "kind": "number", "value": "5", "reason": "หนังสือแจ้งงบตกหล่น", "then": "retry"}

    twice(admin, f"/operations/{case.id}/repair", repair)

    assert times(office, stuck, "variables_set") == 1
    assert [task.element_id for task in office.engine.tasks(instance_id=stuck)] == ["sign"]


def test_a_case_that_another_administrator_has_closed_is_told_as_that(
    office: Office, admin: Browser, stuck: str
) -> None:
    office.hire("boss", "อีกคน", "system_admin@TH")
    (case,) = office.engine.incidents(instance_id=stuck)
    admin.post(f"/operations/{case.id}/resolve")

    assert office.browser("boss").post(f"/operations/{case.id}/resolve").status_code == 409
