"""Pages of administrators in real Chromium: accessible at two sizes; a run is paused in its dialog, a case repaired."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import InstanceState
from tests.support.bpmn import process
from tests.support.browser import Complaints, overflow, violations
from tests.support.web import GOVERNOR, Office

pytestmark = pytest.mark.browser


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="ผู้ดูแล ระบบ").click()
    page.wait_for_url("**/tasks")


@pytest.fixture
def case(office: Office) -> int:
    """A run that is stuck, because its budget is missing."""
    plan = (
        process("budget", "ตรวจงบประมาณ").start().exclusive("which").flow_if("= budget > 10")
        .user_task("approve", name="อนุมัติงบประมาณ", groups=GOVERNOR).end().at("which").flow_if("= budget <= 10").end("no")
    )  # fmt: skip
    office.engine.deploy(plan.file())
    run = office.engine.start("budget", {"budget": None}, "plan:TH-52")
    return office.engine.incidents(instance_id=run.id)[0].id


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.bpmn"
    path.write_bytes(process("plan").start().user_task("do", form="none").exclusive("x").flow_if("= 1 +").end().xml())
    return path


def test_every_page_is_accessible_quiet_and_within_its_width(
    office: Office, address: str, sized: Page, case: int, bad_file: Path
) -> None:
    complaints = Complaints(sized)
    task = office.taken()
    sign_in(sized, address)
    findings: dict[str, list[str]] = {}
    for path in (
        "/processes",
        f"/processes/{task.definition_id}",
        f"/processes/runs/{task.instance_id}",
        "/processes/deploy",
        "/operations",
        f"/operations/{case}",
        "/rights",
    ):
        sized.goto(f"{address}{path}")
        for drawn in sized.locator("[data-diagram]").all():
            drawn.scroll_into_view_if_needed()
            expect(drawn).to_have_attribute("data-state", "ready")  # one has no drawing of its own: it is laid out
        findings[path] = violations(sized)
        assert overflow(sized) <= 0, path
    sized.goto(f"{address}/processes/deploy")
    sized.set_input_files("#files", bad_file)
    sized.get_by_role("button", name="ตรวจและนำขึ้นใช้").click()
    expect(sized.get_by_role("alert")).to_be_focused()
    findings["problems"] = violations(sized)
    assert overflow(sized) <= 0

    assert {name: found for name, found in findings.items() if found} == {}
    assert complaints.serious() == []


def test_a_run_is_paused_for_a_reason_in_its_dialog(office: Office, address: str, desk: Page) -> None:
    run = office.start().instance_id
    sign_in(desk, address)
    desk.goto(f"{address}/processes/runs/{run}")

    desk.get_by_role("button", name="พักไว้").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="พักไว้").click()
    expect(dialog).to_be_visible()  # refused: it is open again, with what is missing
    expect(dialog.get_by_text("กรอกเหตุผล")).to_be_visible()
    assert violations(desk) == []
    dialog.get_by_label("เหตุผล").fill("รอคำสั่งศาล")
    dialog.get_by_role("button", name="พักไว้").click()

    expect(desk.get_by_role("button", name="ให้เดินต่อ")).to_be_visible()
    assert office.engine.instance(run).state is InstanceState.SUSPENDED


def test_a_stuck_run_is_repaired_and_goes_on(office: Office, address: str, phone: Page, case: int) -> None:
    sign_in(phone, address)
    phone.get_by_role("link", name="ติดขัด").click()
    phone.get_by_role("link", name="ดูและแก้ไข").click()

    phone.locator("a[href*='variable=budget']").click()
    expect(phone.get_by_label("รายการข้อมูล")).to_have_value("budget")
    phone.get_by_label("ชนิด").select_option("number")
    phone.get_by_label("ค่าใหม่").fill("500")
    phone.get_by_label("เหตุผล").fill("หนังสือแจ้งงบตกหล่น")
    phone.get_by_role("button", name="แก้ไขและลองอีกครั้ง").click()

    expect(phone.get_by_text("เดินต่อได้แล้ว ขั้นตอนถัดไป: อนุมัติงบประมาณ")).to_be_visible()
    expect(phone.get_by_text("ไม่มีสิ่งใดติดขัด").first).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent(office: Office, address: str, desk: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.bpmn"
    with large.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    sign_in(desk, address)
    desk.goto(f"{address}/processes/deploy")

    desk.set_input_files("#files", large)
    desk.get_by_role("button", name="ตรวจและนำขึ้นใช้").click()

    expect(desk.locator("#files-error")).to_contain_text("large.bpmn")
    expect(desk).to_have_url(f"{address}/processes/deploy")


def test_on_a_phone_the_bar_of_places_shows_the_present_one(office: Office, address: str, phone: Page) -> None:
    sign_in(phone, address)
    for path in ("/rights", "/tasks"):
        phone.goto(f"{address}{path}")
        here = phone.locator(".rail a[aria-current]").bounding_box()
        assert here is not None
        assert here["x"] >= 0
        assert here["x"] + here["width"] <= 360
