"""Signing in and out, sessions and their ends, throttling, capacities, the demo's people."""

from __future__ import annotations

import pytest

from engine import SYSTEM
from tests.support.web import GOVERNOR, PASSWORD, PLANNERS, Office
from web.accounts import service


def test_whoever_signs_in_finds_the_own_name_and_capacity_on_every_page(office: Office) -> None:
    page = office.browser("somchai").get("/tasks").text

    assert "สมชาย ใจดี" in page
    assert "กลุ่มงานยุทธศาสตร์ฯ จังหวัดลำปาง" in page


@pytest.mark.parametrize("path", ["/", "/tasks", "/tasks/1", "/sessions"])
def test_nobody_sees_a_page_without_signing_in(office: Office, path: str) -> None:
    answer = office.browser().get(path)

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize(("login", "password"), [("somchai", "wrong"), ("nobody", PASSWORD), ("", ""), ("somchai", "")])
def test_a_wrong_name_or_password_is_answered_alike(office: Office, login: str, password: str) -> None:
    answer = office.browser().post("/sign-in", {"login": login, "password": password})

    assert answer.status_code == 422
    assert "ชื่อบัญชีหรือรหัสผ่านไม่ถูกต้อง" in answer.text


def test_names_are_known_in_any_case(office: Office) -> None:
    assert office.browser().post("/sign-in", {"login": " SomChai ", "password": PASSWORD}).status_code == 303


def test_sign_in_leads_where_the_visitor_wanted_to_go_but_never_away(office: Office) -> None:
    data = {"login": "somchai", "password": PASSWORD}

    assert office.browser().post("/sign-in", {**data, "next": "/tasks?tab=done"}).location == "/tasks?tab=done"
    assert office.browser().post("/sign-in", {**data, "next": "https://evil.example/"}).location == "/"


def test_too_many_failures_must_wait_even_with_the_right_password(office: Office) -> None:
    browser = office.browser()
    for _ in range(8):
        browser.post("/sign-in", {"login": "somchai", "password": "wrong"})

    assert browser.post("/sign-in", {"login": "somchai", "password": PASSWORD}).status_code == 429
    assert browser.post("/sign-in", {"login": "pim", "password": PASSWORD}).status_code == 303
    office.clock.advance(minutes=16)
    assert browser.post("/sign-in", {"login": "somchai", "password": PASSWORD}).status_code == 303


def test_a_form_without_its_token_changes_nothing(office: Office) -> None:
    answer = office.app.test_client().post("/sign-in", data={"login": "somchai", "password": PASSWORD})

    assert answer.status_code == 400
    assert "เปิดค้างไว้นานเกินไป" in answer.text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(office: Office) -> None:
    answer = office.browser().post("/sign-in", {"login": "somchai", "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_ends_the_session_also_for_a_stolen_cookie(office: Office) -> None:
    browser = office.browser("somchai")
    stolen = browser.client.get_cookie("saanphaen")
    assert stolen is not None
    browser.post("/sign-out")

    thief = office.browser()
    thief.client.set_cookie("saanphaen", stolen.value)

    assert thief.get("/tasks").status_code == 303


def test_an_unused_session_ends_and_a_used_one_ends_at_last(office: Office) -> None:
    browser = office.browser("somchai")
    office.clock.advance(minutes=121)
    assert browser.get("/tasks").status_code == 303

    browser = office.browser("somchai")
    for _ in range(11):
        office.clock.advance(hours=1)
        assert browser.get("/tasks").status_code == 200
    office.clock.advance(hours=1, minutes=1)
    assert browser.get("/tasks").status_code == 303


def test_one_sees_and_ends_ones_own_sessions_only(office: Office) -> None:
    first, second, other = office.browser("somchai"), office.browser("somchai"), office.browser("pim")

    first.post("/sessions/end", {"which": "others"})

    assert first.get("/tasks").status_code == 200
    assert second.get("/tasks").status_code == 303
    assert other.get("/tasks").status_code == 200


def test_a_new_password_and_a_disabled_account_end_all_sessions(office: Office) -> None:
    browser = office.browser("somchai")
    with office.engine.unit_of_work(SYSTEM) as uow:
        account = service.find_account(uow.session, "somchai")
        assert account is not None
        service.disable_account(uow.session, account, now=uow.now)

    assert browser.get("/tasks").status_code == 303
    assert office.browser().post("/sign-in", {"login": "somchai", "password": PASSWORD}).status_code == 422


def test_somebody_with_two_positions_chooses_the_one_to_act_in(office: Office) -> None:
    task = office.taken("pim")
    browser = office.browser("pim")
    assert task.name in browser.get("/tasks").text

    browser.post("/capacity", {"capacity": GOVERNOR})

    page = browser.get("/tasks").text
    assert "ผู้ว่าราชการจังหวัดลำปาง" in page
    assert f'data-task-row="{task.id}"' not in page


def test_a_position_that_one_does_not_hold_cannot_be_acted_in(office: Office) -> None:
    assert office.browser("somchai").post("/capacity", {"capacity": GOVERNOR}).status_code == 403


def test_a_position_that_has_ended_ends_the_session_that_was_opened_with_it(office: Office) -> None:
    browser = office.browser("pim", capacity=GOVERNOR)
    office.directory.people["pim"] = ("พิมพ์ใจ แสงทอง", (PLANNERS,))

    assert browser.get("/tasks").location == "/sign-in?next=/tasks"
    assert "ตำแหน่งหรือหน้าที่ของท่านมีการเปลี่ยนแปลง" in browser.get("/sign-in").text
    browser.post("/sign-in", {"login": "pim", "password": PASSWORD})
    assert "กลุ่มงานยุทธศาสตร์ฯ จังหวัดลำปาง" in browser.get("/tasks").text


def test_outside_the_demo_there_are_no_demo_people(office: Office) -> None:
    assert "วิชัย คำปัน" not in office.browser().get("/sign-in").text
    assert office.browser().post("/demo/switch", {"person": "wichai"}).status_code == 404


def test_in_the_demo_one_click_makes_one_another_person(sqlite_url: str) -> None:
    office = Office(sqlite_url, demo=True)
    browser = office.browser()
    assert "วิชัย คำปัน" in browser.get("/sign-in").text

    assert browser.post("/demo/switch", {"person": "wichai", "capacity": GOVERNOR}).status_code == 303
    assert "วิชัย คำปัน" in browser.get("/tasks").text
    browser.post("/demo/switch", {"person": "somchai"})
    assert "สมชาย ใจดี" in browser.get("/tasks").text
    elsewhere = {"REMOTE_ADDR": "192.168.1.20"}
    assert browser.post("/demo/switch", {"person": "wichai"}, environ_overrides=elsewhere).status_code == 404
    office.close()


def test_language_is_a_switch_that_survives_signing_in(office: Office) -> None:
    browser = office.browser()
    browser.post("/preferences/language", {"language": "en", "next": "/sign-in"})
    assert '<html lang="en"' in browser.get("/sign-in").text

    browser.post("/sign-in", {"login": "somchai", "password": PASSWORD})

    assert "My work" in browser.get("/tasks").text
