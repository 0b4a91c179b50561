"""The page of one run for administrators: where it stands, its data and history, pausing and ending it for a reason."""

from __future__ import annotations

import re

import pytest

from engine import InstanceState, StateConflict
from tests.support.bpmn import process
from tests.support.web import PLANNERS, Browser, Office

ADMIN = "system_admin@TH"


def test_a_run_shows_where_it_stands_its_data_and_its_history(office: Office, admin: Browser) -> None:
    task = office.taken("somchai")
    office.engine.complete(task.id, {"title": "แผน", "budget": 5}, "somchai", comment="ครบถ้วน")

    page = admin.get(f"/processes/runs/{task.instance_id}").text

    assert "กำลังรอ: พิจารณาแผน" in page
    assert '<td class="mono text-break">budget</td>' in page
    assert "ครบถ้วน" in page
    assert "สมชาย ใจดี" in page
    assert "ผู้ว่าราชการจังหวัดลำปาง" in page  # who has it now
    every = admin.get(f"/processes/runs/{task.instance_id}?lines=all").text
    assert every.count('<li value="') > page.count('<li value="')


def test_a_long_history_comes_by_pages(office: Office, admin: Browser) -> None:
    task = office.start()
    for _round in range(30):
        office.engine.claim(task.id, "somchai")
        office.engine.release(task.id, "somchai")

    first = admin.get(f"/processes/runs/{task.instance_id}").text
    second = admin.get(re.search(r'rel="next" href="([^"#]+)', first)[1].replace("&amp;", "&")).text  # type: ignore[index]

    assert first.count('<li value="') == 50
    assert 0 < second.count('<li value="') < 50
    assert not set(re.findall(r'<li value="(\d+)"', first)) & set(re.findall(r'<li value="(\d+)"', second))


def test_pausing_and_going_on_are_done_for_a_reason_and_kept_with_person_and_capacity(
    office: Office, admin: Browser
) -> None:
    task = office.taken("somchai")
    address = f"/processes/runs/{task.instance_id}"

    assert admin.post(f"{address}/suspend", {"reason": "รอคำสั่งศาล"}).status_code == 303
    assert "พักไว้" in admin.get(address).text
    with pytest.raises(StateConflict):
        office.engine.complete(task.id, {"title": "x"}, "somchai")
    assert admin.post(f"{address}/resume").status_code == 303
    office.engine.complete(task.id, {"title": "x"}, "somchai")

    lines = {line.kind: line for line in office.engine.history(task.instance_id)}
    paused = lines["instance_suspended"]
    assert (paused.actor, paused.capacity, paused.details["reason"]) == ("admin", ADMIN, "รอคำสั่งศาล")
    assert lines["instance_resumed"].actor == "admin"


def test_ending_a_run_takes_its_tasks_away_and_needs_a_reason(office: Office, admin: Browser) -> None:
    task = office.start()
    address = f"/processes/runs/{task.instance_id}"

    refused = admin.post(f"{address}/cancel", {"reason": "  "})
    assert refused.status_code == 422
    assert "กรอกเหตุผล" in refused.text
    assert office.engine.instance(task.instance_id).state is InstanceState.ACTIVE

    assert admin.post(f"{address}/cancel", {"reason": "เปิดซ้ำ"}).status_code == 303
    assert office.engine.instance(task.instance_id).state is InstanceState.CANCELLED
    assert office.engine.tasks(instance_id=task.instance_id) == []
    assert admin.post(f"{address}/cancel", {"reason": "อีกครั้ง"}).status_code == 409


def test_a_reason_that_is_too_long_is_kept_as_typed(office: Office, admin: Browser) -> None:
    run = office.start().instance_id

    answer = admin.post(f"/processes/runs/{run}/suspend", {"reason": "ย" * 1_001})

    assert answer.status_code == 422
    assert "ย" * 1_001 in answer.text


def test_a_part_of_another_run_leads_to_the_whole(office: Office, admin: Browser) -> None:
    office.engine.deploy(process("whole", "ทั้งหมด").start().call("inner", "plan", propagate_all=True).end().file())
    whole = office.engine.start("whole", {"unit_name": "x", "due": None, "who": PLANNERS}, "plan:TH-52")
    (part,) = office.engine.instances(parent_id=whole.id)

    page = admin.get(f"/processes/runs/{part.id}").text

    assert f"/processes/runs/{whole.id}" in page
    assert "ให้ยุติรายการหลัก" in page
    assert 'data-dialog="cancel-run"' not in page
    assert f"/processes/runs/{part.id}" in admin.get(f"/processes/runs/{whole.id}").text
    assert admin.post(f"/processes/runs/{part.id}/cancel", {"reason": "x"}).status_code == 409


def test_optional_work_is_begun_on_the_page_once_for_each_time_it_is_shown(office: Office, admin: Browser) -> None:
    builder = process("survey").start()
    inside = builder.inner().user_task("visit", name="ลงพื้นที่")
    office.engine.deploy(builder.ad_hoc("field", inside, until="= enough").user_task("after").end().file())
    run = office.engine.start("survey", {"enough": False})
    address = f"/processes/runs/{run.id}"

    def form() -> dict[str, str]:
        page = admin.get(address).text
        assert "เริ่ม “ลงพื้นที่”" in page
        hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("ad_hoc", "seen")}
        return {name: found[1] for name, found in hidden.items() if found} | {"element": "visit"}

    first = form()
    for _sent in range(2):
        assert admin.post(f"{address}/choose", first).status_code == 303
    assert len(office.engine.tasks(instance_id=run.id)) == 1
    admin.post(f"{address}/choose", form())
    assert len(office.engine.tasks(instance_id=run.id)) == 2
    lines = [line for line in office.engine.history(run.id) if line.kind == "elements_chosen"]
    assert [(line.actor, line.capacity, line.element_id) for line in lines] == [("admin", ADMIN, "field")] * 2

    admin.post(f"{address}/choose", first | {"element": "after", "seen": "0"})
    assert "งานนี้เลือกไม่ได้แล้ว" in admin.get(address).text
    assert office.browser("somchai").post(f"{address}/choose", first).status_code == 403
