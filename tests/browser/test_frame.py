"""The frame in real Chromium: accessible, quiet, within its width; drafts, keyboard, two panes, the diagram."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Complaints, overflow, violations
from tests.support.web import Office
from web.tasks.drafts import find_draft

pytestmark = pytest.mark.browser


def sign_in(page: Page, address: str, name: str = "สมชาย ใจดี") -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/tasks")


def wait_for_draft(office: Office, task_id: str, text: str) -> None:
    for _ in range(100):
        with office.engine.reading() as read:
            draft = find_draft(read.session, task_id)
        if draft is not None and [text] in draft.typed.values():
            return
        time.sleep(0.1)
    pytest.fail(f"Expected {text!r} in the draft, but it never came.")


def test_every_page_is_accessible_quiet_and_within_its_width(office: Office, address: str, sized: Page) -> None:
    complaints = Complaints(sized)
    for due in ("2026-11-20T16:30:00+07:00", "2026-11-25T16:30:00+07:00", None):
        task = office.taken(due=due)
    findings: dict[str, list[str]] = {}

    sized.goto(f"{address}/sign-in")
    findings["sign-in"] = violations(sized)
    sign_in(sized, address)
    sized.wait_for_load_state("networkidle")
    findings["inbox"] = violations(sized)
    assert overflow(sized) <= 0
    sized.goto(f"{address}/tasks/{task.id}")
    sized.get_by_text("อยู่ขั้นตอนใด").click()
    expect(sized.locator("[data-diagram]")).to_have_attribute("data-state", "ready")
    findings["task"] = violations(sized)
    assert overflow(sized) <= 0
    sized.get_by_role("button", name="ส่งร่าง").click()
    expect(sized.get_by_role("alert")).to_be_focused()
    findings["task with errors"] = violations(sized)
    for path in ("/sessions", "/nowhere"):
        sized.goto(f"{address}{path}")
        findings[path] = violations(sized)

    assert {name: found for name, found in findings.items() if found} == {}
    assert complaints.serious() == []


def test_what_is_typed_is_there_again_after_closing_the_page(office: Office, address: str, desk: Page) -> None:
    task = office.taken()
    sign_in(desk, address)
    desk.goto(f"{address}/tasks/{task.id}")

    desk.get_by_label("ชื่อแผน").fill("แผนพัฒนาจังหวัดลำปาง")
    expect(desk.locator(".draft-state")).to_contain_text("บันทึกร่างแล้ว")
    desk.get_by_label("งบประมาณ").fill("1,250")
    desk.goto(f"{address}/tasks")  # before the next save was due: it is sent on leaving
    wait_for_draft(office, task.id, "1,250")
    desk.goto(f"{address}/tasks/{task.id}")

    expect(desk.get_by_label("ชื่อแผน")).to_have_value("แผนพัฒนาจังหวัดลำปาง")
    expect(desk.get_by_label("งบประมาณ")).to_have_value("1,250")


def test_a_tick_brings_the_question_that_depends_on_it(office: Office, address: str, desk: Page) -> None:
    task = office.taken()
    sign_in(desk, address)
    desk.goto(f"{address}/tasks/{task.id}")
    expect(desk.get_by_label("เปลี่ยนเพราะอะไร")).to_be_hidden()

    desk.get_by_label("สาระสำคัญเปลี่ยน").check()

    expect(desk.get_by_label("เปลี่ยนเพราะอะไร")).to_be_visible()


def test_enter_in_a_field_does_not_decide(office: Office, address: str, desk: Page) -> None:
    task = office.taken()
    sign_in(desk, address)
    desk.goto(f"{address}/tasks/{task.id}")

    desk.get_by_label("ชื่อแผน").fill("แผน")
    desk.get_by_label("ชื่อแผน").press("Enter")

    expect(desk).to_have_url(f"{address}/tasks/{task.id}")
    assert office.engine.task(task.id).state == "assigned"


def test_the_inbox_is_worked_by_keyboard(office: Office, address: str, desk: Page) -> None:
    first = office.taken(due="2026-11-20T16:30:00+07:00")
    second = office.taken(key="plan:2", due="2026-11-30T16:30:00+07:00")
    sign_in(desk, address)
    pane = desk.locator("[data-inbox-pane] article")
    expect(pane).to_have_attribute("data-task", first.id)

    desk.keyboard.press("j")
    desk.keyboard.press("Enter")

    expect(pane).to_have_attribute("data-task", second.id)
    expect(desk).to_have_url(re.compile(rf"task={second.id}"))
    desk.reload()
    expect(pane).to_have_attribute("data-task", second.id)
    desk.keyboard.press("Shift+Slash")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.get_by_role("button", name="ปิดแป้นลัด").click()
    desk.keyboard.press("Shift+Slash")
    expect(desk.get_by_role("dialog")).to_be_hidden()


def test_on_a_phone_a_row_opens_the_whole_page(office: Office, address: str, phone: Page) -> None:
    task = office.taken()
    sign_in(phone, address)

    phone.get_by_role("link", name="ยกร่างแผน").click()

    expect(phone).to_have_url(f"{address}/tasks/{task.id}")


def test_finishing_in_the_pane_opens_the_next_task_there(office: Office, address: str, desk: Page) -> None:
    office.taken(due="2026-11-20T16:30:00+07:00")
    second = office.taken(key="plan:2", due="2026-11-30T16:30:00+07:00")
    sign_in(desk, address)

    desk.get_by_label("ชื่อแผน").fill("แผน")
    desk.get_by_role("button", name="ส่งร่าง").click()

    expect(desk.get_by_text("เลขอ้างอิง")).to_be_visible()
    expect(desk.locator("[data-inbox-pane] article")).to_have_attribute("data-task", second.id)


def test_the_diagram_shows_the_token_and_leaves_the_mark_visible(office: Office, address: str, desk: Page) -> None:
    task = office.taken()
    sign_in(desk, address)
    desk.goto(f"{address}/tasks/{task.id}")
    desk.get_by_text("อยู่ขั้นตอนใด").click()

    expect(desk.locator(".token-badge")).to_have_text("1")
    expect(desk.locator(".bjs-powered-by")).to_be_visible()


def test_thai_labels_break_between_words_only(office: Office, address: str, desk: Page) -> None:
    sign_in(desk, address)
    label = "พิจารณากลั่นกรองแผนพัฒนาจังหวัดและข้อเสนอโครงการ"

    lines = desk.evaluate(
        """async label => {
            const { breakable } = await import(document.documentElement.dataset.viewerScript);
            return breakable(label).split("\\uFEFF");
        }""",
        label,
    )

    assert "".join(lines) == label
    assert {"พิจารณา", "จังหวัด", "โครงการ"} <= set(lines)
