"""Files of plans through HTTP: what is accepted, from whom, how large; names, hashes, headers; what stays frozen."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import SYSTEM
from tests.support.product import Product
from tests.support.web import Browser
from tests.web.test_plan_pages import A_PDF, LAMPANG, LAMPHUN, PLANNER, as_, words
from web.composition import EXTENSION
from workflows.files.kinds import DOCX
from workflows.files.limits import Limits
from workflows.files.store import DirectoryStore
from workflows.plans.documents import freeze
from workflows.plans.models import Document, Edition, PlanFile
from workflows.plans.states import DocumentState, EditionState

THAI_NAME = "แผนพัฒนาจังหวัดลำปาง (ฉบับ ก.บ.จ.).pdf"


def an_office_file(main_part: str = "word/document.xml", *extra: str) -> bytes:
    """Return a small DOCX (or XLSX by its main part)."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name in ("[Content_Types].xml", main_part, *extra):
            package.writestr(name, "<?xml version='1.0'?><x/>")
    return content.getvalue()


def send(
    browser: Browser,
    content: bytes = A_PDF,
    name: str = "เล่มแผน.pdf",
    *,
    address: str = LAMPANG,
    headers: dict[str, str] | None = None,
    **fields: str,
) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), "role": "plan", **fields}
    return browser.post(f"{address}/files", data, content_type="multipart/form-data", headers=headers)


def files_of(product: Product) -> Sequence[PlanFile]:
    with product.engine.reading() as read:
        found = read.session.scalars(select(PlanFile).order_by(PlanFile.id)).all()
        read.session.expunge_all()
        return found


def fetch(browser: Browser, file: PlanFile, address: str = LAMPANG, query: str = "") -> TestResponse:
    """Download a file, wholly read and closed."""
    return browser.get(f"{address}/files/{file.id}{query}", buffered=True)


def close_edition(product: Product, state: EditionState) -> None:
    with product.engine.unit_of_work(SYSTEM) as uow:
        freeze(uow.session, uow.session.scalars(select(Edition)).one(), state)


# --- accepted


