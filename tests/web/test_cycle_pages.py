"""The pages of cycles: who sees which rows, late in working days, filters in the address, re-issue, opening."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine import SYSTEM
from tests.support.product import NESDC, Product
from tests.support.web import Browser
from workflows import install
from workflows.organization import geography
from workflows.plans import commands
from workflows.plans.cycles import NewCycle, create_cycle, get_cycle, issue, set_calendar
from workflows.plans.cycles import close as close_cycle
from workflows.plans.states import CycleKind
from workflows.plans.steps import usual_calendar

CYCLE = "FY2571-NEW"
UNITS = ("NU1", "TH-50", "TH-51", "TH-52")
REISSUE = f"/cycles/{CYCLE}/calendar/reissue"


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a cycle of NU1 right after its circular."""
    folder = tmp_path_factory.mktemp("cycle")
    path = folder / "prepared.db"
    shutil.copyfile(sqlite_template, path)
    product = Product(f"sqlite:///{path}", folder)
    assert product.open_cycle(UNITS) == CYCLE
    product.close()
    return path


@pytest.fixture
def product(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    path = tmp_path / "test.db"
    shutil.copyfile(prepared, path)
    product = Product(f"sqlite:///{path}", tmp_path)
    yield product
    product.close()


def as_(product: Product, person: str, capacity: str = "") -> Browser:
    browser = Browser(product.app.test_client())
    answer = browser.post("/demo/switch", {"person": person, "capacity": capacity})
    assert answer.status_code == 303, answer.text
    return browser


def desk(product: Product) -> Browser:
    return as_(product, "demo-th-nesdc")


def rows(page: str) -> list[str]:
    """Return the units of the board, in the order of the table."""
    table = page.split('<table class="board"')[1].split("</table>", maxsplit=1)[0]
    return re.findall(r'<th scope="row"[^>]*><a href="/plans/FY2571-NEW/([^"#]+)"', table)


def cell(page: str, unit: str, stage: str) -> str:
    """Return the words of a cell of the board."""
    found = re.search(rf'href="/plans/{CYCLE}/{unit}#stage-{stage}"[^>]*>(.*?)</a>', page)
    assert found, f"no cell {unit} {stage}"
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(found[1]))).strip()


# --- the list and the board


def test_the_list_says_how_the_units_stand_and_which_date_is_next(product: Product) -> None:
    product.clock.advance(days=11)  # the work plans were due on the seventh day

    page = desk(product).get("/cycles").text

    assert "กำลังดำเนินการ 1 รอบ" in page
    assert "ล่าช้า 3 หน่วย" in page
    assert "กำหนดถัดไป: หน่วยงานส่งข้อมูล" in page
    assert f'href="/cycles/{CYCLE}"' in page


def test_each_cell_says_the_state_and_the_working_days(product: Product) -> None:
    product.clock.advance(days=9)  # Wednesday; the Monday before was due
    product.act(f"{CYCLE}/TH-52", "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})

    page = desk(product).get(f"/cycles/{CYCLE}").text

    assert cell(page, "TH-50", "work_plan") == "ล่าช้า 2 วันทำการ"
    assert cell(page, "TH-52", "work_plan") == "เสร็จ เกิน 2 วันทำการ"
    assert cell(page, "TH-52", "data_returns").startswith("ตามกำหนด เหลือ")
    assert cell(page, "TH-52", "draft") == "11 เม.ย. 69"
    assert "จาก 4 หน่วย ล่าช้า 2 หน่วย" in page


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("demo-th-nesdc", ["NU1", "TH-50", "TH-51", "TH-52"]),
        ("demo-th-cabinet", ["NU1", "TH-50", "TH-51", "TH-52"]),
        ("demo-north-regional-subcommittee", ["NU1", "TH-50", "TH-51", "TH-52"]),
        ("demo-nu1-office", ["NU1", "TH-50", "TH-51", "TH-52"]),
        ("demo-th52-planner", ["NU1", "TH-52"]),
        ("demo-th52-agency", ["TH-52"]),
        ("demo-th52-civil", ["TH-52"]),
    ],
)
def test_the_board_shows_what_the_capacity_may_see(product: Product, person: str, seen: list[str]) -> None:
    page = as_(product, person).get(f"/cycles/{CYCLE}").text

    assert rows(page) == seen
    hidden = {"TH-50", "TH-51", "TH-52"} - set(seen)
    assert not [unit for unit in hidden if f"/{unit}" in page]


def test_a_cycle_without_a_unit_of_ones_own_is_as_if_it_did_not_exist(product: Product) -> None:
    browser = as_(product, "demo-th58-planner")  # Mae Hong Son is not in this cycle

    assert CYCLE not in browser.get("/cycles").text
    for path in ("", "/clusters", "/calendar"):
        assert browser.get(f"/cycles/{CYCLE}{path}").status_code == 404
        assert desk(product).get(f"/cycles/FY1-NEW{path}").status_code == 404


