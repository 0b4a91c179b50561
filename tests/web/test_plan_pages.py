"""The pages of plans: whose plans one sees, where a plan stands in words, its parts, remarks, what stands beside a task."""

from __future__ import annotations

import datetime as dt
import io
import re
from html import unescape

import pytest
from sqlalchemy import select, update

from engine import SYSTEM
from tests.support.product import Product
from tests.support.web import Browser
from workflows.plans.models import ClusterInput, Document, Observation, Step
from workflows.plans.queries import listing
from workflows.plans.states import DocumentState, ObservationState, ReviewStage, StepState

CYCLE = "FY2571-NEW"
LAMPANG, LAMPHUN, NU1 = f"/plans/{CYCLE}/TH-52", f"/plans/{CYCLE}/TH-51", f"/plans/{CYCLE}/NU1"
PLANNER = "demo-th52-planner"
A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TABS = ("documents", "history", "observations", "consultations", "data", "diagram", "dates")


def as_(product: Product, person: str) -> Browser:
    browser = Browser(product.app.test_client())
    answer = browser.post("/demo/switch", {"person": person, "capacity": ""})
    assert answer.status_code == 303, answer.text
    return browser


def words(page: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(page)))


def answer_of(page: str) -> str:
    """Return the sentence that answers."""
    found = re.search(r'<p class="answer[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found
    return words(found[1]).strip()


def listed(page: str) -> list[str]:
    """Return the addresses of the plans in the list, in order."""
    return re.findall(r'href="(/plans/[^"?#]+)" data-row-link', page)


def upload(browser: Browser, address: str = LAMPANG, **fields: str) -> None:
    data = {"file": (io.BytesIO(A_PDF), "เล่มแผน.pdf"), "role": "plan", **fields}
    assert browser.post(f"{address}/files", data, content_type="multipart/form-data").status_code == 303


def remark(product: Product, unit: str = "TH-52") -> int:
    """Write a remark of cabinet into the register of a unit."""
    with product.engine.unit_of_work(SYSTEM) as uow:
        document = uow.session.scalars(select(Document).where(Document.unit == unit)).one()
        row = Observation(
            document_id=document.id,
            unit=unit,
            body="cabinet",
            text="ให้ระบุค่าฐานของตัวชี้วัด",
            owner=f"province_strategy@{unit}",
            raised_on=1,
            due_fiscal_year=2572,
            state=ObservationState.OPEN,
            raised_at=uow.now,
            proof="",
        )
        uow.session.add(row)
        uow.session.flush()
        return row.id


# --- whose plans


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("demo-th-nesdc", {LAMPANG, LAMPHUN, NU1}),
        ("demo-th-cabinet", {LAMPANG, LAMPHUN, NU1}),
        ("demo-north-regional-subcommittee", {LAMPANG, LAMPHUN, NU1}),
        ("demo-nu1-office", {LAMPANG, LAMPHUN, NU1}),
        (PLANNER, {LAMPANG, NU1}),  # its own, and that of the cluster to which it contributes
        ("demo-th51-planner", {LAMPHUN, NU1}),
        ("demo-th52-agency", {LAMPANG}),
        ("demo-th52-local", {LAMPANG}),
        ("demo-th50-planner", set()),  # its province has no plan in this cycle
    ],
)
def test_list_and_pages_show_the_same_plans_to_each_role(drafting: Product, person: str, seen: set[str]) -> None:
    browser = as_(drafting, person)

    assert set(listed(browser.get("/plans").text)) == seen
    for address in (LAMPANG, LAMPHUN, NU1):
        assert browser.get(address).status_code == (200 if address in seen else 404)
        assert browser.get(f"{address}/diagram.bpmn").status_code == (200 if address in seen else 404)


