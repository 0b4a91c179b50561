"""Guessing (plan S11): it is slow, tells nothing about who exists, and keeps no one out for good."""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine import SYSTEM
from tests.support.accounts import ELSEWHERE, HERE, Accounts, attempt, begin, is_open, open_accounts
from tests.support.web import PASSWORD
from web.accounts import throttle
from web.accounts.models import Account, Throttle
from web.accounts.throttle import Bucket, Limit, network_of

WRONG = "ไม่ใช่รหัสผ่านนี้"
WAITS = [1, 2, 4, 8, 15, 15, 15]  # minutes after the 8th, 9th … failure
LIMIT = Limit(most=8, forgiven=dt.timedelta(hours=1), first=dt.timedelta(minutes=1), longest=dt.timedelta(minutes=15))
MOMENT = dt.datetime(2026, 11, 24, 2, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


def fail(office: Accounts, login: str = "somchai", *, times: int = 1, address: str = HERE) -> list[int]:
    browser = office.visitor(address)
    return [attempt(browser, login, WRONG).status_code for _ in range(times)]


# -- guessing is slow -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 3, 8])
def test_after_so_many_failures_even_the_right_password_must_wait(office: Accounts, most: int) -> None:
    office.configure(sign_in_failures=most)

    assert fail(office, times=most + 1) == [422] * most + [429]
    assert attempt(office.visitor(), "somchai").status_code == 429
    office.clock.advance(minutes=1)
    assert attempt(office.visitor(), "somchai").status_code == 303


@pytest.mark.parametrize("beyond", range(len(WAITS)))
def test_each_further_failure_makes_the_next_wait_longer_up_to_a_quarter_of_an_hour(
    office: Accounts, beyond: int
) -> None:
    fail(office, times=8)
    for minutes in WAITS[:beyond]:
        office.clock.advance(minutes=minutes)
        assert fail(office) == [422]

    office.clock.advance(minutes=WAITS[beyond], seconds=-1)
    assert fail(office) == [429]
    office.clock.advance(seconds=1)
    assert fail(office) == [422]


def test_what_is_sent_while_waiting_counts_for_nothing_so_nobody_is_locked_out_for_good(office: Accounts) -> None:
    fail(office, times=8)
    office.clock.advance(seconds=59)

    assert set(fail(office, times=40)) == {429}

    office.clock.advance(seconds=1)
    assert is_open(office.sign_in())


def test_failures_are_forgiven_with_time_and_by_success(office: Accounts) -> None:
    fail(office, times=7)
    office.clock.advance(hours=3)
    assert fail(office, times=4) == [422] * 4
    office.clock.advance(minutes=1)
    office.sign_in()

    assert fail(office, times=8) == [422] * 8


@pytest.mark.parametrize("name", ["somchai", "SOMCHAI", " somchai ", "Somchai\u200b", "som\x07chai"])
def test_another_spelling_of_a_name_is_the_same_name(office: Accounts, name: str) -> None:
    fail(office, times=8)

    assert attempt(office.visitor(), name).status_code == 429


def test_strangers_who_guess_at_a_name_do_not_keep_its_owner_out(office: Accounts) -> None:
    office.sign_in(address=HERE)
    for number in range(20):
        fail(office, address=f"198.51.100.{number}")
    assert attempt(office.visitor(ELSEWHERE), "somchai").status_code == 429

    assert attempt(office.visitor(HERE), "somchai").status_code == 303


def test_a_known_address_is_no_licence_to_guess(office: Accounts) -> None:
    office.sign_in(address=HERE)

    assert fail(office, times=9, address=HERE) == [422] * 8 + [429]


@pytest.mark.parametrize("most", [5, 20])
def test_one_address_that_tries_many_names_must_wait_and_others_need_not(office: Accounts, most: int) -> None:
    office.configure(sign_in_failures_address=most)
    answers = [fail(office, f"name{number}")[0] for number in range(most + 3)]

    assert answers == [422] * most + [429] * 3
    assert attempt(office.visitor(HERE), "somchai").status_code == 429
    assert attempt(office.visitor(ELSEWHERE), "somchai").status_code == 303


def test_an_address_goes_on_at_the_pace_of_its_limit(office: Accounts) -> None:
    office.configure(sign_in_failures_address=30)  # one each half minute
    for number in range(30):
        fail(office, f"name{number}")
    passed = []
    for number in range(10):
        office.clock.advance(seconds=30)
        passed += fail(office, f"other{number}", times=2)

    assert passed == [422, 429] * 10


def test_an_own_account_helps_nobody_to_guess_at_others(office: Accounts) -> None:
    office.configure(sign_in_failures_address=6)
    answers = []
    for number in range(8):
        answers.append(attempt(office.visitor(), "pim").status_code)
        answers += fail(office, f"name{number}")

    assert answers.count(422) <= 6
    assert answers[-1] == 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("", "", True),
        ("not an address", "not an address", True),
    ],
)
def test_of_ipv6_a_subscribers_network_is_one_address(office: Accounts, one: str, other: str, same: bool) -> None:
    office.configure(sign_in_failures_address=3)
    for number in range(3):
        fail(office, f"name{number}", address=one)

    assert attempt(office.visitor(other), "pim").status_code == (429 if same else 303)


