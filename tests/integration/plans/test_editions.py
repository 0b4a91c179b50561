"""Editions: numbered, hashed, and unchangeable once a body has decided on them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.integration.plans.conftest import NOW, PLANNER
from workflows.files.errors import FileRefused
from workflows.files.kinds import DOCX, PDF
from workflows.files.limits import Limits
from workflows.files.store import DirectoryStore
from workflows.plans.decisions import About, open_observations, record
from workflows.plans.documents import add_edition, files_of, submit, working_edition
from workflows.plans.errors import EditionFrozen, ReasonRequired
from workflows.plans.files import add_file, remove_file
from workflows.plans.models import Cycle, Document, Edition, PlanFile
from workflows.plans.package import package_of
from workflows.plans.states import Body, EditionState, FileRole, Outcome

A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def office_file(part: str, *, extra: str | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(part, "<document/>")
        if extra:
            package.writestr(extra, "x")
    return target.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "files", limits=Limits(file_bytes=100_000))


def attach(
    session: Session, store: DirectoryStore, document: Document, edition: Edition | None, content: bytes = A_PDF
) -> PlanFile:
    stored = store.put(io.BytesIO(content))
    return add_file(
        session, document, stored, name="แผน.pdf", role=FileRole.PLAN, edition=edition, actor=PLANNER, now=NOW
    )


def decide(session: Session, cycle: Cycle, document: Document, edition: Edition, **decision: object) -> None:
    about = About(cycle=cycle, body=Body.PROVINCE_COMMITTEE, document=document, edition=edition)
    record(session, about, {"outcome": Outcome.APPROVE} | decision, actor=PLANNER, now=NOW)


def test_a_decision_names_the_edition_and_the_hash_of_its_files(
    session: Session, cycle: Cycle, lampang: Document, store: DirectoryStore
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)
    attach(session, store, lampang, edition)
    hashed = edition.hash

    about = About(cycle=cycle, body=Body.PROVINCE_COMMITTEE, document=lampang, edition=edition)
    decision = record(session, about, {"outcome": "approve"}, actor=PLANNER, now=NOW)

    assert (decision.edition_number, decision.edition_hash) == (1, hashed)
    assert edition.state == EditionState.DECIDED


def test_a_decided_edition_takes_no_file_and_loses_none(
    session: Session, cycle: Cycle, lampang: Document, store: DirectoryStore
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)
    file = attach(session, store, lampang, edition)
    decide(session, cycle, lampang, edition)

    with pytest.raises(EditionFrozen):
        attach(session, store, lampang, edition)
    with pytest.raises(EditionFrozen):
        remove_file(session, file)

    assert files_of(session, edition) == [file]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plan_edition SET note = 'x' WHERE id = :edition",
        "UPDATE plan_edition SET state = 'draft' WHERE id = :edition",
        "DELETE FROM plan_edition WHERE id = :edition",
        "UPDATE plan_file SET name = 'x' WHERE edition_id = :edition",
        "DELETE FROM plan_file WHERE edition_id = :edition",
        "UPDATE plan_decision SET outcome = 'reject'",
        "DELETE FROM plan_decision",
    ],
)
def test_the_database_itself_keeps_what_was_decided(
    session: Session, cycle: Cycle, lampang: Document, store: DirectoryStore, statement: str
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)
    attach(session, store, lampang, edition)
    decide(session, cycle, lampang, edition)
    session.flush()

    with pytest.raises(DBAPIError, match=r"does not change|do not change|append-only"):
        session.execute(text(statement), {"edition": edition.id} if ":edition" in statement else {})


def test_after_a_decision_work_goes_on_in_the_next_edition(
    session: Session, cycle: Cycle, lampang: Document, store: DirectoryStore
) -> None:
    first = working_edition(session, lampang, actor=PLANNER, now=NOW)
    attach(session, store, lampang, first)
    decide(session, cycle, lampang, first, outcome="return", comment="ตัวชี้วัดไม่มีข้อมูลฐาน")

    second = working_edition(session, lampang, actor=PLANNER, now=NOW)

    assert (first.number, second.number, second.state) == (1, 2, EditionState.DRAFT)


def test_a_submitted_edition_is_frozen_but_can_still_be_decided(
    session: Session, cycle: Cycle, lampang: Document, store: DirectoryStore
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)
    attach(session, store, lampang, edition)
    submit(session, lampang, edition, {"document_number": "ลป 0017.2/1"}, now=NOW)

    with pytest.raises(EditionFrozen):
        attach(session, store, lampang, edition)
    decide(session, cycle, lampang, edition)

    assert edition.state == EditionState.DECIDED


def test_observations_stay_open_for_the_drafter_of_the_next_edition(
    session: Session, cycle: Cycle, lampang: Document, store: DirectoryStore
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)
    attach(session, store, lampang, edition)
    decide(
        session, cycle, lampang, edition,
        outcome="approve_with_observations", observations="ระบุข้อมูลฐาน\n\n- เพิ่มพื้นที่เป้าหมาย",
    )  # fmt: skip

    found = open_observations(session, "TH-52")

    assert [(row.text, row.owner, row.due_fiscal_year) for row in found] == [
        ("ระบุข้อมูลฐาน", "province_strategy@TH-52", 2571),
        ("เพิ่มพื้นที่เป้าหมาย", "province_strategy@TH-52", 2571),
    ]


@pytest.mark.parametrize("outcome", ["return", "reject", "defer"])
def test_an_outcome_that_holds_a_plan_up_needs_a_reason(
    session: Session, cycle: Cycle, lampang: Document, outcome: str
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)

    with pytest.raises(ReasonRequired):
        decide(session, cycle, lampang, edition, outcome=outcome)


def test_a_package_names_the_members_that_are_missing(
    session: Session, lampang: Document, store: DirectoryStore
) -> None:
    edition = add_edition(session, lampang, actor=PLANNER, now=NOW)
    attach(session, store, lampang, edition)

    package = package_of(session, lampang, edition)

    assert package.has_plan
    assert package.missing == ("แบบฟอร์ม จ.1 และ จ.1-1", "รายงานการประชุม", "รายงานผลการสำรวจ")


def test_files_are_known_by_their_content_and_found_by_their_hash(store: DirectoryStore) -> None:
    stored = store.put(io.BytesIO(A_PDF))
    word = store.put(io.BytesIO(office_file("word/document.xml")))

    assert (stored.media_type, word.media_type) == (PDF, DOCX)
    with store.open(stored.sha256) as opened:
        assert opened.read() == A_PDF


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 not a plan",
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04 broken archive",
        office_file("ppt/presentation.xml"),
        office_file("word/document.xml", extra="word/vbaProject.bin"),
        b"%PDF-1.7\n" + b"x" * 200_000,
    ],
    ids=["empty", "program", "page", "broken", "slides", "macros", "too large"],
)
def test_other_files_are_refused_and_leave_nothing_behind(store: DirectoryStore, content: bytes) -> None:
    with pytest.raises(FileRefused):
        store.put(io.BytesIO(content))

    assert not [path for path in store._root.rglob("*") if path.is_file()]