def test_the_address_filters_and_folds(product: Product) -> None:
    product.clock.advance(days=9)
    product.act(f"{CYCLE}/TH-52", "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})
    browser = desk(product)

    assert rows(browser.get(f"/cycles/{CYCLE}?state=late").text) == ["TH-50", "TH-51"]
    assert rows(browser.get(f"/cycles/{CYCLE}?cluster=NU1&state=on_time").text) == ["NU1", "TH-52"]
    nothing = browser.get(f"/cycles/{CYCLE}?region=SOUTH").text
    assert "ไม่มีหน่วยที่ตรงกับตัวกรอง" in nothing
    folded = browser.get(f"/cycles/{CYCLE}?fold=NU1").text
    assert 'aria-expanded="false" data-fold="NU1"' in folded
    assert folded.count('<tr class="board-row" hidden>') == 4


@pytest.mark.parametrize("query", ["state=never", "region=%00", "fold=" + "x" * 500, "fold=a&" * 60, "cluster=<b>"])
def test_an_odd_address_is_met_calmly(product: Product, query: str) -> None:
    page = desk(product).get(f"/cycles/{CYCLE}?{query}")

    assert page.status_code == 200
    assert "<b>" not in page.text.split("board-filter")[1].split("</form>")[0]


def test_the_board_of_the_nation_fits_a_weak_line(product: Product) -> None:
    with product.engine.unit_of_work(product.holder(NESDC).actor) as uow:
        codes = [*geography.clusters(), *geography.provinces()]
        units = install.units_for_cycle(uow.session, codes, uow.now)
        new = NewCycle(fiscal_year=2572, kind=CycleKind.REVISION, plan_from=2571, plan_to=2575, units=units)
        cycle = create_cycle(uow.session, new, actor=uow.actor, now=uow.now)
        set_calendar(uow.session, cycle, usual_calendar(product.day()))
        issue(uow.session, cycle, {"number": "ว 1", "date": product.day()})

    page = desk(product).get("/cycles/FY2572-REV")

    assert page.text.count('class="board-row"') == 94
    assert page.text.count('class="board-region"') == 6
    assert len(gzip.compress(page.data)) < 40_000


def test_the_overview_counts_what_its_bars_show(product: Product) -> None:
    product.clock.advance(days=9)
    product.act(f"{CYCLE}/TH-52", "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})

    page = desk(product).get(f"/cycles/{CYCLE}/clusters").text

    widths = {
        kind: int(width) for kind, width in re.findall(r'class="bar-([a-z-]+)" x="\d+" y="0" width="(\d+)"', page)
    }
    assert widths == {"late": 2, "on-time": 2}
    assert f'/cycles/{CYCLE}?cluster=NU1&amp;state=late">2</a>' in page


def test_before_the_circular_the_page_says_what_is_waited_for(product: Product) -> None:
    with product.engine.unit_of_work(product.holder(NESDC).actor) as uow:
        units = install.units_for_cycle(uow.session, ["TH-52"], uow.now)
        new = NewCycle(fiscal_year=2573, kind=CycleKind.REVISION, plan_from=2571, plan_to=2575, units=units)
        code = commands.open_cycle(uow, new)

    page = as_(product, "demo-th52-planner").get(f"/cycles/{code}").text

    assert "1 หน่วยจะจัดทำแผน ยังไม่มีงานถึงหน่วยจนกว่าจะออกหนังสือเวียน" in page
    assert "รอ: ยกร่างหลักเกณฑ์และปฏิทิน" in page
    assert "สศช." in page
    assert "ยังไม่มีปฏิทิน" in as_(product, "demo-th52-planner").get(f"/cycles/{code}/calendar").text


# --- the calendar and re-issues


def wanted(**changes: str) -> dict[str, str]:
    return {
        "v:step": "work_plan",
        "v:unit": "*",
        "v:due:day": "20",
        "v:due:month": "3",
        "v:due:year": "2569",
        "v:reason": "อุทกภัยในพื้นที่",
        "v:order_ref": "มติ ครม. 10 มีนาคม 2569",
        **changes,
    }


def seen(page: str) -> str:
    return unescape(page.split('name="seen" value="')[1].split('"', maxsplit=1)[0])


def test_a_re_issue_is_looked_at_first_and_then_moves_the_open_tasks_even_after_expiry(product: Product) -> None:
    product.clock.advance(days=9)
    product.act(f"{CYCLE}/TH-52", "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})
    browser = desk(product)
    before = product.task(f"{CYCLE}/TH-50", "work_plan").due_at

    preview = browser.post(REISSUE, wanted()).text

    assert "งานที่เปิดอยู่ 2 งานจะเลื่อนกำหนด" in preview
    assert "ขณะนี้ล่าช้า 2 งาน เมื่อใช้กำหนดใหม่ล่าช้า 0 งาน" in preview
    assert product.task(f"{CYCLE}/TH-50", "work_plan").due_at == before

    done = browser.post(REISSUE, wanted(act="confirm", seen=seen(preview)), follow_redirects=True).text

    assert "เลื่อนกำหนดของงานที่เปิดอยู่ 2 งาน" in done
    assert product.task(f"{CYCLE}/TH-50", "work_plan").due_at != before
    assert "<s>9 มี.ค. 69</s>" in done
    for told in ("จาก 9 มี.ค. 69 เป็น 20 มี.ค. 69", "อุทกภัยในพื้นที่", "มติ ครม. 10 มีนาคม 2569", "ออกหลังพ้นกำหนด"):
        assert told in done
    history = done.split('class="calendar-reissues"')[1].split("</tr>")[0]
    assert "(สมมติ) · สำนักงานสภาพัฒนาการเศรษฐกิจและสังคมแห่งชาติ (สศช.)" in history
    assert "ล่าช้า" not in cell(browser.get(f"/cycles/{CYCLE}").text, "TH-50", "work_plan")


def test_one_unit_may_get_its_own_date(product: Product) -> None:
    browser = desk(product)
    before = product.task(f"{CYCLE}/TH-50", "work_plan").due_at
    typed = wanted(**{"v:unit": "TH-52"})

    preview = browser.post(REISSUE, typed).text
    done = browser.post(REISSUE, typed | {"act": "confirm", "seen": seen(preview)}, follow_redirects=True).text

    assert "เฉพาะจังหวัดลำปาง" in done
    assert product.task(f"{CYCLE}/TH-50", "work_plan").due_at == before
    assert product.task(f"{CYCLE}/TH-52", "work_plan").due_at != before
    neighbour = as_(product, "demo-th51-planner").get(f"/cycles/{CYCLE}/calendar").text
    assert "เฉพาะจังหวัดลำปาง" not in neighbour


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"v:reason": ""}, "เหตุผล"),
        ({"v:order_ref": " "}, "คำสั่งหรือมติที่อ้างอิง"),
        ({"v:due:day": "31", "v:due:month": "2"}, "ไม่มี"),
        ({"v:due:year": "2026"}, "2569"),
        ({"v:due:day": "9", "v:due:month": "3"}, "วันใหม่ตรงกับกำหนดปัจจุบัน"),
        ({"v:step": "party"}, "ขั้นตอน"),
        ({"v:unit": "TH-58"}, "ใช้กับ"),
    ],
)
def test_a_wrong_entry_is_told_beside_its_field_and_nothing_typed_is_lost(
    product: Product, changes: dict[str, str], message: str
) -> None:
    typed = wanted(**changes)

    answer = desk(product).post(REISSUE, typed | {"act": "confirm"})

    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert message in unescape(summary)
    for name in ("v:reason", "v:order_ref"):
        assert typed[name].strip() in answer.text
    assert 'id="preview-title"' not in answer.text


