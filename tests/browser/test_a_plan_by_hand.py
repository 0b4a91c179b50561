"""A whole provincial plan by hand in real Chromium: from the work plan to the submission, each person on their own page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from tests.support.browser import SIZES, Complaints, overflow, served, violations
from tests.support.product import Product
from workflows.plans.models import Decision, Document, Edition, Opinion

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAMPHUN = "TH-51"
PLANNER = "กลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำพูน"
COMMITTEE = "เลขานุการ ก.บ.จ. จังหวัดลำพูน"
GOVERNOR = "ผู้ว่าราชการจังหวัดลำพูน"
AGENCY = "สำนักงานเกษตรและสหกรณ์จังหวัดลำพูน"
NETWORK = "เครือข่ายลุ่มน้ำกวง (สมมติ)"
A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class Desk:
    """What a person does at the screen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def sit_down(self, position: str) -> Desk:
        """Become the person who holds a position."""
        self.page.goto(f"{self._address}/sign-in")
        self.page.get_by_role("button", name=position).first.click()
        self.page.wait_for_url("**/tasks*")
        return self

    def take(self, task: str) -> Locator:
        """Find a task among those that can be taken, open it and take it; returns its form."""
        self.page.goto(f"{self._address}/tasks?tab=takeable")
        row = self.page.locator("a[data-task-link]").filter(has_text=task).first
        self.page.goto(f"{self._address}{row.get_attribute('href')}")
        self.page.get_by_role("button", name="รับงานนี้").click()
        form = self.page.locator("form[data-draft]")
        expect(form).to_be_visible()
        return form

    def send(self, button: str) -> None:
        """Press a button of the form; the page then says what happened."""
        self.page.locator("form[data-draft]").get_by_role("button", name=button, exact=True).click()
        expect(self.page.get_by_text("เลขอ้างอิง")).to_be_visible()

    def upload(self, name: str) -> None:
        """Add a file to the working edition, beside the task; the form then offers the edition."""
        folded = self.page.locator("details.upload:not([open]) > summary")
        if folded.count():
            folded.first.click()
        panel = self.page.locator("form[data-upload]")
        panel.locator('input[type="file"]').set_input_files(
            {"name": name, "mimeType": "application/pdf", "buffer": A_PDF}
        )
        panel.locator('button[type="submit"]').first.click()
        expect(self.page.get_by_role("link", name=name, exact=True)).to_be_visible()


def write_date(form: Locator, legend: str, day: dt.date) -> None:
    group = form.get_by_role("group", name=legend).last
    group.locator("input.day").fill(str(day.day))
    group.locator("select.month").select_option(str(day.month))
    group.locator("input.year").fill(str(day.year + 543))


@pytest.fixture
def product(sqlite_url: str, tmp_path: Path) -> Iterator[Product]:
    product = Product(sqlite_url, tmp_path / "files")
    yield product
    product.close()


@pytest.fixture
def desk(product: Product, chromium: Browser) -> Iterator[Desk]:
    width, height = SIZES["desk"]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="th-TH")
    with served(product.app) as address:
        yield Desk(context.new_page(), address)
    context.close()


def test_from_the_work_plan_to_the_submission(product: Product, desk: Desk) -> None:
    complaints = Complaints(desk.page)
    key = f"{product.open_cycle([LAMPHUN])}/{LAMPHUN}"

    _collect(desk)
    assert product.open(key) == ["analysis"]
    _analyse(desk)
    _draft(desk)
    _consult(product, desk)
    assert product.open(key) == ["committee_resolution"]
    _decide(product, desk)
    _submit(product, desk)

    _check_records(product, key)
    _check_plan_page(desk, key)
    assert complaints.serious() == []
    assert product.engine.verify_audit().verified


