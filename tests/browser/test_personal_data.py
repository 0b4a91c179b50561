"""Personal data, readers of files and refused uploads in real Chromium: accessible at two sizes, a PDF is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.support.browser import Complaints, overflow, served, violations
from tests.support.drafting import CYCLE, open_drafting, prepare_drafting
from tests.support.hostile_files import office
from tests.support.product import Product
from workflows.organization.models import Holding

pytestmark = pytest.mark.browser

PLANNER = "กลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำปาง"
ADMINISTRATOR = "ผู้ดูแลระบบ"
LEFT = "demo-th51-planner"
A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_drafting(sqlite_template, tmp_path_factory.mktemp("drafting"))


@pytest.fixture
def product(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    product = open_drafting(prepared, tmp_path)
    with product.engine.unit_of_work() as uow:
        ended = update(Holding).where(Holding.person_id == LEFT)
        uow.session.execute(ended.values(valid_to=uow.now, ended_by="x", end_reason="ย้าย"))
    product.clock.advance(minutes=1)
    yield product
    product.close()


@pytest.fixture
def site(product: Product) -> Iterator[str]:
    with served(product.app) as url:
        yield url


def sign_in(page: Page, site: str, position: str) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_role("button", name=position).first.click()
    page.wait_for_url("**/tasks*")


def looked_at(page: Page, name: str) -> list[str]:
    wide = [f"{overflow(page)} pixels too wide"] if overflow(page) > 0 else []
    return [f"{name}: {found}" for found in [*violations(page), *wide]]


def test_pages_of_personal_data_are_accessible_and_within_the_width(site: str, sized: Page) -> None:
    complaints, found = Complaints(sized), []
    sign_in(sized, site, ADMINISTRATOR)

    for address in ("/my-data", "/privacy", "/privacy/demo-th52-planner", f"/privacy/{LEFT}"):
        sized.goto(f"{site}{address}")
        found += looked_at(sized, address)
    sized.get_by_role("button", name="ลบชื่อบุคคลนี้ออก").click()
    expect(sized.get_by_text("โปรดระบุเหตุผล")).to_be_visible()
    found += looked_at(sized, "refused")

    assert found == []
    assert complaints.serious() == []


def test_a_refused_file_is_told_beside_the_field_without_leaving_the_page(site: str, sized: Page) -> None:
    sign_in(sized, site, PLANNER)
    sized.goto(f"{site}/plans/{CYCLE}/TH-52")
    hidden = {"name": "แผน.docx", "mimeType": "", "buffer": office({"word/vbaProject.bin": b"x"})}
    sized.locator("#upload-role").select_option("forms")

    sized.locator("#upload-file").set_input_files([hidden])  # type: ignore[arg-type]  # plain dictionaries are taken too
    sized.get_by_role("button", name="เพิ่มไฟล์", exact=True).click()

    expect(sized.locator("#upload-file-error")).to_contain_text("มีมาโคร")
    expect(sized.locator("#upload-role")).to_have_value("forms")
    assert looked_at(sized, "upload") == []


def test_whoever_answers_for_the_plan_reads_who_has_looked_at_its_files(site: str, sized: Page) -> None:
    sign_in(sized, site, PLANNER)
    sized.goto(f"{site}/plans/{CYCLE}/TH-52")
    chosen = {"name": "เล่มแผน.pdf", "mimeType": "application/pdf", "buffer": A_PDF}
    sized.locator("#upload-file").set_input_files([chosen])  # type: ignore[arg-type]  # as above
    sized.get_by_role("button", name="เพิ่มไฟล์", exact=True).click()
    with sized.expect_download() as download:
        sized.get_by_role("link", name="เล่มแผน.pdf").first.click()

    sized.get_by_role("link", name="ผู้ที่อ่านไฟล์").click()

    assert download.value.suggested_filename == "เล่มแผน.pdf"
    expect(sized.get_by_text("ดาวน์โหลด ·")).to_be_visible()
    assert looked_at(sized, "readers") == []
