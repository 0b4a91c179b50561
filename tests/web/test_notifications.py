"""The bell and the list of messages: words from facts, day by day, read and unread, and where a message leads."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Task
from tests.support.web import GOVERNOR, LAMPHUN, PLANNERS, Office
from workflows.notifications import MessageKind, Notice, notify, page

DUE = "2026-11-26T16:59:59+00:00"  # Thursday


def tell(
    office: Office, person: str = "somchai", kind: MessageKind = MessageKind.DUE_SOON, *, key: str = "", **facts: object
) -> int:
    """Tell a person something; returns the message's id."""
    known = {"task_id": "1", "name": "ยกร่างแผน", "business_key": "plan:TH-52", "unit": "TH-52", "due": DUE, "rung": -3}
    told = known | {"working_days_late": 0, "as": "owner", "group": PLANNERS, "assignee": None} | facts
    with office.engine.unit_of_work(SYSTEM) as uow:
        key = key or f"{kind}:{uow.now.isoformat()}:{sorted(facts.items())}"
        notify(uow.session, [Notice(person_id=person, kind=kind, key=key, facts=told)], now=uow.now)
        return page(uow.session, person, limit=1)[0].id


def about(task: Task, **facts: object) -> dict[str, object]:
    return {"task_id": task.id, "business_key": task.business_key, **facts}


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (MessageKind.DUE_SOON, {"rung": -3}, "“ยกร่างแผน” ครบกำหนดในอีก 3 วันทำการ คือวันพฤหัสบดีที่ 26 พฤศจิกายน 2569"),
        (MessageKind.DUE_TODAY, {"rung": 0}, "“ยกร่างแผน” ครบกำหนดวันนี้ วันพฤหัสบดีที่ 26 พฤศจิกายน 2569"),
        (MessageKind.OVERDUE, {"working_days_late": 1}, "“ยกร่างแผน” ล่าช้า 1 วันทำการ"),
        (MessageKind.OVERDUE, {"working_days_late": 0}, "“ยกร่างแผน” เลยกำหนดแล้ว"),
        (MessageKind.OVERDUE_BELOW, {"working_days_late": 4, "as": "superior"}, "“ยกร่างแผน” ของTH-52 ล่าช้า 4 วันทำการ"),
    ],
)
def test_a_message_is_told_in_words(office: Office, kind: MessageKind, facts: dict[str, object], words: str) -> None:
    tell(office, kind=kind, **facts)

    assert words in office.browser("somchai").get("/notifications").text


def test_a_message_of_another_time_with_few_facts_is_met_calmly(office: Office) -> None:
    tell(office, due=None, name=None, rung="x", business_key=7, group=None)

    assert "ครบกำหนด" in office.browser("somchai").get("/notifications").text


def test_everybody_sees_their_own_messages_only(office: Office) -> None:
    mine = tell(office, "somchai")
    browser = office.browser("wichai")

    assert "ยังไม่มีการแจ้งเตือน" in browser.get("/notifications").text
    assert browser.get(f"/notifications/{mine}").status_code == 404
    assert browser.post(f"/notifications/{mine}/read").status_code == 303
    browser.post("/notifications/read")
    assert "ยังไม่ได้อ่าน 1 รายการ" in office.browser("somchai").get("/notifications").text


def test_messages_stand_under_their_day(office: Office) -> None:
    tell(office, name="เรื่องเก่า")
    office.clock.advance(days=1)
    tell(office, name="เรื่องเมื่อวาน")
    office.clock.advance(days=1)
    tell(office, name="เรื่องวันนี้")

    shown = office.browser("somchai").get("/notifications").text

    places = [shown.index(text) for text in ("วันนี้ · ", "เรื่องวันนี้", "เมื่อวาน · ", "เรื่องเมื่อวาน", "24 พฤศจิกายน", "เรื่องเก่า")]
    assert places == sorted(places)


def test_a_message_leads_to_its_task_and_is_read_from_then_on(office: Office) -> None:
    task = office.taken()
    message = tell(office, **about(task, assignee="somchai"))
    browser = office.browser("somchai")

    answer = browser.get(f"/notifications/{message}")

    assert answer.location == f"/tasks/{task.id}"
    assert browser.get(answer.location).status_code == 200
    assert "ท่านอ่านครบทุกรายการแล้ว" in browser.get("/notifications").text