def _collect(desk: Desk) -> None:
    form = desk.sit_down(PLANNER).take("วางแผนงาน")
    form.get_by_label("แผนการทำงาน").fill("ประชุมคณะทำงานทุกสัปดาห์")
    form.get_by_label("ข้อมูลที่ขอจากหน่วยงาน").fill("ผลการดำเนินงาน ปัญหาและความต้องการ")
    desk.send("มอบหมาย")

    form = desk.sit_down(AGENCY).take("ส่งข้อมูล")
    expect(form).to_contain_text("ผลการดำเนินงาน ปัญหาและความต้องการ")
    form.get_by_label("ข้อมูลและผลการดำเนินงาน").fill("ผลผลิตลำไยเพิ่มขึ้นร้อยละ 4")
    form.get_by_label("แหล่งข้อมูลและวันที่ของข้อมูล").fill("ทะเบียนเกษตรกร ณ 31 ม.ค. 2569")
    desk.send("ส่งข้อมูล")

    form = desk.sit_down(PLANNER).take("ปิดรับข้อมูล")
    form.get_by_label("บันทึกการปิดรับ").fill("อบจ. จะส่งเป็นเอกสารเพิ่มเติม")
    desk.send("ปิดรับข้อมูล")


def _analyse(desk: Desk) -> None:
    form = desk.take("วิเคราะห์พื้นที่")
    form.get_by_label("ผลการวิเคราะห์").fill("รายได้เกษตรกรเพิ่มขึ้น แต่ฝุ่นละอองยังเป็นปัญหาหลัก")
    desk.send("บันทึกผลวิเคราะห์")
    form = desk.take("สำรวจความเห็น")
    form.get_by_label("จำนวนผู้ตอบ").fill("สี่ร้อย")
    form.get_by_label("ผลการสำรวจ").fill("ประชาชนให้ความสำคัญกับน้ำและคุณภาพอากาศ")
    form.get_by_role("button", name="บันทึกผลสำรวจ").click()
    expect(desk.page.get_by_role("alert")).to_be_focused()
    form = desk.page.locator("form[data-draft]")
    expect(form.get_by_label("ผลการสำรวจ")).to_have_value("ประชาชนให้ความสำคัญกับน้ำและคุณภาพอากาศ")
    form.get_by_label("จำนวนผู้ตอบ").fill("412")
    desk.send("บันทึกผลสำรวจ")


def _draft(desk: Desk) -> None:
    form = desk.take("ยกร่างแผน")
    form.get_by_label("บันทึกถึงผู้พิจารณา").fill("ร่างแรก รอรับฟังความเห็น")
    expect(desk.page.locator(".draft-state")).to_contain_text("บันทึกร่างแล้ว")
    desk.upload("ร่างแผนพัฒนาจังหวัดลำพูน.pdf")
    desk.page.reload()
    form = desk.page.locator("form[data-draft]")
    expect(form.get_by_label("บันทึกถึงผู้พิจารณา")).to_have_value("ร่างแรก รอรับฟังความเห็น")
    form.get_by_label("ฉบับของแผน").select_option("1")
    desk.send("ส่งร่าง")


def _consult(product: Product, desk: Desk) -> None:
    meeting = product.day(10)
    form = desk.take("กำหนดประชุมและผู้รับเชิญ")
    write_date(form, "วันประชุม", meeting)
    form.get_by_label("สถานที่").fill("หอประชุมศาลากลาง")
    form.get_by_label("ในห้องประชุม").check()
    desk.send("เสนอลงนามเชิญ")

    form = desk.sit_down(GOVERNOR).take("ลงนามเชิญ")
    form.get_by_label("เลขที่หนังสือเชิญ").fill("ลพ 0017.2/ว 812")
    write_date(form, "ลงวันที่", product.day())
    desk.send("ลงนาม")

    form = desk.sit_down(NETWORK).take("ให้ความเห็นต่อร่าง")
    form.get_by_role("button", name="เพิ่มแถว").click()
    form.get_by_label("ต่อเรื่องใดของร่าง").last.fill("โครงการแหล่งน้ำ")
    form.get_by_role("textbox", name="ความเห็น").last.fill("ขอให้ลำดับพื้นที่แล้งซ้ำซากก่อน")
    desk.send("ส่งความเห็น")

    product.clock.advance(days=10)
    form = desk.sit_down(PLANNER).take("บันทึกการประชุม")
    write_date(form, "วันที่ประชุม", meeting)
    for came in form.get_by_role("combobox", name="มาประชุม").all():
        came.select_option("attended")
    form.get_by_label("สรุปรายงานการประชุม").fill("ที่ประชุมเห็นพ้องกับประเด็นการพัฒนา")
    desk.send("บันทึกและปิดรับฟัง")

    form = desk.take("ตอบทุกความเห็น")
    expect(form).to_contain_text("ขอให้ลำดับพื้นที่แล้งซ้ำซากก่อน")
    form.get_by_role("combobox", name="ผล").select_option("accepted")
    form.get_by_label("เหตุผล").fill("ปรับลำดับโครงการในบทที่ 3 แล้ว")
    desk.send("ตอบทุกความเห็นแล้ว")

    form = desk.take("ปรับร่าง")
    desk.upload("ร่างที่ปรับแล้ว.pdf")
    form.get_by_label("ฉบับที่ปรับแล้ว").select_option("2")
    desk.send("ส่งร่างที่ปรับ")


