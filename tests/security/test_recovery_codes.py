"""Recovery codes stand in for a lost authenticator: each once, hashed slowly, new ones in the place of the old."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.support.accounts import Accounts, begin, enrol, first_step, open_accounts, second_step
from web.accounts.models import RecoveryCode


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


def test_a_recovery_code_opens_once_in_any_spelling_and_says_how_many_are_left(office: Accounts) -> None:
    _authenticator, codes = enrol(office, office.sign_in())
    browser = first_step(office)

    assert second_step(browser, codes[0].lower().replace("-", " ")) == 303
    assert "รหัสกู้คืนเหลือ 9 รหัส" in browser.get("/tasks").text
    assert second_step(first_step(office), codes[0]) == 422
    assert second_step(first_step(office), codes[1]) == 303


def test_recovery_codes_are_stored_as_slow_hashes(office: Accounts) -> None:
    _authenticator, codes = enrol(office, office.sign_in())

    with office.engine.reading() as read:
        rows = list(read.session.scalars(select(RecoveryCode)))
    assert all(row.code_hash.startswith("$argon2id$") for row in rows)
    assert not any(code.replace("-", "")[4:] in repr(vars(row)) for row in rows for code in codes)


def test_new_recovery_codes_take_the_place_of_the_old(office: Accounts) -> None:
    browser = office.sign_in()
    _authenticator, old = enrol(office, browser)

    page = browser.post("/account/second-factor/codes").text
    new = re.findall(r'<li class="mono">([A-Z0-9-]+)</li>', page)

    assert second_step(first_step(office), old[0]) == 422
    assert second_step(first_step(office), new[0]) == 303


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC-DDDD", "first-four", "AAAABBBBCCCCDDD"])
def test_a_guessed_recovery_code_opens_nothing(office: Accounts, code: str) -> None:
    _authenticator, codes = enrol(office, office.sign_in())

    assert second_step(first_step(office), codes[0][:5] + "AAAA-AAAA-AAAA" if code == "first-four" else code) == 422


def test_under_another_key_recovery_codes_still_open(office: Accounts) -> None:
    authenticator, codes = enrol(office, office.sign_in())
    office.configure(factor_key="another key of this installation")
    browser = first_step(office)

    answer = browser.post("/sign-in/code", {"code": office.code(authenticator, steps=1)})
    assert (answer.status_code, "โปรดใช้รหัสกู้คืน" in answer.text) == (422, True)
    assert second_step(browser, codes[0]) == 303