def test_a_plan_that_is_not_there_is_answered_like_one_of_others(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    unknown, foreign = browser.get(f"/plans/{CYCLE}/TH-99"), browser.get(LAMPHUN)

    assert unknown.status_code == foreign.status_code == 404
    assert len({re.sub(r"[0-9a-f]{16}", "", words(answer.text)) for answer in (unknown, foreign)}) == 1


# --- the list


def test_ones_own_plan_comes_first_and_says_what_it_waits_for(drafting: Product) -> None:
    page = as_(drafting, PLANNER).get("/plans").text

    assert listed(page)[0] == LAMPANG
    row = words(page.split('class="plan-row"')[1])
    assert "รอ “ส่งกลุ่มจังหวัด” และอีก 1 เรื่อง" in row
    assert "กลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำปาง" in row


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=ลำพูน", [LAMPHUN]),
        ("q=กลุ่มจังหวัด", [NU1]),
        ("cluster=NU1&region=NORTH", [NU1, LAMPHUN, LAMPANG]),
        ("region=SOUTH", []),
        ("cycle=FY2599-NEW", []),
        ("state=announced", []),
        ("state=nonsense&page=-3", [NU1, LAMPHUN, LAMPANG]),
    ],
)
def test_the_address_filters_the_list(drafting: Product, query: str, seen: list[str]) -> None:
    page = as_(drafting, "demo-th-nesdc").get(f"/plans?{query}").text

    assert listed(page) == seen
    assert seen or "ไม่มีรายการที่ตรงกับตัวกรอง" in page


def test_only_late_plans_when_that_is_asked(drafting: Product) -> None:
    drafting.clock.set("2026-03-11T02:00:00+00:00")  # the work plan of Lamphun was due on the Monday before
    browser = as_(drafting, "demo-th-nesdc")

    assert listed(browser.get("/plans?state=late").text) == [LAMPHUN]


