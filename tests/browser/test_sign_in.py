"""Signing in by real Chromium: the second step set up and used, devices signed out, a form that came too late."""

from __future__ import annotations

import dataclasses
import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.support.accounts import code_at
from tests.support.browser import Complaints, overflow, violations
from tests.support.web import PASSWORD, Office

pytestmark = pytest.mark.browser


def fill_in(page: Page, login: str) -> None:
    page.get_by_label("ชื่อบัญชี").fill(login)
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ", exact=True).click()


def ask_for_second_step(office: Office) -> None:
    parts = office.app.extensions["saanphaen"]
    settings = dataclasses.replace(parts.settings, demo=False, second_factor_roles=frozenset({"system_admin"}))
    office.app.extensions["saanphaen"] = dataclasses.replace(parts, settings=settings)


def test_the_second_step_is_set_up_printed_and_used(office: Office, address: str, sized: Page) -> None:
    ask_for_second_step(office)
    complaints, findings, wide = Complaints(sized), {}, {}

    def look(name: str) -> None:
        sized.wait_for_load_state("networkidle")
        findings[name], wide[name] = violations(sized), overflow(sized)

    sized.goto(f"{address}/processes")
    fill_in(sized, "admin")
    expect(sized.get_by_text("ตำแหน่งของท่านกำหนดให้ใช้การยืนยันขั้นที่สอง")).to_be_visible()
    look("asked")
    sized.goto(f"{address}/tasks")  # nothing else opens
    expect(sized).to_have_url(re.compile("/account/second-factor"))
    sized.get_by_role("link", name="ตั้งค่าการยืนยันขั้นที่สอง").click()
    expect(sized.get_by_role("img", name=re.compile("คิวอาร์โค้ด")).locator("svg")).to_be_visible()
    sized.get_by_text("สแกนไม่ได้").click()
    authenticator = pyotp.TOTP((sized.locator(".key-text").text_content() or "").replace(" ", ""))
    look("picture")

    sized.get_by_label("รหัส").fill("000000")
    sized.get_by_role("button", name="เปิดใช้การยืนยันขั้นที่สอง").click()
    expect(sized.get_by_role("alert")).to_be_focused()
    look("wrong code")
    sized.get_by_label("รหัส").fill(code_at(authenticator, office.clock.now()))
    sized.get_by_role("button", name="เปิดใช้การยืนยันขั้นที่สอง").click()
    expect(sized.locator(".code-list li")).to_have_count(10)
    look("recovery codes")
    sized.evaluate("window.print = () => { document.title = 'printed'; }")
    sized.get_by_role("button", name="พิมพ์", exact=True).click()
    expect(sized).to_have_title("printed")
    sized.get_by_role("link", name="เก็บรหัสแล้ว").click()
    expect(sized).to_have_url(f"{address}/tasks")

    sized.context.clear_cookies()
    office.clock.advance(seconds=30)
    sized.goto(f"{address}/users")
    fill_in(sized, "admin")
    look("second step")
    sized.get_by_label("รหัส").fill(code_at(authenticator, office.clock.now()))
    sized.get_by_role("button", name="ดำเนินการต่อ").click()
    expect(sized).to_have_url(f"{address}/users")  # where it was wanted to go
    for path in ("/users", "/users/1", "/sessions", "/account/password", "/account/confirm", "/account/second-factor"):
        sized.goto(f"{address}{path}")
        look(path)

    assert {name: found for name, found in findings.items() if found} == {}
    assert {name: pixels for name, pixels in wide.items() if pixels > 0} == {}
    assert complaints.serious() == []


def test_a_form_that_came_too_late_is_sent_after_signing_in_again(office: Office, address: str, desk: Page) -> None:
    task = office.taken()
    desk.goto(f"{address}/sign-in")
    fill_in(desk, "somchai")
    desk.goto(f"{address}/tasks/{task.id}")
    desk.get_by_label("ชื่อแผน").fill("แผนพัฒนาจังหวัดลำปาง")
    expect(desk.locator(".draft-state")).to_contain_text("บันทึกร่างแล้ว")
    office.clock.advance(hours=3)

    desk.get_by_role("button", name="ส่งร่าง").click()
    send = desk.get_by_role("button", name="ส่งข้อมูลที่กรอกไว้")
    expect(send).to_be_disabled()
    assert violations(desk) == []
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="เข้าสู่ระบบในหน้าต่างใหม่").click()
    other = opened.value
    fill_in(other, "somchai")
    other.wait_for_url("**/tasks")
    other.close()
    desk.bring_to_front()
    desk.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(send).to_be_enabled()
    send.click()

    expect(desk.get_by_text("เลขอ้างอิง")).to_be_visible()
    assert office.engine.task(task.id).state == "completed"


def test_one_signs_another_device_out(office: Office, address: str, desk: Page, phone: Page) -> None:
    for page in (desk, phone):
        page.goto(f"{address}/sign-in")
        fill_in(page, "somchai")
        page.wait_for_url("**/tasks")

    desk.get_by_text("บัญชี", exact=True).click()
    desk.get_by_role("link", name="อุปกรณ์ที่เข้าสู่ระบบ").click()
    desk.get_by_role("button", name="ออกจากระบบอุปกรณ์นี้").click()

    expect(desk.get_by_text("ออกจากระบบแล้ว 1 เครื่อง")).to_be_visible()
    phone.goto(f"{address}/tasks")
    expect(phone.get_by_text("ท่านสั่งให้อุปกรณ์นี้ออกจากระบบ")).to_be_visible()
