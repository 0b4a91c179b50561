"""The plan page in real Chromium: accessible at two sizes in every part, read without losing the place, files by hand."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Complaints, overflow, served, violations
from tests.support.drafting import CYCLE, LAMPANG, open_drafting, prepare_drafting
from tests.support.product import Product

pytestmark = pytest.mark.browser

PLANNER = "กลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำปาง"
A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TABS = ("documents", "history", "observations", "consultations", "data", "diagram", "dates")


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which Lampang drafts its plan."""
    return prepare_drafting(sqlite_template, tmp_path_factory.mktemp("drafting"))


@pytest.fixture
def product(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    product = open_drafting(prepared, tmp_path)
    yield product
    product.close()


@pytest.fixture
def site(product: Product) -> Iterator[str]:
    """Where the product is served."""
    with served(product.app) as url:
        yield url


def sign_in(page: Page, site: str, position: str = PLANNER) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_role("button", name=position).first.click()
    page.wait_for_url("**/tasks*")


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    chosen = [{"name": name, "mimeType": "application/pdf", "buffer": content} for name, content in files]
    page.locator("#upload-file").set_input_files(chosen)  # type: ignore[arg-type]  # plain dictionaries are taken too
    page.get_by_role("button", name="เพิ่มไฟล์", exact=True).click()


def test_list_and_every_part_are_accessible_quiet_and_within_the_width(
    product: Product, site: str, sized: Page
) -> None:
    complaints = Complaints(sized)
    sign_in(sized, site)
    findings: dict[str, list[str]] = {}

    for path in ("/plans", "/plans?q=ไม่มี", *(f"/plans/{LAMPANG}?tab={tab}" for tab in TABS), f"/plans/{CYCLE}/NU1"):
        sized.goto(f"{site}{path}")
        if "diagram" in path:
            sized.locator("[data-diagram]").scroll_into_view_if_needed()
            expect(sized.locator("[data-diagram]")).to_have_attribute("data-state", "ready")
        findings[path] = violations(sized)
        assert overflow(sized) <= 0, path
    sized.goto(f"{site}/plans/{LAMPANG}")
    choose(sized, ("ภาพ.pdf", b"\x89PNG\r\n\x1a\n"))
    expect(sized.locator("#upload-file-error")).to_be_visible()
    findings["refused"] = violations(sized)
    choose(sized, ("เล่มแผน.pdf", A_PDF))
    expect(sized.get_by_role("link", name="เล่มแผน.pdf", exact=True)).to_be_visible()
    findings["with files"] = violations(sized)

    assert {name: found for name, found in findings.items() if found} == {}
    assert complaints.serious() == []


def test_the_present_stage_is_the_largest(product: Product, site: str, desk: Page) -> None:
    sign_in(desk, site)
    desk.goto(f"{site}/plans/{LAMPANG}")

    sizes = {
        stage.get_attribute("id"): (stage.locator(".path-mark").bounding_box() or {}).get("width", 0)
        for stage in desk.locator(".path-stage").all()
    }

    largest = desk.locator('.path-stage[aria-current="step"]').get_attribute("id")
    assert max(sizes, key=lambda stage: sizes[stage]) == largest
    assert list(sizes.values()).count(max(sizes.values())) == 1


def test_a_part_opens_without_leaving_the_place_and_has_an_address(product: Product, site: str, desk: Page) -> None:
    sign_in(desk, site)
    desk.goto(f"{site}/plans/{LAMPANG}")
    desk.evaluate("window.scrollTo(0, 300)")
    before = desk.evaluate("window.scrollY")

    desk.get_by_role("link", name="ความเป็นมา").click()

    expect(desk.get_by_text("สำรวจความเห็น")).to_be_visible()
    assert desk.url.endswith("tab=history")
    assert desk.evaluate("window.scrollY") == before
    desk.go_back()
    expect(desk.get_by_role("button", name="เพิ่มไฟล์", exact=True)).to_be_visible()


def test_without_scripts_parts_open_and_files_are_sent(product: Product, site: str, desk: Page) -> None:
    context = desk.context.browser.new_context(java_script_enabled=False, locale="th-TH")  # type: ignore[union-attr]
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/plans/{LAMPANG}")

    page.get_by_role("link", name="ความเป็นมา").click()
    expect(page.get_by_text("สำรวจความเห็น")).to_be_visible()
    page.get_by_role("link", name="เอกสาร").click()
    choose(page, ("เล่มแผน.pdf", A_PDF))

    expect(page.get_by_text("เพิ่ม 1 ไฟล์ในฉบับที่ 1 แล้ว")).to_be_visible()
    context.close()


def test_rows_of_the_list_are_walked_by_keys(product: Product, site: str, desk: Page) -> None:
    sign_in(desk, site)
    desk.goto(f"{site}/plans")

    desk.keyboard.press("KeyJ")
    desk.keyboard.press("Enter")

    desk.wait_for_url(f"**/plans/{LAMPANG}")


def test_a_file_added_beside_the_task_is_chosen_and_what_was_typed_stays(
    product: Product, site: str, sized: Page
) -> None:
    task = product.engine.claim(product.task(LAMPANG, "draft").id, product.holder("province_strategy@TH-52").actor)
    sign_in(sized, site)
    sized.goto(f"{site}/tasks/{task.id}")
    sized.get_by_label("บันทึกถึงผู้พิจารณา").fill("ฉบับแรก")

    choose(sized, ("เล่มแผน.pdf", A_PDF))

    edition = sized.get_by_label("ฉบับของแผน")
    expect(edition).to_have_value("1")
    expect(sized.get_by_label("บันทึกถึงผู้พิจารณา")).to_have_value("ฉบับแรก")
    expect(sized.locator(".draft-state")).to_contain_text("บันทึกร่างแล้ว")
    sized.goto(f"{site}/tasks/{task.id}")
    expect(edition).to_have_value("1")
    expect(sized.get_by_label("บันทึกถึงผู้พิจารณา")).to_have_value("ฉบับแรก")


# The parser of a request whose line is cut leaves its temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_upload_shows_how_far_it_is_and_can_be_given_up(product: Product, site: str, desk: Page) -> None:
    sign_in(desk, site)
    desk.goto(f"{site}/plans/{LAMPANG}")
    # A line as weak as in the hills: the bar must be seen.
    line = desk.context.new_cdp_session(desk)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 300_000}
    line.send("Network.emulateNetworkConditions", slow)
    choose(desk, ("ใหญ่.pdf", A_PDF + b"0" * 3_000_000))

    expect(desk.locator("[data-upload-words]")).to_contain_text("ร้อยละ")
    desk.get_by_role("button", name="ยกเลิก").click()

    expect(desk.locator("[data-upload-progress]")).to_be_hidden()
    expect(desk.get_by_role("button", name="เพิ่มไฟล์", exact=True)).to_be_enabled()
    assert desk.locator("html.is-loading").count() == 0
    gc.collect()  # here, where it is allowed, and not in whatever test comes next


