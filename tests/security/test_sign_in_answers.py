"""A refused sign-in tells nothing about who exists (plan S11): the same words, the same work, the same waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from engine import SYSTEM
from tests.support.accounts import ELSEWHERE, HERE, Accounts, attempt, begin, open_accounts, plain
from tests.support.web import PASSWORD
from web.accounts import service

WRONG = "ไม่ใช่รหัสผ่านนี้"
TOO_MANY = "ลองหลายครั้งเกินไป โปรดลองใหม่ในอีก"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


# -- nothing tells who exists -----------------------------------------------------------------------------------------

KINDS = {
    "wrong password": ("somchai", WRONG),
    "unknown name": ("nobody", WRONG),
    "unknown name, a password of others": ("nobody", PASSWORD),
    "disabled": ("wichai", WRONG),
    "disabled, right password": ("wichai", PASSWORD),
    "no password": ("lamphun", WRONG),
    "no password, empty": ("lamphun", ""),
    "empty": ("", ""),
    "empty password": ("somchai", ""),
    "long name": ("n" * 500, WRONG),
    "long password": ("somchai", "p" * 5_000),
    "a character that no text holds": ("som\x00chai\x00", WRONG),
    "half a character": ("\ud800", WRONG),
    "markup": ("<script>alert(1)</script>", WRONG),
    "SQL": ("' OR 1=1 --", WRONG),
    "wildcards": ("%", WRONG),
}


def prepare(office: Accounts) -> None:
    office.change("wichai", service.disable_account)
    with office.engine.unit_of_work(SYSTEM) as uow:
        account = service.any_account(uow.session, login="lamphun")
        assert account is not None
        account.password_hash = None


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_the_same_answer_for_the_same_work(office: Accounts, kind: str) -> None:
    prepare(office)
    asked: dict[str, tuple[object, ...]] = {}
    for name, (login, password) in {"measure": ("pim", WRONG), "this": KINDS[kind]}.items():
        browser = office.visitor(HERE if name == "this" else ELSEWHERE)
        browser.get("/sign-in")
        office.hasher.verified.clear()
        with office.statements() as sent:
            answer = attempt(browser, login.encode("utf-8", "replace").decode(), password)
        headers = {key: value for key, value in answer.headers if key not in {"X-Request-ID", "Content-Length"}}
        asked[name] = (answer.status_code, plain(answer), headers, list(office.hasher.verified), sent)

    assert asked["this"] == asked["measure"]
    assert asked["this"][0] == 422
    assert len(office.hasher.verified) == 1


@pytest.mark.parametrize(
    "kind", ["wrong password", "unknown name", "disabled", "disabled, right password", "no password"]
)
def test_who_must_wait_is_told_alike_and_nothing_is_hashed(office: Accounts, kind: str) -> None:
    prepare(office)
    login, password = KINDS[kind]
    browser, told = office.visitor(), []
    for _ in range(9):
        office.hasher.verified.clear()
        answer = attempt(browser, login, password)
        told.append((answer.status_code, answer.headers.get("Retry-After"), len(office.hasher.verified)))

    assert told == [(422, None, 1)] * 8 + [(429, "60", 0)]
    assert f"{TOO_MANY} 1 นาที" in answer.text


def test_a_hash_of_other_costs_is_renewed_when_its_owner_signs_in(office: Accounts) -> None:
    office.change(
        "somchai", service.change_password, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    )
    office.sign_in()

    assert office.account().password_hash is not None
    assert not office.hasher.check_needs_rehash(office.account().password_hash or "")
    office.sign_in()