def test_an_upload_makes_the_edition_and_the_page_shows_name_role_and_hash(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    answer = send(browser, name=THAI_NAME)

    assert answer.headers["Location"].endswith(f"{LAMPANG}?tab=documents#parts")
    page = browser.get(f"{LAMPANG}?tab=documents").text
    assert "เพิ่ม 1 ไฟล์ในฉบับที่ 1 แล้ว" in page
    assert THAI_NAME in page
    assert hashlib.sha256(A_PDF).hexdigest() in page
    assert "เอกสารชุดส่งยังขาด: แบบฟอร์ม จ.1 และ จ.1-1, รายงานการประชุม, รายงานผลการสำรวจ" in words(page)


def test_several_files_come_at_once(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    data = {"file": [(io.BytesIO(A_PDF), "หนึ่ง.pdf"), (io.BytesIO(an_office_file()), "สอง.docx")], "role": "attachment"}

    answer = browser.post(f"{LAMPANG}/files", data, content_type="multipart/form-data", follow_redirects=True)

    assert "เพิ่ม 2 ไฟล์ในฉบับที่ 1 แล้ว" in answer.text
    assert [(file.name, file.role) for file in files_of(drafting)] == [
        ("หนึ่ง.pdf", "attachment"),
        ("สอง.docx", "attachment"),
    ]


def test_minutes_may_be_kept_with_the_plan_as_a_whole_but_not_its_document(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    minutes, document = send(browser, role="minutes", keep="plan"), send(browser, role="plan", keep="plan")

    assert (minutes.status_code, document.status_code) == (303, 422)
    assert "เล่มแผนและแบบฟอร์มต้องอยู่กับฉบับใดฉบับหนึ่ง" in document.text
    assert [(file.role, file.edition_id) for file in files_of(drafting)] == [("minutes", None)]


def test_the_same_file_sent_twice_is_there_once(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    send(browser)
    send(browser)

    assert len(files_of(drafting)) == 1


def test_a_script_gets_the_part_of_the_page_and_the_edition_to_choose(drafting: Product) -> None:
    answer = send(as_(drafting, PLANNER), headers={"HX-Request": "true"}, beside="1", next="/tasks/1")

    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="plan-documents"')
    added = json.loads(answer.headers["HX-Trigger"])["reference-added"]
    assert (added["kind"], added["value"]) == ("edition", "1")
    assert added["label"].startswith("ฉบับที่ 1 · ร่าง")


def test_nobody_is_sent_to_another_site_after_an_upload(drafting: Product) -> None:
    answer = send(as_(drafting, PLANNER), beside="1", next="https://example.org/")

    assert answer.headers["Location"].startswith(LAMPANG)


# --- refused


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 500, "ภาพ.pdf", "ไม่ใช่ PDF, Word (.docx) หรือ Excel (.xlsx)"),
        (b"<html><script>alert(1)</script></html>", "แผน.pdf", "ไม่ใช่ PDF, Word (.docx) หรือ Excel (.xlsx)"),
        (b"", "ว่าง.pdf", "ว่างเปล่า"),
        (an_office_file("word/document.xml", "word/vbaProject.bin"), "แผน.docx", "มีมาโคร"),
        (an_office_file()[:-30], "แผน.docx", "เสียหาย"),
        (an_office_file("ppt/presentation.xml"), "แผน.docx", "ไม่ใช่ PDF, Word (.docx) หรือ Excel (.xlsx)"),
    ],
)
def test_a_wrong_file_is_refused_by_its_content_with_its_name_and_a_remedy(
    drafting: Product, content: bytes, name: str, told: str
) -> None:
    answer = send(as_(drafting, PLANNER), content, name, role="forms")

    assert answer.status_code == 422
    assert f"ไฟล์ “{name}”" in answer.text
    assert told in answer.text
    assert 'href="#upload-file"' in answer.text
    assert '<option value="forms" selected>' in answer.text  # what was chosen is kept
    assert files_of(drafting) == []


def test_one_wrong_file_among_several_attaches_none(drafting: Product) -> None:
    data = {"file": [(io.BytesIO(A_PDF), "ดี.pdf"), (io.BytesIO(b"text"), "ไม่ดี.pdf")], "role": "plan"}

    answer = as_(drafting, PLANNER).post(f"{LAMPANG}/files", data, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "ไม่ดี.pdf" in answer.text
    assert files_of(drafting) == []


def test_a_request_that_is_too_large_gets_a_page_with_the_limit(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    drafting.app.config["MAX_CONTENT_LENGTH"] = 200 * 1024

    answer = send(browser, A_PDF + b"0" * (200 * 1024))

    assert answer.status_code == 413
    assert "ไฟล์ที่ส่งใหญ่เกินกำหนด ส่งได้ครั้งละไม่เกิน 200 kB" in answer.text
    assert "ลดขนาดไฟล์" in answer.text
    assert files_of(drafting) == []


def test_a_file_beyond_the_store_s_limit_is_named_and_leaves_nothing_behind(drafting: Product, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    parts = drafting.app.extensions[EXTENSION]
    drafting.app.extensions[EXTENSION] = dataclasses.replace(
        parts, files=DirectoryStore(folder, limits=Limits(file_bytes=100_000))
    )

    answer = send(as_(drafting, PLANNER), A_PDF + b"0" * 100_000)

    assert answer.status_code == 422
    assert "ไฟล์ “เล่มแผน.pdf” ใหญ่เกิน 98 kB" in answer.text
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("fields", "target"), [({"role": "nonsense"}, "upload-role"), ({"role": ""}, "upload-role")])
def test_an_unknown_role_is_asked_for_again(drafting: Product, fields: dict[str, str], target: str) -> None:
    answer = send(as_(drafting, PLANNER), **fields)

    assert answer.status_code == 422
    assert f'href="#{target}"' in answer.text


def test_without_a_file_one_is_asked_for(drafting: Product) -> None:
    answer = as_(drafting, PLANNER).post(f"{LAMPANG}/files", {"role": "plan"}, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "เลือกไฟล์" in answer.text


@pytest.mark.parametrize(
    ("person", "status"),
    [("demo-th52-agency", 403), ("demo-th-nesdc", 403), ("demo-nu1-office", 403), ("demo-th51-planner", 404)],
)
def test_only_those_who_write_the_plan_upload_to_it(drafting: Product, person: str, status: int) -> None:
    browser = as_(drafting, person)

    assert send(browser).status_code == status
    assert f'action="{LAMPANG}/files"' not in browser.get(LAMPANG).text
    assert files_of(drafting) == []


def test_a_finished_plan_takes_no_more_files(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    with drafting.engine.unit_of_work(SYSTEM) as uow:
        document = uow.session.scalars(select(Document).where(Document.unit == "TH-52")).one()
        document.state = DocumentState.ANNOUNCED

    answer = send(browser)

    assert answer.status_code == 422
    assert "แผนนี้เสร็จสิ้นแล้ว เพิ่มไฟล์ไม่ได้อีก" in answer.text


# --- downloaded


def test_a_file_is_handed_out_under_its_thai_name_and_never_guessed_at(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser, name=THAI_NAME)
    (file,) = files_of(drafting)

    answer = fetch(browser, file)

    assert answer.data == A_PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert f"filename*=UTF-8''{quote(THAI_NAME)}" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(A_PDF))
    assert answer.headers["Cache-Control"] == "no-store"


def test_only_a_pdf_is_shown_in_the_browser(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    send(browser, an_office_file(), "แผน.docx")
    pdf, docx = files_of(drafting)

    shown, saved = (fetch(browser, file, query="?show=1") for file in (pdf, docx))

    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert "script-src" not in shown.headers["Content-Security-Policy"]
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert saved.mimetype == DOCX
    assert saved.headers["Content-Disposition"].startswith("attachment;")


def test_only_those_who_see_the_plan_get_its_files(drafting: Product) -> None:
    send(as_(drafting, PLANNER))
    (file,) = files_of(drafting)

    assert fetch(as_(drafting, "demo-th52-agency"), file).status_code == 200
    stranger = as_(drafting, "demo-th51-planner")
    assert fetch(stranger, file).status_code == 404
    assert fetch(stranger, file, LAMPHUN).status_code == 404  # not under the own plan's address either
    assert fetch(Browser(drafting.app.test_client()), file).status_code == 303


def test_lost_bytes_are_an_accident_and_told_as_one(drafting: Product, tmp_path: Path) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    (file,) = files_of(drafting)
    (stored,) = [path for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()]
    stored.unlink()

    assert fetch(browser, file).status_code == 500


# --- frozen


@pytest.mark.parametrize("state", [EditionState.SUBMITTED, EditionState.DECIDED])
def test_a_frozen_edition_is_shown_so_and_the_next_file_begins_another(drafting: Product, state: EditionState) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    close_edition(drafting, state)

    before = browser.get(LAMPANG).text
    answer = send(browser, A_PDF + b"2")

    assert "แก้ไขไม่ได้อีก" in before
    assert "เพิ่มไฟล์ในฉบับที่ 2" in before
    assert "/remove" not in before
    assert answer.status_code == 303
    after = browser.get(LAMPANG).text
    assert "เพิ่ม 1 ไฟล์ในฉบับที่ 2 แล้ว" in after
    assert [file.edition_id for file in files_of(drafting)] == [1, 2]


def test_a_file_is_taken_out_of_a_draft_only(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    send(browser, role="forms")
    kept, gone = files_of(drafting)

    removed = browser.post(f"{LAMPANG}/files/{gone.id}/remove", follow_redirects=True)
    close_edition(drafting, EditionState.DECIDED)
    refused = browser.post(f"{LAMPANG}/files/{kept.id}/remove", follow_redirects=True)

    assert "นำ “เล่มแผน.pdf” ออกจากร่างแล้ว" in removed.text
    assert "ไฟล์ในฉบับจึงคงไว้ตามเดิม" in refused.text
    assert [file.id for file in files_of(drafting)] == [kept.id]


def test_what_was_handed_in_with_the_plan_stays(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser, role="minutes", keep="plan")
    (file,) = files_of(drafting)
    with drafting.engine.unit_of_work(SYSTEM) as uow:
        document = uow.session.scalars(select(Document).where(Document.unit == "TH-52")).one()
        document.submitted_at = uow.now

    refused = browser.post(f"{LAMPANG}/files/{file.id}/remove", follow_redirects=True)

    assert "ไฟล์ในฉบับจึงคงไว้ตามเดิม" in refused.text
    assert [kept.id for kept in files_of(drafting)] == [file.id]


@pytest.mark.parametrize(("person", "status"), [("demo-th52-agency", 403), ("demo-th51-planner", 404)])
def test_nobody_else_takes_a_file_out(drafting: Product, person: str, status: int) -> None:
    send(as_(drafting, PLANNER))
    (file,) = files_of(drafting)

    assert as_(drafting, person).post(f"{LAMPANG}/files/{file.id}/remove").status_code == status
    assert len(files_of(drafting)) == 1


def test_a_file_of_another_plan_is_not_taken_out_under_ones_own_address(drafting: Product) -> None:
    send(as_(drafting, "demo-th51-planner"), address=LAMPHUN)
    (file,) = files_of(drafting)

    assert as_(drafting, PLANNER).post(f"{LAMPANG}/files/{file.id}/remove").status_code == 404
    assert len(files_of(drafting)) == 1
