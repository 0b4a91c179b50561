"""Processes for administrators: versions, and deploying a new one through the gate."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from string import Formatter

import pytest
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.test import TestResponse

from engine import InstanceState
from tests.support.bpmn import process
from tests.support.web import DECIDE_FORM, GOVERNOR, Browser, Office
from web.processes.gate_texts import rules

ADMIN = "system_admin@TH"


def diagram(name: str = "จัดทำแผน", *, form: str = "decide") -> bytes:
    plan = process("plan", name).start().user_task("decide", name="พิจารณาแผน", groups=GOVERNOR, form=form).end()
    return plan.xml()


def send(browser: Browser, *files: tuple[str, bytes], **fields: str) -> TestResponse:
    """Upload files as the form does."""
    return browser.deploy(*files, **fields)


FORM = ("decide.form", json.dumps(DECIDE_FORM).encode())


def newest(office: Office) -> int:
    with office.engine.reading() as read:
        return read.deployments.latest("plan").id


# -- access ---------------------------------------------------------------------------------------------------------


def addresses(office: Office) -> list[str]:
    run, version = office.start().instance_id, newest(office)
    return [
        "/processes",
        f"/processes/{version}",
        f"/processes/{version}/diagram.bpmn",
        f"/processes/{version}/files/draft.form",
        "/processes/deploy",
        f"/processes/runs/{run}",
    ]


@pytest.mark.parametrize(("person", "status"), [("admin", 200), ("somchai", 403), ("wichai", 403), (None, 303)])
def test_only_an_administrator_opens_the_pages(office: Office, person: str | None, status: int) -> None:
    browser = office.browser(person)

    assert {browser.get(address).status_code for address in addresses(office)} == {status}


@pytest.mark.parametrize("person", ["somchai", "wichai"])
def test_only_an_administrator_changes_anything(office: Office, person: str) -> None:
    browser, run = office.browser(person), office.start().instance_id

    assert send(browser, ("plan.bpmn", diagram()), FORM).status_code == 403
    for act in ("suspend", "resume", "cancel"):
        assert browser.post(f"/processes/runs/{run}/{act}", {"reason": "x"}).status_code == 403
    assert office.engine.instance(run).state is InstanceState.ACTIVE


@pytest.mark.parametrize(
    "address", ["/processes/999", "/processes/runs/999", "/processes/runs/x", "/processes/1/files/x"]
)
def test_what_is_not_there_is_not_found(admin: Browser, address: str) -> None:
    assert admin.get(address).status_code == 404


# -- versions -------------------------------------------------------------------------------------------------------


def test_the_list_names_each_process_with_version_author_and_runs(office: Office, admin: Browser) -> None:
    office.start()
    office.start("plan:TH-51")

    page = admin.get("/processes").text

    assert "จัดทำแผน" in page
    assert "รุ่นที่ 1" in page
    assert "ระบบ (ใช้คำสั่ง)" in page
    assert "มี 2 รายการกำลังดำเนินการ" in page


def test_an_installation_without_processes_is_told_what_to_do(office: Office, admin: Browser) -> None:
    with office.engine.unit_of_work() as uow:
        for table in ("bpm_task_name", "bpm_bundle_file", "bpm_process_definition"):
            uow.session.connection().exec_driver_sql(f"DELETE FROM {table}")

    assert "saanphaen deploy" in admin.get("/processes").text


def test_a_version_shows_diagram_steps_forms_and_runs(office: Office, admin: Browser) -> None:
    task = office.start()
    version = newest(office)

    page = admin.get(f"/processes/{version}").text

    assert f'data-diagram="/processes/{version}/diagram.bpmn"' in page
    assert "&#34;element&#34;: &#34;draft&#34;" in page  # a token where a task waits
    assert "ยกร่างแผน" in page
    assert "ชื่อแผน" in page  # what the form asks
    assert f"/processes/runs/{task.instance_id}" in page


def test_runs_are_listed_by_state_and_by_pages(office: Office, admin: Browser) -> None:
    runs = [office.start(f"plan:{number}").instance_id for number in range(27)]
    office.engine.cancel(runs[0], reason="เริ่มผิด")
    version = newest(office)

    first = admin.get(f"/processes/{version}").text
    second = admin.get(re.search(r'rel="next" href="([^"#]+)', first)[1].replace("&amp;", "&")).text  # type: ignore[index]
    ended = admin.get(f"/processes/{version}?state=cancelled").text

    assert f'/processes/runs/{runs[0]}"' not in first
    assert f'/processes/runs/{runs[0]}"' in second
    assert re.findall(r"/processes/runs/(\d+)", ended) == [runs[0]]
    assert admin.get(f"/processes/{version}?state=nonsense").status_code == 404


def test_files_come_back_as_they_were_deployed(office: Office, admin: Browser) -> None:
    version = newest(office)

    with office.engine.reading() as read:
        name, deployed = read.deployments.get(version).file, read.deployments.xml(version)
    answer = admin.get(f"/processes/{version}/files/{name}")
    shown = admin.get(f"/processes/{version}/diagram.bpmn")

    assert answer.data == deployed
    assert shown.data == deployed
    assert shown.mimetype == "application/xml"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(admin.get(f"/processes/{version}/files/decide.form").data) == DECIDE_FORM


# -- deploying ------------------------------------------------------------------------------------------------------


def test_a_new_version_is_deployed_with_note_and_name_and_runs_keep_theirs(office: Office, admin: Browser) -> None:
    run = office.start().instance_id

    answer = send(admin, ("plan.bpmn", diagram()), FORM, note="ตัดขั้นยกร่าง", version_tag="2571-1")

    page = admin.get(answer.location).text
    assert answer.status_code == 303
    assert "นำรุ่นที่ 2 ขึ้นใช้แล้ว" in page
    assert "ตัดขั้นยกร่าง" in page
    assert "2571-1" in page
    assert "ผู้ดูแล ระบบ" in page
    assert office.engine.instance(run).version == 1


def test_the_same_bytes_again_make_no_version_and_say_so(office: Office, admin: Browser) -> None:
    send(admin, ("plan.bpmn", diagram()), FORM)

    again = send(admin, ("renamed.bpmn", diagram()), FORM)

    assert "จึงไม่เกิดรุ่นใหม่" in admin.get(again.location).text
    with office.engine.reading() as read:
        assert read.deployments.latest("plan").version == 2


def test_all_problems_are_told_at_once_in_thai_and_what_was_typed_is_kept(office: Office, admin: Browser) -> None:
    broken = (
        process("plan").start().user_task("decide", groups=GOVERNOR, form="missing").exclusive("which")
        .flow_if("= outcome = ").end("one").at("which").flow_if("= 1 +").end("two").xml()
    )  # fmt: skip

    answer = send(admin, ("plan.bpmn", broken), note="ลองดู", version_tag="x1")

    assert answer.status_code == 422
    assert "ยังไม่ได้นำขึ้นใช้: มี 3 เรื่องที่ต้องแก้ไข" in answer.text
    assert "ไม่พบแบบฟอร์ม missing ในชุดที่ส่ง" in answer.text
    assert answer.text.count("ไม่ถูกรูปแบบ FEEL") == 2
    assert "ลองดู" in answer.text
    assert 'value="x1"' in answer.text
    assert "decide" in answer.text
    with office.engine.reading() as read:
        assert read.deployments.latest("plan").version == 1


def test_what_the_gate_only_remarks_stands_on_the_page_of_the_version(admin: Browser) -> None:
    plan = (
        process("plan").start().exclusive("which").flow_if("= a").user_task("decide", groups=GOVERNOR, form="decide")
        .end().at("which").flow_if("= b").end("other").xml()
    )  # fmt: skip

    answer = send(admin, ("plan.bpmn", plan), FORM)

    page = admin.get(answer.location).text
    assert "หากไม่มีเงื่อนไขใดเป็นจริง แผนจะติดขัดที่นี่" in page
    assert "เป็นเพียงข้อสังเกต" in page


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("plan.bpmn", diagram())
    return packed.getvalue()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><d>&c;</d>'
)
FILE_ENTITY = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'


HOSTILE = [
    ("bomb.bpmn", BOMB, "DOCTYPE"),
    ("entity.bpmn", FILE_ENTITY, "DOCTYPE"),
    ("broken.bpmn", diagram()[:300], "ไม่ใช่ XML ที่ถูกต้อง"),
    ("empty.bpmn", b"", "ไม่ใช่ XML ที่ถูกต้อง"),
    ("page.bpmn", b"<html><body>x</body></html>", "ขึ้นต้นด้วย `html`"),
    ("plan.zip", _zip(), "ต้องแก้ไข"),
    ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "ต้องแก้ไข"),
    ("deep.bpmn", b"<a>" * 5_000 + b"</a>" * 5_000, "ต้องแก้ไข"),
    ("large.bpmn", b"<" + b"x" * 25_100_000, "ไฟล์ใหญ่เกินกำหนด"),
    ("only.form", FORM[1], "ไม่มีไฟล์แผนภาพ"),
    ("thai.bpmn", "<แผน/>".encode("tis-620"), "ต้องแก้ไข"),
]


def test_hostile_and_broken_files_get_a_clear_answer(admin: Browser) -> None:
    for name, content, told in HOSTILE:
        answer = send(admin, (name, content), note="เก็บไว้")

        assert (name, answer.status_code) == (name, 422)
        assert told in answer.text, name
        assert "เก็บไว้" in answer.text, name


def test_a_broken_form_is_told_with_its_file(admin: Browser) -> None:
    answer = send(admin, ("plan.bpmn", diagram()), ("decide.form", b"{not json"))

    assert answer.status_code == 422
    assert "แบบฟอร์มอ่านไม่ได้" in answer.text
    assert "decide.form" in answer.text


def test_more_than_a_request_may_hold_is_refused_by_its_page(sqlite_url: str) -> None:
    office = Office(sqlite_url, upload_limit=100_000)

    answer = send(office.browser("admin"), ("plan.bpmn", b"x" * 200_000))

    assert answer.status_code == 413
    assert "ใหญ่เกิน" in answer.text
    office.close()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], "เลือกไฟล์แผนภาพ"),
        ([("plan.bpmn", b"x"), ("desk/plan.bpmn", b"y")], "มีไฟล์ชื่อ plan.bpmn สองไฟล์"),
        ([("x" * 300 + ".bpmn", b"x")], "ชื่อไฟล์ยาวเกิน"),
    ],
)
def test_entries_that_cannot_be_used_are_told_beside_their_field(
    admin: Browser, files: list[tuple[str, bytes]], told: str
) -> None:
    answer = send(admin, *files)

    assert answer.status_code == 422
    assert answer.text.count(told) == 2  # in the summary, and beside the field


def test_a_note_or_name_that_is_too_long_is_told_and_kept(admin: Browser) -> None:
    answer = send(admin, ("plan.bpmn", diagram()), FORM, note="ก" * 1_001, version_tag="t" * 61)

    assert answer.status_code == 422
    assert "ก" * 1_001 in answer.text
    assert "หมายเหตุยาวเกิน" in answer.text
    assert "ชื่อรุ่นยาวเกิน" in answer.text


# -- two administrators at once -------------------------------------------------------------------------------------


@pytest.fixture
def busy_office(database_url: str) -> Iterator[Office]:
    office = Office(database_url)
    office.hire("wanida", "วนิดา พรหมมา", ADMIN)
    yield office
    office.close()


def at_once(office: Office, *, same: bool) -> list[str]:
    """Let two administrators deploy in the same moment; return the pages that they see then."""
    browsers = [office.browser("admin"), office.browser("wanida")]
    seen = newest(office)
    ready = threading.Barrier(2)
    pages: dict[int, str] = {}

    def deploy(number: int) -> None:
        content = diagram() if same else diagram(f"แผน {number}")
        ready.wait()
        answer = send(browsers[number], ("plan.bpmn", content), FORM, seen=str(seen))
        assert answer.status_code == 303, answer.text
        pages[number] = browsers[number].get(answer.location).text

    threads = [threading.Thread(target=deploy, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(pages) == 2
    return [pages[0], pages[1]]


def test_two_different_versions_at_once_are_both_deployed_and_the_later_hears_of_the_other(busy_office: Office) -> None:
    pages = at_once(busy_office, same=False)

    with busy_office.engine.reading() as read:
        versions = read.deployments.find(process_id="plan")
    assert [found.version for found in versions] == [3, 2, 1]
    assert {found.author for found in versions[:2]} == {"admin", "wanida"}
    deployed = sorted(re.search(r"นำรุ่นที่ (\d) ขึ้นใช้แล้ว", page)[1] for page in pages)  # type: ignore[index]
    assert deployed == ["2", "3"]
    later = next(page for page in pages if "นำรุ่นที่ 3 ขึ้นใช้แล้ว" in page)
    assert re.search(r"(วนิดา พรหมมา|ผู้ดูแล ระบบ) ได้นำ .* รุ่นที่ 2 ขึ้นใช้", later)


def test_the_same_bytes_at_once_make_one_version_and_both_are_told(busy_office: Office) -> None:
    pages = at_once(busy_office, same=True)

    with busy_office.engine.reading() as read:
        assert read.deployments.latest("plan").version == 2
    assert sorted("จึงไม่เกิดรุ่นใหม่" in page for page in pages) == [False, True]
    assert sorted("นำรุ่นที่ 2 ขึ้นใช้แล้ว" in page for page in pages) == [False, True]


# -- runs -----------------------------------------------------------------------------------------------------------


# -- words ----------------------------------------------------------------------------------------------------------


def test_every_rule_of_the_gate_is_told_in_thai_with_all_its_facts(office: Office) -> None:
    def facts(text: str) -> set[str]:
        return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}

    with office.app.test_request_context(), force_locale("th"):
        for rule in rules().values():
            for text in (rule.message, rule.remedy):
                thai = _(text)
                assert re.search("[ก-๙]", thai), text
                assert facts(thai) <= facts(text), text
