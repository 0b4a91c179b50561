"""Sessions (plan S5): nobody gets into one, nobody stays in one that is over, and it ends whenever rights change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import MetaData, select

from engine import SYSTEM
from tests.support.accounts import (
    ELSEWHERE,
    Accounts,
    attempt,
    begin,
    cookie_of,
    is_open,
    open_accounts,
    with_cookie,
)
from tests.support.web import GOVERNOR, PASSWORD, PLANNERS
from web.accounts import service
from web.directory import OrganizationDirectory
from workflows.organization.acting import ActingKind, make_order, withdraw_order
from workflows.organization.appointments import appoint, end_holding, leave, register_person
from workflows.organization.models import ActingOrder, Holding
from workflows.organization.units import seed_units

OTHER = "กาดกองต้า ลำปาง 2570"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


# -- nobody gets into another's session ------------------------------------------------------------------------------


def test_a_cookie_planted_before_signing_in_opens_nothing_afterwards(office: Accounts) -> None:
    victim = office.visitor()
    victim.get("/sign-in")
    planted = cookie_of(victim)

    attempt(victim, "somchai")

    assert is_open(victim)
    assert not is_open(with_cookie(office, planted))


def test_an_attackers_own_session_planted_in_a_browser_ends_when_the_victim_signs_in(office: Accounts) -> None:
    attacker = office.sign_in("pim")
    planted = cookie_of(attacker)
    victim = with_cookie(office, planted)

    attempt(victim, "somchai")

    assert not is_open(with_cookie(office, planted))
    assert [row.end_reason for row in office.sessions("pim")] == ["replaced"]
    assert "สมชาย ใจดี" in victim.get("/tasks").text


def test_each_sign_in_has_a_token_and_a_form_token_of_its_own(office: Accounts) -> None:
    browser = office.visitor()
    seen = set()
    for _ in range(3):
        attempt(browser, "somchai")
        page = browser.get("/sign-in").text
        seen.add((office.sessions()[-1].token_hash, page.split('name="csrf-token" content="')[1].split('"')[0]))

    assert len(seen) == len({token for token, _form in seen}) == 3
    assert [row.end_reason for row in office.sessions()] == ["replaced", "replaced", None]


def test_acting_in_another_position_changes_the_token(office: Accounts) -> None:
    browser = office.sign_in("pim")
    before = cookie_of(browser)

    browser.post("/capacity", {"capacity": GOVERNOR})

    assert is_open(browser)
    assert not is_open(with_cookie(office, before))
    assert len(office.sessions("pim")) == 1


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "é", "%00", "." * 4_000])
def test_a_made_up_cookie_is_a_visitor(office: Accounts, value: str) -> None:
    answer = office.visitor().get("/tasks", headers={"Cookie": f"saanphaen={value}"})

    assert answer.status_code == 303


def test_the_database_holds_no_token(office: Accounts) -> None:
    browser = office.sign_in()
    with browser.client.session_transaction() as kept:
        token = kept["_user_id"]

    assert all(token not in str(value) for value in vars(office.sessions()[0]).values())
    assert not is_open(with_cookie(office, office.sessions()[0].token_hash))


# -- nobody stays in a session that is over ---------------------------------------------------------------------------


def test_signing_out_ends_the_record_and_every_copy_of_the_cookie(office: Accounts) -> None:
    browser = office.sign_in()
    stolen = cookie_of(browser)

    browser.post("/sign-out")

    assert not is_open(browser)
    assert not is_open(with_cookie(office, stolen))
    assert [row.end_reason for row in office.sessions()] == ["signed_out"]


def test_disabling_ends_all_sessions_at_once_and_enabling_revives_none(office: Accounts) -> None:
    browsers = [office.sign_in(), office.sign_in(address=ELSEWHERE)]

    office.change("somchai", service.disable_account)
    assert [is_open(browser) for browser in browsers] == [False, False]

    with office.engine.unit_of_work(SYSTEM) as uow:
        account = service.any_account(uow.session, login="somchai")
        assert account is not None
        service.enable_account(account)
    assert [is_open(browser) for browser in browsers] == [False, False]


def test_a_password_set_by_command_ends_all_sessions(office: Accounts) -> None:
    browser = office.sign_in()

    office.change("somchai", service.change_password, office.hasher.hash(OTHER))

    assert not is_open(browser)
    assert "รหัสผ่านของบัญชีนี้ถูกเปลี่ยนแล้ว" in browser.get("/sign-in").text


def test_ones_own_new_password_ends_all_other_sessions_and_gives_this_one_a_new_token(office: Accounts) -> None:
    here, there = office.sign_in(), office.sign_in(address=ELSEWHERE)
    before = cookie_of(here)

    answer = here.post("/account/password", {"password": PASSWORD, "new_password": OTHER, "again": OTHER})

    assert answer.status_code == 303
    assert is_open(here)
    assert not is_open(there)
    assert not is_open(with_cookie(office, before))
    assert attempt(office.visitor(), "somchai").status_code == 422
    assert attempt(office.visitor(), "somchai", OTHER).status_code == 303


@pytest.mark.parametrize(
    ("password", "new", "again", "told"),
    [
        ("wrong", OTHER, OTHER, "รหัสผ่านไม่ถูกต้อง"),
        ("", OTHER, OTHER, "พิมพ์รหัสผ่านปัจจุบัน"),
        (PASSWORD, "short", "short", "ต้องยาว 12 ถึง 200"),
        (PASSWORD, "x" * 201, "x" * 201, "ต้องยาว 12 ถึง 200"),
        (PASSWORD, PASSWORD, PASSWORD, "ซ้ำกับรหัสผ่านปัจจุบัน"),
        (PASSWORD, "aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "เดาง่าย"),
        (PASSWORD, "somchai-somchai", "somchai-somchai", "เดาง่าย"),
        (PASSWORD, OTHER, "another one here", "ไม่ตรงกัน"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_it_and_only_for_a_good_one(
    office: Accounts, password: str, new: str, again: str, told: str
) -> None:
    browser = office.sign_in()

    answer = browser.post("/account/password", {"password": password, "new_password": new, "again": again})

    assert answer.status_code == 422
    assert told in answer.text
    assert PASSWORD not in answer.text
    assert attempt(office.visitor(), "somchai").status_code == 303


@pytest.mark.parametrize(("idle", "minutes", "open_"), [(90, 89, True), (90, 90, False), (5, 4, True), (5, 5, False)])
def test_an_unused_session_ends_by_the_clock(office: Accounts, idle: int, minutes: int, open_: bool) -> None:
    office.configure(session_idle=dt.timedelta(minutes=idle))
    browser = office.sign_in()

    office.clock.advance(minutes=minutes)

    assert is_open(browser) is open_


@pytest.mark.parametrize(("path", "lives"), [("/tasks", True), ("/notifications/bell", False)])
def test_what_a_page_asks_by_itself_keeps_no_session_alive(office: Accounts, path: str, lives: bool) -> None:
    browser = office.sign_in()
    for _ in range(3):
        office.clock.advance(minutes=40)
        browser.get(path)

    assert is_open(browser) is lives


def test_a_draft_that_is_saved_while_typing_keeps_the_session_alive(office: Accounts) -> None:
    task, browser = office.taken(), office.sign_in()
    for _ in range(3):
        office.clock.advance(minutes=80)
        assert browser.post(f"/tasks/{task.id}/draft", {"title": "แผน"}).status_code == 200


def test_a_session_ends_after_its_day_whatever_happens(office: Accounts) -> None:
    browser = office.sign_in()
    for _ in range(12):
        assert is_open(browser)
        office.clock.advance(hours=1)

    assert not is_open(browser)
    assert "ครบเวลาใช้งานของวัน" in browser.get("/sign-in").text


# -- it ends whenever rights change -----------------------------------------------------------------------------------


def test_a_session_ends_with_every_change_of_what_its_person_may_act_in(office: Accounts) -> None:
    seen = []
    with office.engine.unit_of_work(SYSTEM) as uow:
        seed_units(uow.session)
        for person in ("somchai", "wichai"):
            register_person(uow.session, person, person_id=person)
        began = uow.now - dt.timedelta(days=1)
        appoint(uow.session, "wichai", GOVERNOR, start=began, actor=SYSTEM, now=uow.now)
        appoint(uow.session, "somchai", PLANNERS, start=began, actor=SYSTEM, now=uow.now)
    settings = office.app.extensions["saanphaen"].settings
    app = office.another_process()
    app.extensions["saanphaen"] = app.extensions["saanphaen"].__class__(
        settings, office.engine, OrganizationDirectory(), app.extensions["saanphaen"].files
    )

    def latest(table: type[Holding | ActingOrder]) -> int:
        with office.engine.reading() as read:
            query = select(table.id).where(table.person_id == "somchai").order_by(table.id.desc())
            return int(read.session.scalars(query.limit(1)).one())

    def order(uow, *, days: float | None = None) -> None:
        make_order(
            uow.session, "somchai", GOVERNOR, kind=ActingKind.ON_BEHALF, number="ลป 1/2569", dated=uow.now.date(),
            start=uow.now, end=uow.now + dt.timedelta(days=days) if days else None, actor=SYSTEM, now=uow.now,
        )  # fmt: skip

    changes = {
        "appointed to a second position": lambda uow: appoint(
            uow.session, "somchai", "province_office_head@TH-52", start=uow.now, actor=SYSTEM, now=uow.now
        ),
        "that position ends": lambda uow: end_holding(
            uow.session, latest(Holding), end=uow.now, reason="ย้าย", actor=SYSTEM
        ),
        "an acting order begins": order,
        "it is withdrawn": lambda uow: withdraw_order(
            uow.session, latest(ActingOrder), end=uow.now, reason="กลับมา", actor=SYSTEM
        ),
        "an acting order for minutes": lambda uow: order(uow, days=0.005),
        "runs out": lambda _uow: office.clock.advance(minutes=8),
        "leaves": lambda uow: leave(uow.session, "somchai", at=uow.now, reason="ลาออก", actor=SYSTEM),
    }
    for words, act in changes.items():
        browser = office.sign_in(app=app)
        assert is_open(browser), words
        with office.engine.unit_of_work(SYSTEM) as uow:
            act(uow)
        seen.append((words, is_open(browser), office.sessions()[-1].end_reason))
        assert "ตำแหน่งหรือหน้าที่ของท่านมีการเปลี่ยนแปลง" in browser.get("/sign-in").text
        office.clock.advance(minutes=1)

    assert seen == [(words, False, "authority_changed") for words in changes]


def test_rights_that_come_back_revive_no_session(office: Accounts) -> None:
    browser = office.sign_in("pim")
    name, both = office.directory.people["pim"]
    office.directory.people["pim"] = (name, (PLANNERS,))
    assert not is_open(browser)

    office.directory.people["pim"] = (name, both)

    assert not is_open(browser)


# -- seeing and ending them -------------------------------------------------------------------------------------------


def test_one_sees_the_own_devices_and_signs_out_one_of_them(office: Accounts) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = office.visitor(ELSEWHERE)
    other.client.environ_base["HTTP_USER_AGENT"] = firefox
    attempt(other, "somchai")
    foreign, here = office.sign_in("wichai", address="192.0.2.77"), office.sign_in()

    page = here.get("/sessions").text
    here.post("/sessions/end", {"session": str(office.sessions()[0].id)})

    assert "Firefox, Linux" in page
    assert ELSEWHERE in page
    assert "192.0.2.77" not in page
    assert [is_open(browser) for browser in (other, foreign, here)] == [False, True, True]
    assert "สั่งให้ออกจากอีกอุปกรณ์หนึ่ง" in here.get("/sessions").text


@pytest.mark.parametrize("which", ["foreign", "0", "-1", "x", "9" * 30, ""])
def test_what_is_not_ones_own_session_is_not_ended(office: Accounts, which: str) -> None:
    foreign, here = office.sign_in("wichai"), office.sign_in()
    chosen = str(office.sessions("wichai")[0].id) if which == "foreign" else which

    answer = here.post("/sessions/end", {"session": chosen})

    assert answer.status_code == 303
    assert is_open(foreign)


def test_administrators_sign_somebody_out_and_nobody_else_does(office: Accounts) -> None:
    victim, admin, planner = office.sign_in(), office.sign_in("admin"), office.sign_in("pim")
    path = f"/users/{office.account().id}/sessions/end"

    assert planner.post(path).status_code == 403
    assert is_open(victim)
    assert admin.post(path).status_code == 303
    assert not is_open(victim)
    assert "ผู้ดูแลระบบได้สั่งให้อุปกรณ์นี้ออกจากระบบ" in victim.get("/sign-in").text


@pytest.mark.parametrize("path", ["/sessions/end", "/users/1/sessions/end", "/users/1/second-factor/reset"])
def test_what_protects_an_account_is_changed_only_after_proving_again_who_one_is(office: Accounts, path: str) -> None:
    browser = office.sign_in("admin")
    before = cookie_of(browser)
    office.clock.advance(minutes=11)

    asked = browser.post(path, {"which": "others"})
    assert asked.location.startswith("/account/confirm")
    assert browser.post("/account/confirm", {"password": "wrong", "next": "/sessions"}).status_code == 422
    assert browser.post("/account/confirm", {"password": PASSWORD, "next": "/sessions"}).location == "/sessions"

    assert not is_open(with_cookie(office, before))
    assert not browser.post(path, {"which": "others"}).location.startswith("/account/confirm")


# -- reading writes nothing, and nothing that was typed is lost ------------------------------------------------------


def everything(office: Accounts) -> dict[str, list[tuple[object, ...]]]:
    engine, tables = office.engine._database.engine, MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in tables.sorted_tables
        }


def test_reading_writes_the_last_use_once_a_minute_and_nothing_else(office: Accounts) -> None:
    browser = office.sign_in()
    before = everything(office)

    office.clock.advance(seconds=59)
    for path in ("/tasks", "/sessions", "/account/password", "/account/second-factor", "/account/second-factor/set-up"):
        assert browser.get(path).status_code == 200
    assert everything(office) == before

    office.clock.advance(seconds=1)
    with office.statements() as sent:
        browser.get("/tasks")
        browser.get("/tasks")
    after = everything(office)
    assert [words for words in sent if words.startswith(("INSERT", "UPDATE", "DELETE"))] == [
        words for words in sent if words.startswith("UPDATE web_session SET last_seen_at=")
    ]
    assert sum(words.startswith("UPDATE") for words in sent) == 1
    assert {name for name in after if after[name] != before[name]} == {"web_session"}


def test_a_form_that_comes_after_the_end_is_kept_to_be_sent_again(office: Accounts) -> None:
    task, browser = office.taken(), office.sign_in()
    office.clock.advance(hours=3)

    answer = browser.post(f"/tasks/{task.id}/complete", {"title": 'แผน "ลำปาง"', "budget": "12"})

    assert answer.status_code == 401
    assert 'name="title" value="แผน &#34;ลำปาง&#34;"' in answer.text
    assert f'action="/tasks/{task.id}/complete"' in answer.text
    assert office.engine.task(task.id).state == "assigned"


def test_passwords_that_come_after_the_end_are_not_written_into_the_answer(office: Accounts) -> None:
    browser = office.sign_in()
    office.clock.advance(hours=3)

    answer = browser.post("/account/password", {"password": PASSWORD, "new_password": OTHER, "again": OTHER})

    assert answer.status_code == 401
    assert PASSWORD not in answer.text
    assert OTHER not in answer.text