def _decide(product: Product, desk: Desk) -> None:
    form = desk.sit_down(COMMITTEE).take("มติ ก.บ.จ.")
    form.get_by_label("ครั้งที่ประชุม").fill("2/2569")
    write_date(form, "วันที่มีมติ", product.day())
    form.get_by_role("button", name="ส่งกลับแก้ไข", exact=True).click()  # without the reason that it needs
    expect(desk.page.get_by_role("alert")).to_be_focused()
    form = desk.page.locator("form[data-draft]")
    expect(form.get_by_label("ครั้งที่ประชุม")).to_have_value("2/2569")
    form.get_by_label("ข้อสังเกต").fill("ระบุข้อมูลฐานของตัวชี้วัดรายได้")
    desk.send("เห็นชอบโดยมีข้อสังเกต")


def _submit(product: Product, desk: Desk) -> None:
    form = desk.sit_down(GOVERNOR).take("ลงนามส่งแผน")
    form.get_by_label("เลขที่หนังสือนำส่ง").fill("ลพ 0017.2/1570")
    write_date(form, "ลงวันที่", product.day())
    desk.send("ลงนาม")


def _check_records(product: Product, key: str) -> None:
    with product.engine.reading() as read:
        document = read.session.scalars(select(Document).where(Document.plan_key == key)).one()
        decisions = read.session.scalars(select(Decision).where(Decision.document_id == document.id)).all()
        editions = {
            edition.number: edition
            for edition in read.session.scalars(select(Edition).where(Edition.document_id == document.id))
        }
        (opinion,) = read.session.scalars(select(Opinion))

    assert document.state == "submitted"
    assert document.submission_number == "ลพ 0017.2/1570"
    committee = next(decision for decision in decisions if decision.body == "province_committee")
    assert (committee.outcome, committee.edition_number) == ("approve_with_observations", 2)
    assert committee.edition_hash == editions[2].hash
    assert editions[2].state == "decided"
    assert (opinion.disposition, opinion.reason) == ("accepted", "ปรับลำดับโครงการในบทที่ 3 แล้ว")
    assert len(product.engine.tasks(business_key=key, element_id="return_data")) == 0


def _check_plan_page(desk: Desk, key: str) -> None:
    desk.page.goto(f"{desk._address}/plans/{key}")

    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("ลำพูน")
    expect(desk.page.get_by_role("link", name="ร่างที่ปรับแล้ว.pdf").first).to_be_visible()
    assert violations(desk.page) == []
    assert overflow(desk.page) <= 0


def test_a_task_of_an_office_with_a_long_name_fits_a_phone(product: Product, phone: Page) -> None:
    product.open_cycle([LAMPHUN])

    with served(product.app) as address:
        Desk(phone, address).sit_down("สำนักงานสภาพัฒนาการเศรษฐกิจและสังคมแห่งชาติ")
        phone.get_by_role("link", name="ปิดรับชุดนี้").click()
        expect(phone.get_by_role("button", name="รับงานนี้")).to_be_visible()

        assert overflow(phone) <= 0
        assert violations(phone) == []
