"""The inbox through HTTP: groups, tabs, filter, and what belongs to others."""

from __future__ import annotations

import pytest

from tests.support.web import LAMPHUN, Office


def test_tasks_are_grouped_by_urgency_with_counts(office: Office) -> None:
    for due in ("2026-11-20T16:30:00+07:00", "2026-11-24T16:30:00+07:00", "2026-12-24T16:30:00+07:00", None):
        office.taken(due=due)

    page = office.browser("somchai").get("/tasks").text

    assert page.index("เกินกำหนด") < page.index("group-today") < page.index("group-later")
    assert "เกิน 2 วันทำการ" in page
    assert "group-this_week" not in page
    assert "<title>งานของฉัน (เกินกำหนด 1)" in page


def test_each_tab_shows_its_tasks(office: Office) -> None:
    mine, free = office.taken(), office.start("plan:2")
    browser = office.browser("somchai")

    assert f'data-task-row="{mine.id}"' in browser.get("/tasks").text
    takeable = browser.get("/tasks?tab=takeable").text
    assert f'data-task-row="{free.id}"' in takeable
    assert f'data-task-row="{mine.id}"' not in takeable


def test_whoever_has_no_task_begins_with_what_can_be_taken(office: Office) -> None:
    free = office.start()
    browser = office.browser("somchai")

    assert f'data-task-row="{free.id}"' in browser.get("/tasks").text
    assert f'data-task-row="{free.id}"' not in browser.get("/tasks?tab=mine").text
    mine = office.taken(key="plan:2")
    begun = browser.get("/tasks").text
    assert f'data-task-row="{mine.id}"' in begun
    assert f'data-task-row="{free.id}"' not in begun


def test_what_one_has_passed_on_waits_for_others_and_says_for_whom(office: Office) -> None:
    task = office.taken()
    office.engine.complete(task.id, {"title": "x"}, "somchai")
    browser = office.browser("somchai")

    waiting = browser.get("/tasks?tab=waiting").text
    assert "พิจารณาแผน" in waiting
    assert "อยู่ที่ ผู้ว่าราชการจังหวัดลำปาง" in waiting
    assert f'data-task-row="{task.id}"' in browser.get("/tasks?tab=done").text


def test_an_officer_never_sees_the_neighbours_tasks(office: Office) -> None:
    task = office.start("plan:TH-51", groups=LAMPHUN)
    browser = office.browser("somchai")

    assert all(
        task.id not in _rows(browser.get(f"/tasks?tab={tab}").text) for tab in ("mine", "takeable", "waiting", "done")
    )
    assert browser.get(f"/tasks/{task.id}").status_code == 404
    assert browser.get("/tasks/999999").status_code == 404
    for act in ("claim", "release", "complete", "draft", "hand-over"):
        assert browser.post(f"/tasks/{task.id}/{act}").status_code == 404
    assert office.browser("lamphun").get(f"/tasks/{task.id}").status_code == 200


def test_a_filter_in_the_address_narrows_the_list(office: Office) -> None:
    office.taken(key="plan:TH-52:2570")
    office.taken(key="plan:TH-52:2571")
    browser = office.browser("somchai")

    assert len(_rows(browser.get("/tasks?q=2571").text)) == 1
    assert len(_rows(browser.get("/tasks?q=ยกร่าง").text)) == 2
    nothing = browser.get("/tasks?q=ไม่มี").text
    assert "ไม่มีรายการที่ตรงกับตัวกรอง" in nothing


def test_pages_continue_and_a_made_up_continuation_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.tasks.inbox.PAGE", 2)
    for n in range(3):
        office.taken(key=f"plan:{n}")
    browser = office.browser("somchai")

    first = browser.get("/tasks").text
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert len(_rows(first)) == 2
    assert len(_rows(browser.get(following).text)) == 1
    assert browser.get("/tasks?after=nonsense").status_code == 422


@pytest.mark.parametrize("query", ["tab=other", "due=never", "q=%00", "task=1", "task=x", "after=~"])
def test_an_odd_address_is_met_calmly(office: Office, query: str) -> None:
    assert office.browser("somchai").get(f"/tasks?{query}").status_code in {200, 422}


def test_an_empty_inbox_says_so_kindly(office: Office) -> None:
    assert "ขณะนี้ไม่มีงานรอท่าน" in office.browser("somchai").get("/tasks").text


def _rows(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('data-task-row="')[1:]]
