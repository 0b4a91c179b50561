"""Pages about personal data: one's own for everybody, those of others for the administrator; who has read which file."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select, update

from engine import SYSTEM
from tests.support.product import Product
from tests.web.test_plan_files import fetch, files_of, send
from tests.web.test_plan_pages import LAMPANG, LAMPHUN, PLANNER, as_, words
from web.privacy.models import PrivacyAct
from workflows.organization.models import Holding, Person
from workflows.plans.models import FileRead

ADMIN = "demo-th-system-admin"
AGENCY = "demo-th52-agency"


def readings(product: Product) -> list[tuple[str, str, str]]:
    with product.engine.reading() as read:
        found = read.session.scalars(select(FileRead).order_by(FileRead.id))
        return [(each.person_id, each.way, each.capacity) for each in found]


def let_go(product: Product, person: str) -> None:
    for task in product.engine.tasks(assignee=person, limit=100):
        product.engine.release(task.id, SYSTEM)
    with product.engine.unit_of_work() as uow:
        ended = update(Holding).where(Holding.person_id == person)
        uow.session.execute(ended.values(valid_to=uow.now, ended_by="x", end_reason="ย้าย"))
    product.clock.advance(minutes=1)


def name_of(product: Product, person: str) -> str:
    with product.engine.reading() as read:
        return read.session.get_one(Person, person).name


# --- who has read which file


def test_every_look_and_download_is_written_down_with_person_capacity_and_way(drafting: Product) -> None:
    planner, agency = as_(drafting, PLANNER), as_(drafting, AGENCY)
    send(planner)
    (file,) = files_of(drafting)

    fetch(agency, file)
    fetch(agency, file, query="?show=1")

    assert readings(drafting) == [(AGENCY, "saved", "agency@TH-52-PDE"), (AGENCY, "shown", "agency@TH-52-PDE")] or [
        (person, way) for person, way, _capacity in readings(drafting)
    ] == [(AGENCY, "saved"), (AGENCY, "shown")]
    page = words(planner.get(f"{LAMPANG}/files/readers").text)
    assert name_of(drafting, AGENCY) in page
    assert page.index("เปิดดู") < page.rindex("ดาวน์โหลด")
    assert "เล่มแผน.pdf" in page


def test_the_parts_of_one_reading_are_one_line_and_a_later_one_another(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    (file,) = files_of(drafting)
    address = f"{LAMPANG}/files/{file.id}?show=1"

    for asked in ("bytes=0-9", "bytes=10-19", "bytes=20-"):
        assert browser.get(address, headers={"Range": asked}, buffered=True).status_code == 206
    assert len(readings(drafting)) == 1
    browser.get(f"{LAMPANG}/files/{file.id}", headers={"Range": "bytes=10-"}, buffered=True)  # in another way

    assert [way for _person, way, _capacity in readings(drafting)] == ["shown", "saved"]
    drafting.clock.advance(hours=1, minutes=1)
    as_(drafting, PLANNER).get(address, headers={"Range": "bytes=10-"}, buffered=True)
    assert len(readings(drafting)) == 3


def test_what_nobody_may_read_is_not_written_down(drafting: Product) -> None:
    send(as_(drafting, PLANNER))
    (file,) = files_of(drafting)

    assert fetch(as_(drafting, "demo-th51-planner"), file).status_code == 404
    as_(drafting, PLANNER).client.head(f"{LAMPANG}/files/{file.id}")

    assert readings(drafting) == []


@pytest.mark.parametrize(
    ("person", "status"),
    [(PLANNER, 200), ("demo-th52-governor", 200), (ADMIN, 200), (AGENCY, 403), ("demo-th51-planner", 404)],
)
def test_only_those_who_answer_for_a_plan_see_who_reads_it(drafting: Product, person: str, status: int) -> None:
    assert as_(drafting, person).get(f"{LAMPANG}/files/readers").status_code == status


def test_the_list_of_readers_goes_on_page_by_page(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    (file,) = files_of(drafting)
    for _time in range(51):
        fetch(browser, file)

    first = browser.get(f"{LAMPANG}/files/readers").text
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert first.count("<li>") - browser.get(older).text.count("<li>") == 49


def test_readers_of_another_plan_are_not_among_them(drafting: Product) -> None:
    browser = as_(drafting, "demo-th51-planner")
    send(browser, address=LAMPHUN)
    (file,) = files_of(drafting)
    fetch(browser, file, LAMPHUN)

    assert "ยังไม่มีผู้อ่านไฟล์" in as_(drafting, PLANNER).get(f"{LAMPANG}/files/readers").text


# --- one's own data


def test_everybody_sees_what_is_kept_of_them_and_gets_it_as_a_file(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)

    page, file = words(browser.get("/my-data").text), browser.post("/my-data/file")

    assert name_of(drafting, PLANNER) in page
    assert "ตำแหน่งที่เคยดำรง" in page
    assert file.headers["Content-Disposition"] == "attachment; filename=personal-data.json"
    told = json.loads(file.text)
    assert told["person"] == PLANNER
    assert "password_hash" not in file.text
    assert all(row["person_id"] == PLANNER for row in told["tables"].get("note_notification", {"rows": []})["rows"])
    with drafting.engine.reading() as read:
        assert read.session.scalars(select(PrivacyAct.kind)).all() == ["export"]


# --- others, by the administrator


@pytest.mark.parametrize("address", ["/privacy", f"/privacy/{PLANNER}"])
def test_nobody_but_the_administrator_sees_the_data_of_others(drafting: Product, address: str) -> None:
    assert as_(drafting, "demo-th52-governor").get(address).status_code == 403
    assert as_(drafting, ADMIN).get(address).status_code == 200


def test_a_person_is_found_by_a_part_of_the_name_which_stands_in_no_address(drafting: Product) -> None:
    browser = as_(drafting, ADMIN)
    name = name_of(drafting, PLANNER)

    found = browser.post("/privacy", {"name": name[6:10]})
    nobody = browser.post("/privacy", {"name": "100%_ไม่มี"})

    assert f"/privacy/{PLANNER}" in found.text
    assert "ไม่พบบุคคลนี้" in nobody.text
    assert 'method="get"' not in found.text.partition("<main")[2].lower()


def test_who_still_acts_is_shown_as_such_and_cannot_be_taken_out(drafting: Product) -> None:
    browser = as_(drafting, ADMIN)

    page = browser.get(f"/privacy/{PLANNER}").text
    refused = browser.post(f"/privacy/{PLANNER}/anonymise", {"reason": "คำขอ", "sure": "1"})

    assert "บุคคลนี้ยังปฏิบัติหน้าที่อยู่" in page
    assert "/anonymise" not in page
    assert refused.status_code == 422
    assert not name_of(drafting, PLANNER).startswith("[")


def test_the_administrator_takes_somebody_out_after_reading_what_goes(drafting: Product) -> None:
    let_go(drafting, PLANNER)
    name = name_of(drafting, PLANNER)
    browser = as_(drafting, ADMIN)
    page = words(browser.get(f"/privacy/{PLANNER}").text)

    unsure = browser.post(f"/privacy/{PLANNER}/anonymise", {"reason": "คำขอที่ 1", "also": "ชื่อเล่น ของเขา"})
    done = browser.post(f"/privacy/{PLANNER}/anonymise", {"reason": "คำขอที่ 1", "sure": "1"}, follow_redirects=True)

    assert "ข้อมูลที่จะลบ หรือจะไม่มีชื่ออีก" in page
    assert unsure.status_code == 422
    assert 'value="คำขอที่ 1"' in unsure.text
    assert "ชื่อเล่น ของเขา</textarea>" in unsure.text
    assert "ลบชื่อบุคคลออกแล้ว" in done.text
    assert name not in done.text
    assert drafting.engine.verify_audit().verified


def test_without_a_reason_there_is_neither_file_nor_taking_out(drafting: Product) -> None:
    let_go(drafting, PLANNER)
    browser = as_(drafting, ADMIN)

    answers = [browser.post(f"/privacy/{PLANNER}/{act}", {"reason": " ", "sure": "1"}) for act in ("file", "anonymise")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("โปรดระบุเหตุผล" in answer.text for answer in answers)
    with drafting.engine.reading() as read:
        assert read.session.scalar(select(func.count()).select_from(PrivacyAct)) == 0


def test_the_file_of_another_person_is_given_with_the_reason_kept(drafting: Product) -> None:
    answer = as_(drafting, ADMIN).post(f"/privacy/{PLANNER}/file", {"reason": "หนังสือที่ 12"})

    assert json.loads(answer.text)["person"] == PLANNER
    with drafting.engine.reading() as read:
        (act,) = read.session.scalars(select(PrivacyAct)).all()
        assert (act.kind, act.person_id, act.actor, act.reason) == ("export", PLANNER, ADMIN, "หนังสือที่ 12")


def test_an_unknown_person_is_not_found(drafting: Product) -> None:
    assert as_(drafting, ADMIN).get("/privacy/nobody").status_code == 404
