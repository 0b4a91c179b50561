"""The pages on the organisation: capacities, titles, colleagues, working days, and the people of the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask

from engine import ProcessEngine
from tests.support.clock import ManualClock
from tests.support.web import Browser
from web import create_app
from web.config import Settings
from web.demo_accounts import create_demo_accounts
from web.directory import OrganizationDirectory
from workflows import cast, install
from workflows.organization.acting import withdraw_order
from workflows.organization.directory import capacities_of

MORNING = "2026-11-24T02:30:00+00:00"  # Tuesday 09:30 in Bangkok
DEPUTY = "demo-th52-deputy"
BY_ORDER = "ปฏิบัติราชการแทน ตามคำสั่งที่ ลป 0017/2145 ลงวันที่ 1 ตุลาคม 2567"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MORNING)


@pytest.fixture
def engine(sqlite_url: str, clock: ManualClock) -> Iterator[ProcessEngine]:
    opened = install.open_engine(sqlite_url, clock=clock)
    with opened.unit_of_work() as uow:
        cast.seed(uow.session, uow.now)
    create_demo_accounts(opened)
    yield opened
    opened.close()


@pytest.fixture
def people() -> OrganizationDirectory:
    return OrganizationDirectory()


@pytest.fixture
def app(engine: ProcessEngine, people: OrganizationDirectory, sqlite_url: str) -> Flask:
    settings = Settings(database_url=sqlite_url, secret_key="k" * 40, demo=True)
    return create_app(settings, engine=engine, people=people)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def switch(browser: Browser, person: str, capacity: str = "") -> None:
    answer = browser.post("/demo/switch", {"person": person, "capacity": capacity})
    assert answer.status_code == 303, answer.text


def test_the_own_position_comes_before_the_one_by_order(engine: ProcessEngine, people: OrganizationDirectory) -> None:
    with engine.reading() as read:
        own, acting = people.capacities_of(read.session, DEPUTY, read.now)

        assert (own.id, own.role, own.unit, own.acting) == (
            "deputy_governor@TH-52",
            "deputy_governor",
            "TH-52",
            "",
        )
        assert own.title == "รองผู้ว่าราชการจังหวัดลำปาง"
        assert (acting.role, acting.title, acting.acting) == ("governor", "ผู้ว่าราชการจังหวัดลำปาง", BY_ORDER)
        assert acting.groups == {"governor@TH-52"}
        assert people.capacity_title(read.session, acting.id) == f"{acting.title} ({BY_ORDER})"
        assert people.capacity_title(read.session, own.id) == own.title


@pytest.mark.parametrize(
    ("group", "title"),
    [
        ("governor@TH-52", "ผู้ว่าราชการจังหวัดลำปาง"),
        ("cluster_head@NU1", "หัวหน้ากลุ่มจังหวัดภาคเหนือตอนบน 1"),
        ("local_government@TH-52-PAO", "องค์การบริหารส่วนจังหวัดลำปาง"),
        ("nesdc@TH", "สำนักงานสภาพัฒนาการเศรษฐกิจและสังคมแห่งชาติ (สศช.)"),
        ("regional_subcommittee@NORTH", "ฝ่ายเลขานุการ อ.ก.น.บ. ภาคเหนือ"),
        ("governor@TH-10", "governor@TH-10"),
        ("planner", "planner"),
    ],
)
def test_a_group_is_told_in_words(engine: ProcessEngine, people: OrganizationDirectory, group: str, title: str) -> None:
    with engine.reading() as read:
        assert people.group_title(read.session, group) == title


@pytest.mark.parametrize("capacity", ["", "system", "สศช.", "#1"])
def test_what_is_no_capacity_has_no_words(engine: ProcessEngine, people: OrganizationDirectory, capacity: str) -> None:
    with engine.reading() as read:
        assert people.capacity_title(read.session, capacity) == ""


def test_colleagues_are_all_others_who_may_do_it_each_once(
    engine: ProcessEngine, people: OrganizationDirectory
) -> None:
    with engine.reading() as read:
        found = people.colleagues(
            read.session, ["governor@TH-52", "deputy_governor@TH-52"], read.now, without="demo-th52-governor"
        )

    assert [(colleague.id, colleague.title) for colleague in found] == [(DEPUTY, "รองผู้ว่าราชการจังหวัดลำปาง")]


def test_working_days_are_counted_in_the_calendar_of_the_unit(
    engine: ProcessEngine, people: OrganizationDirectory
) -> None:
    with engine.reading() as read:
        count = people.day_counter(read.session, read.now)

        assert count(None) is None
        assert count(read.now) == 0
        assert count(read.now + dt.timedelta(days=7)) == count(read.now - dt.timedelta(days=7)) == 5
        # 7 December 2026 takes the place of Saturday the 5th, 10 December is Constitution Day.
        start = dt.datetime(2026, 12, 4, 3, tzinfo=dt.UTC)
        assert people.working_days(read.session, start, start + dt.timedelta(days=7), "TH-52") == 3
        assert people.working_days(read.session, start, start, "TH-52") == 0


def test_the_sign_in_page_offers_the_people_of_the_demo_by_unit(browser: Browser) -> None:
    page = browser.get("/sign-in").text

    for words in ("จังหวัดลำปาง", "กลุ่มจังหวัดภาคเหนือตอนบน 1", "ประเทศไทย", "หอการค้าจังหวัดลำพูน", BY_ORDER):
        assert words in page
    assert page.index("จังหวัดแม่ฮ่องสอน") < page.index("ประเทศไทย</h3>")


def test_an_english_reader_gets_english_titles(browser: Browser) -> None:
    browser.post("/preferences/language", {"language": "en", "next": "/sign-in"})

    page = browser.get("/sign-in").text

    assert "Governor of Lampang" in page
    assert "Upper Northern Cluster 1" in page
    assert "Acting on behalf of the holder, by order" in page


def test_everybody_of_the_demo_can_be_switched_to_and_has_an_inbox(browser: Browser, engine: ProcessEngine) -> None:
    with engine.reading() as read:
        shown = [
            person for unit in OrganizationDirectory().demo_people(read.session, read.now) for person in unit.people
        ]

    for person in shown[:: len(shown) // 6]:
        switch(browser, person.id, person.capacity)
        page = browser.get("/tasks")
        assert page.status_code == 200
        assert person.name in page.text


def test_the_session_ends_with_the_order_while_one_is_signed_in(
    browser: Browser, engine: ProcessEngine, clock: ManualClock
) -> None:
    with engine.reading() as read:
        acting = capacities_of(read.session, DEPUTY, read.now)[1]
    assert acting.order is not None
    switch(browser, DEPUTY, acting.capacity)
    assert "ผู้ว่าราชการจังหวัดลำปาง" in browser.get("/tasks").text

    clock.advance(minutes=5)
    with engine.unit_of_work() as uow:
        withdraw_order(uow.session, acting.order, end=uow.now, reason="ผู้ว่าฯ กลับมา", actor=uow.actor)

    assert browser.get("/tasks").status_code == 303
    switch(browser, DEPUTY, acting.capacity)
    page = browser.get("/tasks").text
    assert "รองผู้ว่าราชการจังหวัดลำปาง" in page
    assert BY_ORDER not in page
    assert browser.post("/capacity", {"capacity": acting.capacity}).status_code == 403


def test_accounts_of_the_demo_are_made_once_and_have_no_password(engine: ProcessEngine, browser: Browser) -> None:
    assert create_demo_accounts(engine) == 0

    answer = browser.post("/sign-in", {"login": "demo-th52-planner", "password": ""})

    assert answer.status_code == 422
