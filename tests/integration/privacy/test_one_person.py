"""One person's data: exported whole, taken out whole, and the audit trail still proves itself; on both databases."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, delete, insert, select, update

from engine import Actor, NotAuthorized
from migrations.models import metadata_of_all_rooms
from tests.support.product import Product
from web.accounts.models import Account, WebSession
from web.privacy.anonymising import NothingToErase, Preview, ReasonNeeded, StillActing, anonymise, preview
from web.privacy.exporting import export
from web.privacy.inventory import Way
from web.privacy.models import PrivacyAct
from web.privacy.person import PersonUnknown, find_subject, named_subject
from workflows.notifications.models import Notification
from workflows.organization.models import Holding, Person
from workflows.plans.models import Consultation, Decision, Document, FileRead, Opinion

ADMIN = Actor("demo-th-system-admin", "system_admin@TH")
PLANNER = "demo-th52-planner"
CYCLE = "FY2571-NEW"
LAMPANG = f"{CYCLE}/TH-52"


@pytest.fixture(scope="module")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("privacy")
    path = folder / "prepared.db"
    shutil.copyfile(sqlite_template, path)
    product = Product(f"sqlite:///{path}", folder)
    product.open_cycle(["NU1", "TH-51", "TH-52"])
    product.close()
    return path


@pytest.fixture
def product(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    path = tmp_path / "one.db"
    shutil.copyfile(prepared, path)
    product = Product(f"sqlite:///{path}", tmp_path, morning="2026-03-03T02:00:00+00:00")
    yield product
    product.close()


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """The same on both kinds of database, for what each does in its own way."""
    product = Product(database_url, tmp_path)
    product.open_cycle(["NU1", "TH-51", "TH-52"])
    yield product
    product.close()


@pytest.fixture
def name(product: Product) -> str:
    with product.engine.reading() as read:
        person = read.session.get(Person, PLANNER)
        assert person is not None
        return person.name


def leave_traces(product: Product, name: str) -> None:
    """Let the planner work, and others write about the planner."""
    bare = name.removeprefix("นางสาว").removeprefix("นาย").removeprefix("นาง").strip()
    product.act(LAMPANG, "work_plan", {"note": f"ผู้ประสานงาน {name}", "questions": f"ถาม{bare}"})
    with product.engine.unit_of_work(ADMIN) as uow:
        session = uow.session
        document = session.scalars(select(Document).where(Document.unit == "TH-52")).one()
        consultation = Consultation(
            document_id=document.id, round=1, edition_number=None, process_instance_id=None, meeting_date=None,
            place="", channel="", letter_number="", held_on=None, summary=f"{bare} ชี้แจง", opened_at=uow.now, closed_at=None,
        )  # fmt: skip
        session.add(consultation)
        session.flush()
        session.add(
            Opinion(
                consultation_id=consultation.id,
                sector="civil",
                speaker=name,
                on_what="",
                text=f"ตามที่ {bare} เสนอ",
                channel="meeting",
                given_at=uow.now,
                disposition=None,
                reason="",
                answered_at=None,
                answered_by=PLANNER,
            )
        )
        session.add(
            Decision(
                cycle_id=document.cycle_id,
                document_id=document.id,
                body="province_committee",
                subject="plan",
                outcome="approve",
                edition_number=None,
                edition_hash=None,
                comment="เห็นชอบ",
                meeting_no="1/2569",
                meeting_date=None,
                actor=PLANNER,
                capacity="province_strategy@TH-52",
                at=uow.now,
            )
        )
        told = {"by": PLANNER, "who": name}
        session.add(
            Notification(person_id=PLANNER, kind="due_soon", key="a", facts=json.dumps(told), created_at=uow.now)
        )
        session.add(
            Notification(
                person_id=ADMIN.id,
                kind="due_soon",
                key="b",
                facts=json.dumps(told, ensure_ascii=False),
                created_at=uow.now,
            )
        )
        session.flush()


def let_go(product: Product) -> None:
    """End what the planner holds, as in October."""
    for task in product.engine.tasks(assignee=PLANNER, limit=100):
        product.engine.release(task.id, ADMIN)
    with product.engine.unit_of_work() as uow:
        uow.session.execute(
            update(Holding).where(Holding.person_id == PLANNER).values(valid_to=uow.now, ended_by="x", end_reason="ย้าย")
        )
    product.clock.advance(minutes=1)


def take_out(product: Product, reason: str = "คำขอที่ 1/2570", actor: Actor = ADMIN) -> str:
    with product.engine.unit_of_work(actor) as uow:
        return anonymise(uow, find_subject(uow.session, PLANNER), reason=reason).reference


def preview_of(product: Product) -> Preview:
    with product.engine.reading() as read:
        return preview(read, find_subject(read.session, PLANNER))


def whole_database(product: Product) -> str:
    """Return every value of every table as one text."""
    said = []
    with product.engine.reading() as read:
        for table in metadata_of_all_rooms().tables.values():
            for row in read.session.execute(select(table)):
                said += [
                    bytes(v).decode("utf-8", "replace") if isinstance(v, bytes | memoryview) else str(v) for v in row
                ]
    return "\n".join(said)


def test_nothing_of_the_name_is_left_anywhere_and_the_audit_trail_holds(either: Product) -> None:
    product = either
    with product.engine.reading() as read:
        name = read.session.get_one(Person, PLANNER).name
    leave_traces(product, name)
    given, family = name.split()[:2]
    let_go(product)
    assert family in whole_database(product)

    reference = take_out(product)

    left = whole_database(product)
    assert family not in left
    assert given.removeprefix("นางสาว").removeprefix("นาย") not in left
    assert reference in left
    assert product.engine.verify_audit().verified
    assert preview_of(product).goes == []

    with product.engine.unit_of_work(ADMIN) as uow:
        document = uow.session.scalars(select(Document.id)).first()
        at = uow.now - dt.timedelta(days=800)
        values = {"document_id": document, "file_id": 1, "name": "a.pdf", "sha256": "a", "person_id": PLANNER}
        uow.session.execute(insert(FileRead).values({**values, "capacity": "", "way": "saved", "at": at}))
    for statement in (
        update(FileRead).values(person_id="eve"),
        delete(FileRead),
        update(PrivacyAct).values(actor="eve"),
        delete(PrivacyAct),
    ):
        with pytest.raises(Exception, match="append-only"), product.engine.unit_of_work(ADMIN) as uow:
            uow.session.execute(statement)


def test_acts_of_the_office_stay_under_the_id(product: Product, name: str) -> None:
    leave_traces(product, name)
    let_go(product)

    reference = take_out(product)

    with product.engine.reading() as read:
        session = read.session
        person = session.get(Person, PLANNER)
        assert person is not None
        assert (person.name, person.email, person.left_at is None) == (reference, None, False)
        assert PLANNER in session.scalars(select(Decision.actor)).all()
        assert session.scalars(select(Holding.position).where(Holding.person_id == PLANNER)).all()
        opinion = session.scalars(select(Opinion)).one()
        assert (opinion.speaker, opinion.answered_by) == (reference, PLANNER)
        account = session.scalars(select(Account).where(Account.person_id == PLANNER)).one()
        assert account.login.startswith("erased-")
        assert (account.password_hash, account.disabled_at is None) == (None, False)
        assert not session.scalars(select(WebSession).where(WebSession.account_id == account.id)).all()
        assert [row.person_id for row in session.scalars(select(Notification))].count(PLANNER) == 0
        act = session.scalars(select(PrivacyAct)).one()
        assert (act.kind, act.person_id, act.actor, act.reason) == ("anonymise", PLANNER, ADMIN.id, "คำขอที่ 1/2570")


def test_the_preview_counts_what_goes_and_what_stays_and_changes_nothing(product: Product, name: str) -> None:
    leave_traces(product, name)
    let_go(product)
    before = whole_database(product)

    found = preview_of(product)

    assert found.is_possible
    goes = {share.table: share.way for share in found.goes}
    assert goes["org_person"] is Way.ERASED
    assert goes["bpm_history"] is Way.ATTESTED
    assert goes["plan_opinion"] is Way.REPLACED
    assert goes["note_notification"] is Way.DELETED
    assert [share.table for share in found.stays if share.table == "plan_decision"] == ["plan_decision"]
    assert whole_database(product) == before


def test_who_still_acts_is_not_taken_out(product: Product, name: str) -> None:
    with pytest.raises(StillActing):
        take_out(product)

    assert name in whole_database(product)


def test_without_a_reason_nobody_is_taken_out(product: Product, name: str) -> None:
    let_go(product)

    with pytest.raises(ReasonNeeded):
        take_out(product, reason="  ")

    assert name in whole_database(product)


def test_only_administrators_take_somebody_out(product: Product, name: str) -> None:
    leave_traces(product, name)
    let_go(product)

    with pytest.raises(NotAuthorized):
        take_out(product, actor=Actor("demo-th52-governor", "governor@TH-52"))

    assert name in whole_database(product)


def test_a_second_time_nothing_is_left_to_take_out(product: Product) -> None:
    let_go(product)
    take_out(product)

    with pytest.raises(NothingToErase):
        take_out(product)


def test_a_speaker_who_is_nobody_of_the_organisation_is_taken_out_by_name(product: Product, name: str) -> None:
    leave_traces(product, "นางบัวผัน เดินดี")

    with product.engine.unit_of_work(ADMIN) as uow:
        done = anonymise(uow, named_subject("นางบัวผัน เดินดี"), reason="คำขอ")

    left = whole_database(product)
    assert "เดินดี" not in left
    assert done.counts["plan_opinion"] == 1
    assert name in left
    assert product.engine.verify_audit().verified


def test_an_export_holds_what_the_person_did_and_what_names_them_but_no_secret(product: Product, name: str) -> None:
    leave_traces(product, name)

    with product.engine.reading() as read:
        told = json.loads("".join(export(read.session, find_subject(read.session, PLANNER), read.now, texts=True)))
        mine = json.loads("".join(export(read.session, find_subject(read.session, PLANNER), read.now, texts=False)))

    tables = told["tables"]
    assert told["name"] == name
    assert tables["org_person"]["rows"][0]["name"] == name
    assert tables["plan_decision"]["rows"][0]["actor"] == PLANNER
    assert any(row["actor"] == PLANNER for row in tables["bpm_history"]["rows"])
    assert {row["person_id"] for row in tables["note_notification"]["rows"]} == {PLANNER, ADMIN.id}
    assert "password_hash" not in tables["web_account"]["rows"][0]
    assert {row["person_id"] for row in mine["tables"]["note_notification"]["rows"]} == {PLANNER}
    assert all("variables" not in row for row in mine["tables"].get("bpm_process_instance", {"rows": []})["rows"])


def test_whoever_is_unknown_is_told_so(product: Product) -> None:
    with product.engine.reading() as read, pytest.raises(PersonUnknown):
        find_subject(read.session, "nobody")


def test_no_column_of_bytes_but_state_and_hashes_is_searched_in_vain(product: Product) -> None:
    """Names in bytes are found by their UTF-8; what is packed or sealed would hide them."""
    found = {
        f"{name}.{column.name}"
        for name, table in metadata_of_all_rooms().tables.items()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }

    assert found <= {
        "bpm_history.hash",
        "bpm_process_instance.history_head",
        "bpm_state_part.data",
        "bpm_resource.content",
        "bpm_anchor.content",
        "bpm_anchor.signature",
    }