@pytest.mark.parametrize(
    ("proxies", "header", "counted"),
    [
        (0, "192.0.2.1", HERE),
        (0, "192.0.2.1, 192.0.2.2", HERE),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        (2, "6.6.6.6, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
    ],
)
def test_what_a_visitor_writes_into_headers_is_believed_of_trusted_proxies_only(
    office: Accounts, proxies: int, header: str, counted: str
) -> None:
    app = office.another_process(trusted_proxies=proxies)

    attempt_with = office.visitor(app=app)
    page = attempt_with.client.get("/sign-in", headers={"X-Forwarded-For": header}).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"login": "somchai", "password": WRONG, "csrf_token": token}
    attempt_with.client.post("/sign-in", data=form, headers={"X-Forwarded-For": header})

    with office.engine.reading() as read:
        kept = set(read.session.scalars(select(Throttle.address).where(Throttle.address != "")))
    assert kept == {counted}


# -- every process counts alike ---------------------------------------------------------------------------------------


def test_two_processes_count_together(office: Accounts) -> None:
    first, second = office.another_process(), office.another_process()
    answers = [
        attempt(office.visitor(app=app), "somchai", WRONG).status_code for app in (first, second) for _ in range(5)
    ]

    assert answers == [422] * 8 + [429] * 2