def test_what_is_too_large_is_said_before_it_is_sent(product: Product, site: str, desk: Page) -> None:
    sign_in(desk, site)
    desk.goto(f"{site}/plans/{LAMPANG}")
    desk.evaluate("document.querySelector('[data-upload]').dataset.uploadLimit = '1000'")
    requests: list[str] = []
    desk.on("request", lambda request: requests.append(request.method))

    choose(desk, ("ใหญ่.pdf", A_PDF + b"0" * 2_000))

    expect(desk.locator("#upload-file-error")).to_contain_text("ไฟล์ “ใหญ่.pdf” ใหญ่เกิน")
    assert "POST" not in requests
    assert desk.locator("html.is-loading").count() == 0


def test_a_browser_without_the_check_still_gets_the_page_with_the_limit(
    product: Product, site: str, desk: Page
) -> None:
    product.app.config["MAX_CONTENT_LENGTH"] = 100_000
    context = desk.context.browser.new_context(java_script_enabled=False, locale="th-TH")  # type: ignore[union-attr]
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/plans/{LAMPANG}")

    choose(page, ("ใหญ่.pdf", A_PDF + b"0" * 8_000_000))

    expect(page.get_by_role("heading", name="ไฟล์ที่ส่งใหญ่เกินกำหนด ส่งได้ครั้งละไม่เกิน 98 kB")).to_be_visible()
    context.close()