def test_a_long_list_comes_in_pages(drafting: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    browser = as_(drafting, "demo-th-nesdc")

    first, second, beyond = (browser.get(f"/plans?page={page}").text for page in (1, 2, 99))

    assert (len(listed(first)), len(listed(second))) == (2, 1)
    assert 'rel="next" href="/plans?page=2"' in first
    assert listed(beyond) == listed(second)


# --- where it stands


def test_the_first_sentence_says_what_is_waited_for_from_whom_since_when_and_until_when(drafting: Product) -> None:
    page = as_(drafting, PLANNER).get(LAMPANG).text

    assert answer_of(page) == (  # Makha Bucha was a holiday among these days
        "รอ “ส่งกลุ่มจังหวัด” จากกลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำปาง มาแล้ว 6 วันทำการ ครบกำหนดวันพุธที่ 1 เมษายน 2569"
    )
    assert "ขั้นต่อไป: รับฟัง" in words(page)
    assert "เปิดงาน" in page


def test_a_late_step_is_told_in_working_days(drafting: Product) -> None:
    page = as_(drafting, "demo-th51-planner").get(LAMPHUN).text

    assert answer_of(page).endswith("เกิน 2 วันทำการ")
    assert 'class="answer is-late"' in page


def test_the_present_stage_is_marked_among_stages_with_their_dates(drafting: Product) -> None:
    page = as_(drafting, PLANNER).get(LAMPANG).text

    path = page.split('<ol class="path">')[1].split("</ol>", maxsplit=1)[0]
    assert path.count('aria-current="step"') == 1
    assert re.search(r'id="stage-analysis" class="path-stage is-done', path)
    assert re.search(r'id="stage-draft" class="path-stage is-current', path)
    assert "วิเคราะห์ เสร็จแล้ว แล้วเสร็จ 4 มี.ค. 69" in words(path)


def test_who_may_not_do_the_task_is_not_led_to_it(drafting: Product) -> None:
    assert "เปิดงาน" not in as_(drafting, "demo-th-nesdc").get(LAMPANG).text


@pytest.mark.parametrize(
    ("stage", "whom"),
    [
        (ReviewStage.ARRIVED, "รอ “ผลการกลั่นกรอง” จากทีมบูรณาการกลาง"),
        (ReviewStage.SCREENED, "รอ “ผลพิจารณาระดับภาค” จากฝ่ายเลขานุการ อ.ก.น.บ. ภาคเหนือ"),
        (ReviewStage.REGIONAL, "รอ “มติ ก.น.บ.” จากฝ่ายเลขานุการ ก.น.บ."),
        (ReviewStage.POLICY, "รอ “มติคณะรัฐมนตรี” จากสำนักเลขาธิการคณะรัฐมนตรี"),
    ],
)
def test_a_plan_in_the_national_review_names_the_body(drafting: Product, stage: ReviewStage, whom: str) -> None:
    handed_in(drafting, DocumentState.SUBMITTED, stage)

    page = as_(drafting, PLANNER).get(LAMPANG).text

    assert answer_of(page).startswith(whom)


def test_a_plan_that_stays_unchanged_says_so_and_waits_for_nothing(drafting: Product) -> None:
    handed_in(drafting, DocumentState.UNCHANGED, ReviewStage.FINAL)

    page = as_(drafting, PLANNER).get(LAMPANG).text

    assert answer_of(page) == "รอบนี้ไม่ทบทวน ใช้แผนเดิมต่อไป แจ้งแล้วเมื่อ 11 มีนาคม 2569"
    assert 'id="stage-committee" class="path-stage is-skipped' in page
    assert "เพิ่มไฟล์ในฉบับที่" not in page


def handed_in(product: Product, state: DocumentState, stage: ReviewStage) -> None:
    with product.engine.unit_of_work(SYSTEM) as uow:
        document = uow.session.scalars(select(Document).where(Document.unit == "TH-52")).one()
        document.state, document.review_stage, document.submitted_at = state, stage, uow.now
        done = update(Step).where(Step.document_id == document.id, Step.state == StepState.OPEN)
        uow.session.execute(done.values(state=StepState.DONE, done_at=uow.now))


# --- its parts


def test_every_part_has_an_address_and_an_unknown_one_shows_the_documents(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    for tab in TABS:
        page = browser.get(f"{LAMPANG}?tab={tab}").text
        assert f'aria-labelledby="part-{tab}"' in page
        assert page.count('<section class="plan-part"') == 1

    assert 'aria-labelledby="part-documents"' in browser.get(f"{LAMPANG}?tab=nonsense").text
    assert browser.get(f"{LAMPANG}?tab=all").text.count('<section class="plan-part"') == len(TABS)


def test_the_history_names_person_and_capacity_of_every_step(drafting: Product) -> None:
    page = words(as_(drafting, PLANNER).get(f"{LAMPANG}?tab=history").text)

    assert re.search(r"สำรวจความเห็น .{0,60}4 มี.ค. 69 09:00 น. · .+? · กลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำปาง", page)


def test_who_owes_data_is_named(drafting: Product) -> None:
    page = words(as_(drafting, PLANNER).get(f"{LAMPANG}?tab=data").text)

    assert "ยังค้างข้อมูล 2 หน่วยงาน" in page
    assert "องค์การบริหารส่วนจังหวัดลำปาง" in page


def test_a_cluster_names_the_provinces_whose_input_is_missing(drafting: Product) -> None:
    drafting.act(f"{CYCLE}/TH-52", "cluster_input", {"projects": "เส้นทางท่องเที่ยว\nป้องกันไฟป่า", "summary": "ร่วมกัน"})

    page = words(as_(drafting, "demo-nu1-office").get(f"{NU1}?tab=data").text)

    assert "ยังขาดข้อมูล 1 จังหวัด: ลำพูน" in page
    assert "รอ “ข้อมูลจากจังหวัด” จากกลุ่มงานยุทธศาสตร์ฯ สำนักงานจังหวัดลำพูน" in page
    assert "เส้นทางท่องเที่ยว" in page


def test_an_addendum_is_told_from_input_in_time(drafting: Product) -> None:
    with drafting.engine.unit_of_work(SYSTEM) as uow:
        cluster = uow.session.scalars(select(Document).where(Document.unit == "NU1")).one()
        late = ClusterInput(
            document_id=cluster.id, province="TH-51", projects="ถนน", summary="", received_at=uow.now, sent_by="x",
            late=True, state="addendum", comment="",
        )  # fmt: skip
        uow.session.add(late)

    page = words(as_(drafting, "demo-nu1-office").get(f"{NU1}?tab=data").text)

    assert "เอกสารเพิ่มเติม รอพิจารณา" in page
    assert "หลังวันตัดยอด" in page


def test_the_diagram_shows_the_tokens_and_the_same_as_a_list(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    page = browser.get(f"{LAMPANG}?tab=diagram").text
    diagram = re.search(r'data-diagram="([^"]+)" data-tokens="([^"]+)"', page)

    assert diagram
    assert '"draft"' in unescape(diagram[2])
    assert "ยกร่างแผน (กลุ่มงานยุทธศาสตร์และข้อมูลฯ) อยู่ที่นี่" in words(page)
    answer = browser.get(unescape(diagram[1]))
    assert answer.mimetype == "application/xml"
    assert b"bpmn:definitions" in answer.data


def test_a_moved_date_shows_the_first_one_and_the_reason(drafting: Product) -> None:
    from workflows.plans import commands

    with drafting.engine.unit_of_work(drafting.holder("nesdc@TH").actor) as uow:
        commands.reissue_due(
            uow, CYCLE, step="draft", due=dt.date(2026, 4, 30), reason="อุทกภัย", order_ref="มติ ครม. 10 มี.ค. 69"
        )

    page = words(as_(drafting, PLANNER).get(f"{LAMPANG}?tab=dates").text)

    assert "11 เม.ย. 69" in page
    assert "30 เม.ย. 69" in page
    assert "อุทกภัย · มติ ครม. 10 มี.ค. 69" in page


# --- remarks


def test_the_owner_closes_a_remark_with_edition_and_proof(drafting: Product) -> None:
    observation, browser = remark(drafting), as_(drafting, PLANNER)
    upload(browser)

    answer = browser.post(
        f"{LAMPANG}/observations/{observation}/close",
        {"edition": "1", "proof": "หน้า 42 เพิ่มค่าฐานแล้ว"},
        follow_redirects=True,
    )

    assert "ปิดข้อสังเกตแล้ว ตอบไว้ในฉบับที่ 1" in answer.text
    assert "หน้า 42 เพิ่มค่าฐานแล้ว" in answer.text
    again = browser.post(
        f"{LAMPANG}/observations/{observation}/close", {"edition": "1", "proof": "อื่น"}, follow_redirects=True
    )
    assert "มีผู้ปิดข้อสังเกตนี้ไปก่อนแล้ว" in again.text
    assert "หน้า 42 เพิ่มค่าฐานแล้ว" in again.text


def test_without_proof_nothing_is_closed_and_what_was_typed_stays(drafting: Product) -> None:
    observation, browser = remark(drafting), as_(drafting, PLANNER)
    upload(browser)

    no_proof = browser.post(f"{LAMPANG}/observations/{observation}/close", {"edition": "1", "proof": " "})
    no_edition = browser.post(f"{LAMPANG}/observations/{observation}/close", {"edition": "7", "proof": "หน้า 42"})

    assert (no_proof.status_code, no_edition.status_code) == (422, 422)
    assert f'href="#proof-{observation}"' in no_proof.text
    assert f'href="#edition-{observation}"' in no_edition.text
    assert ">หน้า 42</textarea>" in no_edition.text
    with drafting.engine.reading() as read:
        kept = read.session.get(Observation, observation)
        assert kept is not None
        assert kept.state == ObservationState.OPEN


def test_only_the_owner_closes_a_remark(drafting: Product) -> None:
    observation = remark(drafting)

    for person, status in (("demo-th52-agency", 403), ("demo-th-nesdc", 403), ("demo-th51-planner", 404)):
        answer = as_(drafting, person).post(
            f"{LAMPANG}/observations/{observation}/close", {"edition": "1", "proof": "หน้า 42"}
        )
        assert answer.status_code == status, person


# --- beside a task


def test_beside_the_draft_stand_files_remarks_and_where_the_plan_stands(drafting: Product) -> None:
    remark(drafting)
    task = drafting.task(f"{CYCLE}/TH-52", "draft")

    page = as_(drafting, PLANNER).get(f"/tasks/{task.id}").text

    assert "ฉบับและเอกสาร" in page
    assert "ข้อสังเกตที่ต้องตอบ 1 ข้อ" in page
    assert "ให้ระบุค่าฐานของตัวชี้วัด" in page
    assert "แผนนี้อยู่ขั้นใด" in page
    assert f'action="{LAMPANG}/files"' in page
    assert f'<a href="{LAMPANG}">แผนพัฒนาจังหวัดลำปาง พ.ศ. 2571–2575</a>' in page


def test_an_uploaded_edition_is_offered_and_chosen_in_the_form(drafting: Product) -> None:
    task = drafting.engine.claim(
        drafting.task(f"{CYCLE}/TH-52", "draft").id, drafting.holder("province_strategy@TH-52").actor
    )
    browser = as_(drafting, PLANNER)

    data = {"file": (io.BytesIO(A_PDF), "เล่มแผน.pdf"), "role": "plan", "beside": "1", "next": f"/tasks/{task.id}"}
    answer = browser.post(f"{LAMPANG}/files", data, content_type="multipart/form-data")

    assert answer.headers["Location"] == f"/tasks/{task.id}?edition=1"
    page = browser.get(answer.headers["Location"]).text
    assert re.search(r'<option value="1" selected>ฉบับที่ 1 · ร่าง', page)


def test_rows_of_the_inbox_and_search_know_plans_by_name(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    found = browser.get("/tasks?tab=takeable&q=ลำปาง").text

    assert "แผนพัฒนาจังหวัดลำปาง พ.ศ. 2571–2575 · จังหวัดลำปาง" in words(found)
    assert "ยกร่างแผน" in found