def test_of_many_guesses_at_once_no_more_are_compared_than_may_be(office: Accounts) -> None:
    processes, answers = [office.another_process(), office.another_process()], []
    gate = threading.Barrier(16)

    def guess(number: int) -> None:
        browser = office.visitor(app=processes[number % 2])
        browser.get("/sign-in")
        gate.wait()
        answers.append(attempt(browser, "somchai", WRONG).status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [422] * 8 + [429] * 8
    assert len(office.hasher.verified) == 8


# -- administrators -----------------------------------------------------------------------------------------------------


def test_administrators_see_who_must_wait_and_let_them_try_again(office: Accounts) -> None:
    fail(office, times=8, address=ELSEWHERE)
    fail(office, "nobody-of-this-name", times=8, address=ELSEWHERE)
    admin = office.sign_in("admin")

    page = admin.get("/users").text
    assert "การเข้าสู่ระบบของ somchai" in page
    assert "ชื่อบัญชีที่ไม่มีในระบบ" in page
    assert "nobody-of-this-name" not in page  # it may be a password, typed into the wrong field
    assert attempt(office.visitor(ELSEWHERE), "somchai").status_code == 429

    account = office.account().id
    assert "การเข้าสู่ระบบของ somchai" in admin.get(f"/users/{account}").text
    admin.post(f"/users/{account}/waiting/clear")
    assert attempt(office.visitor(ELSEWHERE), "somchai").status_code == 303


def test_administrators_let_an_address_try_again(office: Accounts) -> None:
    office.configure(sign_in_failures_address=3)
    fail(office, "one", times=3, address=ELSEWHERE)
    admin = office.sign_in("admin")
    assert ELSEWHERE in admin.get("/users").text

    admin.post("/users/waiting/clear", {"key": f"address:{ELSEWHERE}"})

    assert attempt(office.visitor(ELSEWHERE), "somchai").status_code == 303


@pytest.mark.parametrize("path", ["/users", "/users/1", "/users/waiting/clear", "/users/1/waiting/clear"])
def test_nobody_else_sees_who_must_wait(office: Accounts, path: str) -> None:
    browser = office.sign_in("pim")

    answer = browser.post(path) if path.endswith("clear") else browser.get(path)

    assert answer.status_code == 403


# -- the log ------------------------------------------------------------------------------------------------------------


def test_the_log_tells_of_every_sign_in_without_what_was_typed_or_from_where(office: Accounts) -> None:
    with structlog.testing.capture_logs() as lines:
        fail(office, times=9)
        fail(office, "nobody", address=ELSEWHERE)
        office.clock.advance(minutes=1)
        office.sign_in().post("/sign-out")

    told = [line["event"] for line in lines if line["event"] != "request_served"]
    assert told == ["sign_in_failed"] * 8 + ["sign_in_throttled", "sign_in_failed", "signed_in", "signed_out"]
    written = repr(lines)
    assert not any(secret in written for secret in (PASSWORD, WRONG, "somchai", "nobody", HERE, ELSEWHERE))
    sources = [line["source"] for line in lines if line["event"] == "sign_in_failed"]
    assert (len(set(sources[:8])), len(set(sources))) == (1, 2)


# -- the arithmetic -----------------------------------------------------------------------------------------------------


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 3_600), min_size=1, max_size=120))
def test_whatever_the_rhythm_of_guessing_few_are_let_through_and_the_wait_has_an_end(pauses: list[int]) -> None:
    attempts, at, free, now, passed = 0.0, MOMENT, MOMENT, MOMENT, []
    for pause in pauses:
        now += dt.timedelta(seconds=pause)
        if now < free:
            assert free - now <= LIMIT.longest
            continue
        attempts = LIMIT.left_of(attempts, now - at) + 1
        at, free = now, now + LIMIT.wait(attempts)
        passed.append(now)

    for moment in passed:
        within = sum(moment <= other < moment + dt.timedelta(hours=1) for other in passed)
        assert (
            within <= 8 + 1 + 8
        )  # at once, forgiven within the hour, and what waits of 1, 2, 4, 8, 15 … minutes let in


@pytest.mark.parametrize("most", [0, 1, 8])
@pytest.mark.parametrize("attempts", [0.0, 0.5, 1.0, 7.99, 8.0, 9.0, 12.0, 1_000_000.0])
def test_a_wait_is_never_longer_than_the_longest_and_no_limit_is_no_wait(most: int, attempts: float) -> None:
    limit = Limit(most=most, forgiven=LIMIT.forgiven, first=LIMIT.first, longest=LIMIT.longest)

    wait = limit.wait(attempts)

    assert dt.timedelta(0) <= wait <= LIMIT.longest
    assert (wait > dt.timedelta(0)) is (most > 0 and math.ceil(attempts) >= most)


@pytest.mark.parametrize("text", ["", "x" * 500, "::1", "::", "fe80::1%eth0", "0.0.0.0", "255.255.255.255"])
def test_every_address_has_a_key_that_fits(text: str) -> None:
    assert len(Bucket(f"name:{'x' * 40}@{network_of(text)}", LIMIT).key) <= 120


def test_rows_that_count_for_nothing_any_more_are_swept(office: Accounts) -> None:
    for number in range(12):
        fail(office, f"name{number}", address=f"192.0.2.{number}")
    office.clock.advance(days=2)
    fail(office)

    with office.engine.reading() as read:
        assert len(list(read.session.scalars(select(Throttle)))) == 2


def test_accounts_are_listed_a_page_at_a_time_and_found_by_their_beginning(office: Accounts) -> None:
    with office.engine.unit_of_work(SYSTEM) as uow:
        uow.session.add_all(
            Account(person_id=f"p{number}", login=f"officer{number:03}", created_at=uow.now) for number in range(60)
        )
    admin = office.sign_in("admin")

    first = admin.get("/users").text
    assert "officer048" not in first
    assert "officer059" in admin.get("/users?after=officer047").text
    assert "somchai" not in admin.get("/users?q=officer05").text
    assert "ไม่พบบัญชีนี้" in admin.get("/users?q=%25").text
    assert throttle.MOST_SHOWN == 200