def test_work_of_another_capacity_names_the_capacity(office: Office) -> None:
    message = tell(office, "pim", group=GOVERNOR, **about(office.start()))
    browser = office.browser("pim", capacity=PLANNERS)

    away = browser.get(f"/notifications/{message}", follow_redirects=True).text
    browser.post("/capacity", {"capacity": GOVERNOR})

    assert "เปลี่ยนเป็น “ผู้ว่าราชการจังหวัดลำปาง” ที่ด้านบน" in away
    assert browser.get(f"/notifications/{message}").location.startswith("/tasks/")


def test_what_cannot_be_opened_any_more_says_so(office: Office) -> None:
    foreign = tell(office, group=LAMPHUN)
    above = tell(office, kind=MessageKind.OVERDUE_BELOW, **{"as": "superior"})
    browser = office.browser("somchai")

    for message in (foreign, above):
        answer = browser.get(f"/notifications/{message}", follow_redirects=True)
        assert answer.status_code == 200
        assert "เปิดเรื่องนี้ในตำแหน่งที่ท่านใช้อยู่ไม่ได้" in answer.text


@pytest.mark.parametrize("address", ["/notifications/999", "/notifications/99999999999999999999", "/notifications/x"])
def test_an_unknown_message_is_not_found(office: Office, address: str) -> None:
    assert office.browser("somchai").get(address).status_code == 404


def test_one_is_marked_as_read_and_the_others_stay(office: Office) -> None:
    first, second = tell(office, name="หนึ่ง"), tell(office, name="สอง")
    browser = office.browser("somchai")

    browser.post(f"/notifications/{first}/read")

    unread = browser.get("/notifications?show=unread").text
    assert "“สอง”" in unread
    assert "“หนึ่ง”" not in unread
    assert f'href="/notifications/{second}"' in unread


def test_all_are_marked_as_read_but_not_what_came_meanwhile(office: Office) -> None:
    for name in ("หนึ่ง", "สอง"):
        tell(office, name=name)
    browser = office.browser("somchai")
    upto = browser.get("/notifications").text.split('name="upto" value="')[1].split('"', maxsplit=1)[0]
    tell(office, name="สาม")

    done = browser.post("/notifications/read", {"upto": upto}, follow_redirects=True).text

    assert "ทำเครื่องหมายว่าอ่านแล้ว 2 รายการ" in done
    assert "ยังไม่ได้อ่าน 1 รายการ" in done


def test_the_list_goes_on_page_by_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.notifications.views.PAGE", 2)
    for name in ("หนึ่ง", "สอง", "สาม"):
        tell(office, name=name)
    browser = office.browser("somchai")

    first = browser.get("/notifications").text
    following = first.split('rel="next" href="')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")
    second = browser.get(following).text

    assert [name in first for name in ("“สาม”", "“สอง”", "“หนึ่ง”")] == [True, True, False]
    assert "“หนึ่ง”" in second
    assert 'rel="next"' not in second
    assert browser.get("/notifications?before=nonsense").status_code == 200
    assert browser.get(f"/notifications?before={'9' * 40}").status_code == 200


def test_the_bell_answers_only_when_its_count_has_changed(office: Office) -> None:
    browser = office.browser("somchai")
    assert browser.get("/notifications/bell?seen=0").status_code == 204

    tell(office)

    changed = browser.get("/notifications/bell?seen=0")
    assert changed.status_code == 200
    assert 'data-count="1"' in changed.text
    assert "การแจ้งเตือน: ยังไม่ได้อ่าน 1 รายการ" in changed.text
    assert browser.get("/notifications/bell?seen=1").status_code == 204
    assert 'data-count="1"' in browser.get("/tasks").text


def test_a_page_that_asks_by_itself_keeps_no_session_alive(office: Office) -> None:
    browser = office.browser("somchai")

    for _minutes in range(0, 130, 10):
        office.clock.advance(minutes=10)
        answer = browser.get("/notifications/bell?seen=0", headers={"HX-Request": "true"})

    assert answer.status_code == 401


def test_the_bell_is_for_those_who_have_signed_in(office: Office) -> None:
    assert office.browser().get("/notifications").status_code == 303
    assert office.browser().get("/notifications/bell", headers={"HX-Request": "true"}).status_code == 401