def test_what_is_confirmed_is_what_was_seen(product: Product) -> None:
    browser = desk(product)
    stale = seen(browser.post(REISSUE, wanted()).text)
    other = wanted(**{"v:due:day": "25"})
    browser.post(REISSUE, other | {"act": "confirm", "seen": seen(browser.post(REISSUE, other).text)})

    answer = browser.post(REISSUE, wanted(act="confirm", seen=stale))

    assert answer.status_code == 409
    assert "กำหนดเปลี่ยนไประหว่างที่ท่านดูอยู่" in answer.text
    assert "อุทกภัยในพื้นที่" in answer.text
    assert browser.post(REISSUE, wanted(act="confirm", seen=seen(answer.text))).status_code == 303


@pytest.mark.parametrize("person", ["demo-th52-planner", "demo-nu1-office", "demo-th-cabinet", "demo-th-system-admin"])
def test_only_the_secretariat_opens_cycles_and_moves_dates(product: Product, person: str) -> None:
    browser = as_(product, person)

    assert "เปิดรอบใหม่" not in browser.get("/cycles").text
    assert "/calendar/reissue" not in browser.get(f"/cycles/{CYCLE}/calendar").text
    for path in ("/cycles/new", REISSUE):
        assert browser.get(path).status_code == 403
        assert browser.post(path, wanted(act="confirm")).status_code == 403


def test_the_dates_of_a_closed_cycle_stay(product: Product) -> None:
    with product.engine.unit_of_work(SYSTEM) as uow:
        close_cycle(uow.session, get_cycle(uow.session, CYCLE))
    browser = desk(product)

    assert "/calendar/reissue" not in browser.get(f"/cycles/{CYCLE}/calendar").text
    assert browser.get(REISSUE).status_code == 409
    assert browser.post(REISSUE, wanted(act="confirm")).status_code == 409


