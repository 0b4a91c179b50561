"""The second step: a code counts once, guessing is slow, and whose role asks for it opens nothing without it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
import structlog
from sqlalchemy import select, update

from engine import SYSTEM
from tests.support.accounts import (
    ELSEWHERE,
    HERE,
    Accounts,
    attempt,
    begin,
    code_at,
    cookie_of,
    enrol,
    first_step,
    is_open,
    open_accounts,
    second_step,
    with_cookie,
)
from tests.support.web import PASSWORD
from web.access import Kind, access_of
from web.accounts import second_factor
from web.accounts.models import RecoveryCode, SecondFactor
from web.accounts.second_factor import STEP

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


# -- the code ---------------------------------------------------------------------------------------------------------


def test_the_right_code_opens_the_pages_under_a_new_token(office: Accounts) -> None:
    authenticator = office.give_factor()
    browser = first_step(office)
    before = cookie_of(browser)
    assert not is_open(browser)

    assert second_step(browser, office.code(authenticator)) == 303

    assert is_open(browser)
    assert not is_open(with_cookie(office, before))


def test_the_first_step_alone_opens_nothing(office: Accounts) -> None:
    office.give_factor()
    browser = first_step(office)
    with browser.client.session_transaction() as kept:
        kept["_user_id"] = kept["second_step"]

    assert not is_open(browser)


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_code_counts_in_its_half_minute_and_the_ones_beside_it(office: Accounts, steps: int, status: int) -> None:
    authenticator = office.give_factor()

    assert second_step(first_step(office), office.code(authenticator, steps=steps)) == status


@pytest.mark.parametrize("steps", [0, -1, 1])
def test_a_code_counts_once_and_so_do_all_before_it(office: Accounts, steps: int) -> None:
    authenticator = office.give_factor()
    assert second_step(first_step(office), office.code(authenticator, steps=1)) == 303

    assert second_step(first_step(office), office.code(authenticator, steps=steps)) == 422
    office.clock.advance(seconds=60)
    assert second_step(first_step(office), office.code(authenticator)) == 303


def test_of_two_who_send_the_same_code_at_once_one_gets_in(office: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    authenticator, answers = office.give_factor(), []
    browsers = [first_step(office), first_step(office, address=ELSEWHERE)]
    code, gate, find_proof = office.code(authenticator), threading.Barrier(2, timeout=60), second_factor.find_proof

    def both_find_it_right(*asked: Any) -> second_factor.Proof | None:
        found = find_proof(*asked)
        gate.wait()
        return found

    monkeypatch.setattr(second_factor, "find_proof", both_find_it_right)
    threads = [
        threading.Thread(target=lambda browser=browser: answers.append(second_step(browser, code)))
        for browser in browsers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 422]
    assert [is_open(browser) for browser in browsers].count(True) == 1


@pytest.mark.parametrize("code", ["", "abc", "12345", "1234567", "๑๒๓", "000000000000000", "\x00", "-1", " ", "٠١٢٣٤٥"])
def test_what_is_no_code_is_refused_calmly(office: Accounts, code: str) -> None:
    office.give_factor()

    assert second_step(first_step(office), code) == 422


@pytest.mark.parametrize("form", ["{0}{1}", "{0} {1}", " {0}-{1} ", "thai"])
def test_a_code_may_be_typed_as_people_write_it(office: Accounts, form: str) -> None:
    code = office.code(office.give_factor())
    thai = code.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))

    assert second_step(first_step(office), thai if form == "thai" else form.format(code[:3], code[3:])) == 303


def test_guessing_at_codes_is_slow_and_another_browser_or_address_makes_it_no_faster(office: Accounts) -> None:
    authenticator = office.give_factor()
    answers = [second_step(first_step(office, address=f"192.0.2.{number}"), "000000") for number in range(7)]
    assert answers == [422] * 5 + [429] * 2

    assert second_step(first_step(office), office.code(authenticator)) == 429
    office.clock.advance(minutes=1)
    assert second_step(first_step(office), office.code(authenticator)) == 303


def test_the_second_step_is_over_after_ten_minutes(office: Accounts) -> None:
    authenticator = office.give_factor()
    browser = first_step(office)
    office.clock.advance(minutes=10)

    answer = browser.post("/sign-in/code", {"code": office.code(authenticator)})

    assert answer.location.startswith("/sign-in")
    assert not is_open(browser)


@pytest.mark.parametrize("event", ["disabled", "password"])
def test_a_sign_in_that_waits_for_its_code_ends_with_the_account(office: Accounts, event: str) -> None:
    from web.accounts import service

    authenticator = office.give_factor()
    browser = first_step(office)
    if event == "disabled":
        office.change("somchai", service.disable_account)
    else:
        office.change("somchai", service.change_password, office.hasher.hash("another password"))

    second_step(browser, office.code(authenticator))

    assert not is_open(browser)


def test_the_second_step_leads_where_the_visitor_wanted_to_go(office: Accounts) -> None:
    authenticator, browser = office.give_factor(), office.visitor()
    location = attempt(browser, "somchai", next="/sessions").location
    assert location == "/sign-in/code?next=/sessions"

    assert 'name="next" value="/sessions"' in browser.get(location).text
    answer = browser.post("/sign-in/code", {"code": office.code(authenticator), "next": "/sessions"})
    assert answer.location == "/sessions"
    assert browser.get(location).location == "/sessions"  # and so does the browser's own way back


# -- setting it up ------------------------------------------------------------------------------------------------------


def test_set_up_shows_a_picture_and_a_key_and_is_on_after_the_first_code(office: Accounts) -> None:
    browser, other = office.sign_in(), office.sign_in(address=ELSEWHERE)
    before = cookie_of(browser)

    page = browser.get("/account/second-factor/set-up").text
    authenticator, codes = enrol(office, browser)

    assert "<svg" in page
    assert "otpauth://totp/Saanphaen:somchai?secret=" in page
    assert "http" not in page.split("<svg", 1)[1].split("</svg>")[0]
    assert len(codes) == len(set(codes)) == 10
    assert is_open(browser)
    assert not is_open(with_cookie(office, before))
    assert not is_open(other)
    assert second_step(first_step(office), office.code(authenticator)) == 422  # used up by setting it up
    office.clock.advance(seconds=STEP)
    assert second_step(first_step(office), office.code(authenticator)) == 303


def test_the_secret_is_stored_sealed_and_opens_for_its_own_account_only(office: Accounts) -> None:
    authenticator, _codes = enrol(office, office.sign_in())
    office.give_factor("pim")
    with office.engine.reading() as read:
        rows = {row.account_id: row.sealed for row in read.session.scalars(select(SecondFactor))}
    mine, other = rows[office.account().id], rows[office.account("pim").id]
    assert authenticator.secret not in repr(rows)

    with office.engine.unit_of_work(SYSTEM) as uow:  # somebody who can write the table puts the own secret in its place
        uow.session.execute(update(SecondFactor).where(SecondFactor.sealed == other).values(sealed=mine))
    office.clock.advance(seconds=STEP)
    assert second_step(first_step(office, "pim"), office.code(authenticator)) == 422


def test_a_wrong_first_code_shows_the_same_picture_again(office: Accounts) -> None:
    browser = office.sign_in()
    page = browser.get("/account/second-factor/set-up").text
    sealed = re.search(r'name="secret" value="([^"]+)"', page)
    key = re.search(r'key-text" translate="no">([A-Z2-7 ]+)<', page)
    assert sealed is not None
    assert key is not None

    again = browser.post("/account/second-factor/set-up", {"secret": sealed[1], "code": "000000"})

    assert again.status_code == 422
    assert key[1] in again.text


@pytest.mark.parametrize("secret", ["", "x", SECRET, "A" * 80])
def test_a_secret_that_the_page_did_not_make_is_not_taken(office: Accounts, secret: str) -> None:
    browser = office.sign_in()

    answer = browser.post(
        "/account/second-factor/set-up", {"secret": secret, "code": code_at(pyotp.TOTP(SECRET), office.clock.now())}
    )

    assert answer.location == "/account/second-factor/set-up"
    assert "ยังไม่ได้เปิดใช้" in browser.get("/account/second-factor").text


def test_turning_it_off_asks_again_for_a_code_and_ends_all_other_sessions(office: Accounts) -> None:
    browser = office.sign_in()
    authenticator, _codes = enrol(office, browser)
    office.clock.advance(minutes=11)
    other = first_step(office, address=ELSEWHERE)
    second_step(other, office.code(authenticator))
    assert browser.post("/account/second-factor/off").location.startswith("/account/confirm")
    assert browser.post("/account/confirm", {"password": PASSWORD}).status_code == 422  # the password is not enough

    office.clock.advance(seconds=STEP)
    assert browser.post("/account/confirm", {"code": office.code(authenticator)}).status_code == 303
    browser.post("/account/second-factor/off")

    assert is_open(browser)
    assert not is_open(other)
    assert is_open(office.sign_in())


@pytest.mark.parametrize("what", ["password", "code"])
def test_whoever_holds_a_stolen_session_cannot_guess_at_what_it_asks_for(office: Accounts, what: str) -> None:
    if what == "code":
        authenticator = office.give_factor()
        browser = first_step(office)
        second_step(browser, office.code(authenticator))
    else:
        browser = office.sign_in()

    answers = [browser.post("/account/confirm", {what: "000000"}).status_code for _ in range(6)]
    told = browser.post("/account/confirm", {what: "000000"})

    assert answers[:5] == [422] * 5
    assert "ลองหลายครั้งเกินไป" in told.text


# -- required by role -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "person", "needed"),
    [
        ({"system_admin"}, "admin", True),
        ({"system_admin"}, "somchai", False),
        ({"governor@TH-52"}, "wichai", True),
        ({"governor@TH-51"}, "wichai", False),
        ({"governor"}, "pim", True),  # also while she acts as planner
        ({"*"}, "lamphun", True),
        (set(), "admin", False),
    ],
)
def test_a_role_may_ask_for_the_second_step(office: Accounts, roles: set[str], person: str, needed: bool) -> None:
    office.configure(second_factor_roles=frozenset(roles))
    browser = office.visitor()

    location = attempt(browser, person).location

    assert location.startswith("/account/second-factor") is needed
    assert is_open(browser) is not needed


def test_until_it_is_set_up_nothing_else_is_answered(office: Accounts) -> None:
    office.configure(second_factor_roles=frozenset({"system_admin"}))
    browser, routes = office.sign_in("admin"), office.app.url_map.bind("localhost")
    answered = set()

    for rule in office.app.url_map.iter_rules():
        if access_of(office.app, rule.endpoint).kind is Kind.PUBLIC:
            continue
        known = {name: getattr(rule._converters[name], "items", None) for name in rule.arguments}
        path = routes.build(rule.endpoint, {name: min(items) if items else 1 for name, items in known.items()})
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = browser.get(path) if method == "GET" else browser.post(path)
            led = answer.status_code == 303 and answer.location.startswith("/account/second-factor?next=")
            if not led and answer.status_code != 403:
                answered.add((method, rule.endpoint))

    assert answered == {
        ("GET", "own_factor.show"),
        ("GET", "own_factor.set_up"),
        ("POST", "own_factor.set_up_submit"),
        ("GET", "own_password.confirm"),
        ("POST", "own_password.confirm_submit"),
    }
    assert browser.get("/tasks", headers={"HX-Request": "true"}).status_code == 403


def test_once_it_is_set_up_everything_opens_and_it_cannot_be_turned_off(office: Accounts) -> None:
    office.configure(second_factor_roles=frozenset({"system_admin"}))
    browser = office.sign_in("admin")

    enrol(office, browser)
    assert browser.get("/processes").status_code == 200
    browser.post("/account/second-factor/off")

    assert first_step(office, "admin")
    assert "จึงปิดไม่ได้" in browser.get("/account/second-factor").text


def test_a_setting_that_asks_for_it_ends_the_sessions_of_those_whom_it_asks(office: Accounts) -> None:
    admin, planner = office.sign_in("admin"), office.sign_in("somchai")

    office.configure(second_factor_roles=frozenset({"system_admin"}))

    assert not is_open(admin)
    assert is_open(planner)


# -- help -----------------------------------------------------------------------------------------------------------------


def test_an_administrator_resets_it_and_nobody_else(office: Accounts) -> None:
    browser = office.sign_in()
    enrol(office, browser)
    path = f"/users/{office.account().id}/second-factor/reset"
    assert office.sign_in("pim").post(path).status_code == 403

    office.sign_in("admin").post(path)

    assert not is_open(browser)
    assert is_open(office.sign_in())
    with office.engine.reading() as read:
        assert list(read.session.scalars(select(RecoveryCode))) == []


def test_the_log_tells_of_it_without_codes_or_secrets(office: Accounts) -> None:
    with structlog.testing.capture_logs() as lines:
        authenticator, codes = enrol(office, office.sign_in())
        second_step(first_step(office), "000000")
        second_step(first_step(office), codes[0])

    told = [line["event"] for line in lines if line["event"] != "request_served"]
    assert told[:4] == ["signed_in", "second_factor_enabled", "first_step_passed", "second_step_failed"]
    assert not any(secret in repr(lines) for secret in (authenticator.secret, codes[0], "000000", "somchai", HERE))
