"""The pages of cycles and the bell in real Chromium: accessible at two sizes, folded, walked by arrows, ticked by area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import SYSTEM
from tests.support.browser import Complaints, overflow, served, violations
from tests.support.product import Product
from workflows.notifications import MessageKind, Notice, notify

pytestmark = pytest.mark.browser

CYCLE = "FY2571-NEW"
DESK = "demo-th-nesdc"


@pytest.fixture
def product(sqlite_url: str, tmp_path: Path) -> Iterator[Product]:
    """A cycle of NU1, some days after the first date."""
    product = Product(sqlite_url, tmp_path)
    product.open_cycle(["NU1", "TH-50", "TH-51", "TH-52", "TH-58"])
    product.clock.advance(days=9)
    product.act(f"{CYCLE}/TH-52", "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})
    yield product
    product.close()


@pytest.fixture
def address(product: Product) -> Iterator[str]:
    with served(product.app) as url:
        yield url


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator(f'button[value="{DESK}"]').click()
    page.wait_for_url("**/tasks")


def tell(product: Product, key: str) -> None:
    facts = {
        "task_id": "1",
        "name": "ยกร่างหลักเกณฑ์",
        "business_key": CYCLE,
        "due": "2026-03-09T16:59:59+00:00",
        "rung": 1,
    }
    with product.engine.unit_of_work(SYSTEM) as uow:
        notice = Notice(person_id=DESK, kind=MessageKind.OVERDUE, key=key, facts=facts | {"working_days_late": 1})
        notify(uow.session, [notice], now=uow.now)


def test_every_page_is_accessible_quiet_and_within_its_width(product: Product, address: str, sized: Page) -> None:
    complaints = Complaints(sized)
    tell(product, "one")
    sign_in(sized, address)
    findings: dict[str, list[str]] = {}

    def look(name: str) -> None:
        findings[name] = violations(sized)
        if overflow(sized) > 0:
            findings[name].append("wider than the window")

    for path in ("", f"/{CYCLE}", f"/{CYCLE}?state=done", f"/{CYCLE}/clusters", f"/{CYCLE}/calendar", "/new"):
        sized.goto(f"{address}/cycles{path}")
        look(f"/cycles{path}")
    sized.get_by_label("ทั้งประเทศ").check()
    sized.get_by_role("button", name="ดำเนินการต่อ").click()
    look("the cycle that would be opened")
    sized.goto(f"{address}/cycles/{CYCLE}/calendar/reissue?step=work_plan")
    sized.get_by_role("button", name="ดูผลก่อนยืนยัน").click()
    expect(sized.get_by_role("alert")).to_be_focused()
    look("a re-issue with errors")
    sized.get_by_label("วัน", exact=True).fill("20")
    sized.get_by_label("เดือน").select_option("3")
    sized.get_by_label("ปี พ.ศ.").fill("2569")
    sized.get_by_label("เหตุผล").fill("อุทกภัย")
    sized.get_by_label("คำสั่งหรือมติที่อ้างอิง").fill("มติ ครม. 10 มีนาคม 2569")
    sized.get_by_role("button", name="ดูผลก่อนยืนยัน").click()
    expect(sized.get_by_role("heading", name="สิ่งที่จะเกิดขึ้น")).to_be_visible()
    look("a re-issue before it is confirmed")
    sized.get_by_role("button", name="ยืนยันออกกำหนดใหม่").click()
    expect(sized.get_by_text("ออกหลังพ้นกำหนด")).to_be_visible()
    look("the calendar with a re-issue")
    sized.goto(f"{address}/notifications")
    look("/notifications")

    assert {name: found for name, found in findings.items() if found} == {}
    assert complaints.serious() == []


def test_a_cluster_folds_and_the_address_keeps_it(address: str, desk: Page) -> None:
    sign_in(desk, address)
    desk.goto(f"{address}/cycles/{CYCLE}")
    rows = desk.locator(".board-row")
    fold = desk.locator("[data-fold]")
    expect(rows.first).to_be_visible()

    fold.click()

    expect(rows.first).to_be_hidden()
    expect(desk).to_have_url(re.compile(r"fold=NU1"))
    desk.reload()
    expect(rows.first).to_be_hidden()
    fold.focus()
    desk.keyboard.press("Space")
    expect(rows.first).to_be_visible()
    expect(desk).not_to_have_url(re.compile(r"fold"))


def test_heads_stay_and_arrows_walk_from_cell_to_cell(address: str, desk: Page) -> None:
    sign_in(desk, address)
    desk.set_viewport_size({"width": 1000, "height": 420})
    desk.goto(f"{address}/cycles/{CYCLE}")
    unit = desk.locator(".board-row .board-unit").first
    before = unit.bounding_box()

    desk.locator(".board-row .board-unit a").first.focus()
    for _ in range(13):
        desk.keyboard.press("ArrowRight")

    focused = desk.locator("a:focus")
    expect(focused).to_have_attribute("href", re.compile(r"#stage-announcement$"))
    after = unit.bounding_box()
    assert before
    assert after
    assert abs(before["x"] - after["x"]) < 2  # the first column stays where it was
    desk.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("href", re.compile(r"TH-50#stage-announcement$"))


def test_on_a_phone_a_list_says_what_the_board_says(address: str, phone: Page) -> None:
    sign_in(phone, address)
    phone.goto(f"{address}/cycles/{CYCLE}")

    expect(phone.locator(".board")).to_be_hidden()
    row = phone.locator(".board-list li").filter(has_text="เชียงใหม่")
    expect(row).to_contain_text("วางแผนงาน")
    expect(row).to_contain_text("ล่าช้า 2 วันทำการ")
    row.get_by_role("link").click()
    expect(phone).to_have_url(re.compile(rf"/plans/{CYCLE}/TH-50"))


def test_ticks_of_areas_and_units_follow_each_other(address: str, desk: Page) -> None:
    sign_in(desk, address)
    desk.goto(f"{address}/cycles/new?from=nothing")
    desk.locator("summary").filter(has_text="ภาคเหนือ").click()
    cluster = desk.locator("#area-NU1")

    cluster.check()

    expect(desk.locator("#unit-TH-52")).to_be_checked()
    expect(desk.locator("summary").filter(has_text="ภาคเหนือ")).to_contain_text("5 จาก 21")
    assert desk.locator("#area-NORTH").evaluate("box => box.indeterminate")
    desk.locator("#unit-TH-52").uncheck()
    expect(cluster).not_to_be_checked()
    assert cluster.evaluate("box => box.indeterminate")
    desk.get_by_role("button", name="ดำเนินการต่อ").click()
    expect(desk.get_by_text("3 จังหวัด, 1 กลุ่มจังหวัด")).to_be_visible()
    desk.get_by_role("button", name="กลับไปแก้ไข").click()
    expect(desk.locator("#unit-TH-51")).to_be_checked()
    expect(desk.locator("#unit-TH-52")).not_to_be_checked()


def test_the_bell_rings_while_the_page_is_looked_at(product: Product, address: str, desk: Page) -> None:
    desk.clock.install()
    sign_in(desk, address)
    bell = desk.locator("[data-bell]")
    expect(bell).to_have_attribute("data-count", "0")

    tell(product, "new")
    desk.clock.fast_forward(61_000)

    expect(bell).to_have_attribute("data-count", "1")
    expect(desk.locator("[data-bell-said]")).to_have_text("การแจ้งเตือน: ยังไม่ได้อ่าน 1 รายการ")
    bell.click()
    expect(desk.get_by_role("link", name="ยกร่างหลักเกณฑ์")).to_be_visible()


def test_without_script_the_board_folds_and_filters_too(product: Product, address: str, chromium: object) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="th-TH")  # type: ignore[attr-defined]
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/cycles/{CYCLE}")

    page.locator("[data-fold]").click()
    expect(page.locator(".board-row").first).to_be_hidden()
    page.locator("#state").select_option("late")
    page.get_by_role("button", name="กรอง").click()

    expect(page).to_have_url(re.compile(r"fold=NU1.*state=late"))
    context.close()