# --- opening a cycle


def new_cycle(**changes: str | list[str]) -> dict[str, str | list[str]]:
    return {
        "v:fiscal_year": "2572",
        "v:kind": "revision",
        "v:plan_from": "2571",
        "v:plan_to": "2575",
        "v:cabinet_verb": "approve_with_observations",
        "v:notice_days": "3",
        "unit": ["TH-52"],
        **changes,
    }


def test_the_form_begins_with_the_last_cycle(product: Product) -> None:
    browser = desk(product)

    page = browser.get("/cycles/new").text
    empty = browser.get("/cycles/new?from=nothing").text

    for name, value in (("fiscal_year", "2572"), ("plan_from", "2571"), ("plan_to", "2575")):
        assert f'name="v:{name}" value="{value}"' in page
    assert re.search(r'value="revision" checked', page)
    ticked = re.findall(r'name="unit" value="([^"]+)" checked', page)
    assert sorted(ticked) == sorted(UNITS)
    assert not re.findall(r'name="unit" value="[^"]+" checked', empty)


def test_after_the_last_year_of_a_plan_a_new_plan_is_proposed(product: Product) -> None:
    with product.engine.unit_of_work(product.holder(NESDC).actor) as uow:
        units = install.units_for_cycle(uow.session, ["TH-52"], uow.now)
        new = NewCycle(fiscal_year=2575, kind=CycleKind.REVISION, plan_from=2571, plan_to=2575, units=units)
        create_cycle(uow.session, new, actor=uow.actor, now=uow.now)

    page = desk(product).get("/cycles/new").text

    assert re.search(r'value="new_plan" checked', page)
    assert 'name="v:plan_from" value="2576"' in page
    assert 'name="v:plan_to" value="2580"' in page


def test_a_whole_cluster_is_chosen_by_one_tick_without_script(product: Product) -> None:
    review = desk(product).post("/cycles/new", new_cycle(unit=[], area="NU1", act="check")).text

    assert re.findall(r'name="unit" value="([^"]+)"', review) == ["NU1", "TH-50", "TH-51", "TH-52", "TH-58"]
    assert "4 จังหวัด, 1 กลุ่มจังหวัด" in review


def test_the_whole_country_is_ninety_four_units(product: Product) -> None:
    review = desk(product).post("/cycles/new", new_cycle(unit=[], area="TH", act="check")).text

    assert "76 จังหวัด, 18 กลุ่มจังหวัด" in review


def test_a_cycle_is_opened_after_it_was_told_what_will_happen(product: Product) -> None:
    browser = desk(product)

    review = browser.post("/cycles/new", new_cycle(act="check")).text
    assert "FY2572-REV" in review
    assert "จนกว่าจะออกหนังสือเวียน" in review
    assert "FY2572-REV" not in browser.get("/cycles").text
    back = browser.post("/cycles/new", new_cycle(act="edit")).text
    assert 'name="v:fiscal_year" value="2572"' in back
    opened = browser.post("/cycles/new", new_cycle(act="open"), follow_redirects=True).text

    assert "ขั้นต่อไป: ยกร่างหลักเกณฑ์และปฏิทิน" in opened
    assert product.open("FY2572-REV") == ["draft_criteria"]
    again = browser.post("/cycles/new", new_cycle(act="open"))
    assert again.status_code == 422
    assert "มีรอบประเภทนี้ของปีงบประมาณนี้แล้ว" in again.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit": []}, "เลือกจังหวัดหรือกลุ่มจังหวัดอย่างน้อยหนึ่งหน่วย"),
        ({"unit": ["TH-99", "x"]}, "เลือกจังหวัดหรือกลุ่มจังหวัดอย่างน้อยหนึ่งหน่วย"),
        ({"v:plan_to": "2570"}, "ปีสุดท้ายของแผนต้องไม่ก่อนปีแรก"),
        ({"v:fiscal_year": "2571", "v:kind": "new_plan"}, "มีรอบประเภทนี้ของปีงบประมาณนี้แล้ว"),
        ({"v:fiscal_year": "ปีหน้า"}, "ปีงบประมาณ"),
        ({"v:kind": "party"}, "รอบนี้จัดทำ"),
    ],
)
def test_a_cycle_that_cannot_be_opened_is_told_why_and_keeps_what_was_typed(
    product: Product, changes: dict[str, str | list[str]], message: str
) -> None:
    answer = desk(product).post("/cycles/new", new_cycle(**changes) | {"v:notice_days": "17", "act": "open"})

    assert answer.status_code == 422
    assert message in unescape(answer.text.split('class="error-summary"')[1].split("</div>")[0])
    assert 'name="v:notice_days" value="17"' in answer.text
    if "unit" not in changes:
        assert 'value="TH-52" checked' in answer.text
