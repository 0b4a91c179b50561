"""An office whose accounts are put to the test: hashes that cost little and are counted, addresses, several processes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import delete, event, update
from typing_extensions import override
from werkzeug.test import TestResponse

from engine import SYSTEM
from tests.support.web import MORNING, PASSWORD, PEOPLE, Browser, Office
from web import create_app
from web.accounts import passwords, second_factor, service
from web.accounts.models import Account, RecoveryCode, SecondFactor, Throttle, WebSession
from web.accounts.sealing import Sealer
from web.config import Settings

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASH = _CHEAP.hash(PASSWORD)


class CountingHasher(PasswordHasher):
    """Counts what is hashed; costs next to nothing."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str] = []

    @override
    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified.append(str(hash).rpartition("$")[0].rpartition("$")[0])  # algorithm and costs
        return super().verify(hash, password)


class Accounts(Office):
    """The office of the pages' tests, as it was before each test."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        super().__init__(database_url, **settings)
        self.hasher = CountingHasher()
        self._settings: Settings = self.app.extensions["saanphaen"].settings

    def begin(self) -> None:
        """Bring everything back to the morning."""
        self.clock.set(MORNING)
        self.directory.people.clear()
        self.directory.people.update(PEOPLE)
        self.hasher.verified.clear()
        self.configure()
        with self.engine.unit_of_work(SYSTEM) as uow:
            for table in (Throttle, RecoveryCode, SecondFactor, WebSession):
                uow.session.execute(delete(table))
            uow.session.execute(delete(Account).where(Account.person_id.not_in(PEOPLE)))
            uow.session.execute(update(Account).values(password_hash=_HASH, disabled_at=None))

    def configure(self, **changes: Any) -> Settings:
        """Let the running application have other settings."""
        parts = self.app.extensions["saanphaen"]
        settings = dataclasses.replace(self._settings, **changes)
        self.app.extensions["saanphaen"] = dataclasses.replace(parts, settings=settings)
        return settings

    def another_process(self, **changes: Any) -> Flask:
        """Make the application once more on the same database."""
        settings = dataclasses.replace(self.app.extensions["saanphaen"].settings, **changes)
        return create_app(settings, engine=self.engine, people=self.directory)

    def visitor(self, address: str = HERE, app: Flask | None = None) -> Browser:
        """Open a browser at an address."""
        client = (app or self.app).test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return Browser(client)

    def sign_in(self, person: str = "somchai", *, address: str = HERE, app: Flask | None = None) -> Browser:
        """Open a browser at an address, signed in."""
        browser = self.visitor(address, app)
        answer = attempt(browser, person)
        assert answer.status_code == 303, answer.text
        return browser

    def account(self, login: str = "somchai") -> Account:
        """Return an account as it stands."""
        with self.engine.reading() as read:
            found = service.any_account(read.session, login=login)
            assert found is not None
            read.session.expunge(found)
            return found

    def change(self, login: str, act: Callable[..., Any], *arguments: Any) -> None:
        """Do something with an account, in a transaction of its own."""
        with self.engine.unit_of_work(SYSTEM) as uow:
            account = service.any_account(uow.session, login=login)
            act(uow.session, account, *arguments, now=uow.now)

    def sessions(self, login: str = "somchai") -> list[WebSession]:
        """Return all sessions of an account, the oldest first."""
        with self.engine.reading() as read:
            rows = list(
                read.session.query(WebSession)
                .join(Account, Account.id == WebSession.account_id)
                .where(Account.login == login)
                .order_by(WebSession.id)
            )
            for row in rows:
                read.session.expunge(row)
            return rows

    def give_factor(self, login: str = "somchai") -> pyotp.TOTP:
        """Let an account have a second factor; returns its authenticator."""
        secret, account = second_factor.new_secret(), self.account(login)
        sealed = Sealer(self._settings.secret_key).seal(secret, purpose=second_factor.purpose_of(account.id))
        with self.engine.unit_of_work(SYSTEM) as uow:
            second_factor.enable(uow.session, account.id, sealed, step=0, now=uow.now)
        return pyotp.TOTP(secret)

    def code(self, authenticator: pyotp.TOTP, *, steps: int = 0) -> str:
        """Return the code that an authenticator shows now, or some steps away."""
        return code_at(authenticator, self.clock.now(), steps=steps)

    def statements(self) -> Any:
        """Collect the statements that the database is sent."""
        return _statements(self)


def code_at(authenticator: pyotp.TOTP, moment: dt.datetime, *, steps: int = 0) -> str:
    """Return the code that an authenticator shows at a moment, or some steps away from it."""
    return authenticator.generate_otp(int(moment.timestamp()) // second_factor.STEP + steps)


def attempt(browser: Browser, login: str, password: str = PASSWORD, **options: Any) -> TestResponse:
    """Send the sign-in form."""
    return browser.post("/sign-in", {"login": login, "password": password, **options})


def first_step(office: Accounts, login: str = "somchai", *, address: str = HERE) -> Browser:
    browser = office.visitor(address)
    assert attempt(browser, login).location.startswith("/sign-in/code")
    return browser


def second_step(browser: Browser, code: str, **options: str) -> int:
    return browser.post("/sign-in/code", {"code": code, **options}).status_code


def enrol(office: Accounts, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set the second step up as a person does; returns the authenticator and the recovery codes."""
    page = browser.get("/account/second-factor/set-up").text
    key = re.search(r'key-text" translate="no">([A-Z2-7 ]+)<', page)
    sealed = re.search(r'name="secret" value="([^"]+)"', page)
    assert key is not None
    assert sealed is not None
    authenticator = pyotp.TOTP(key[1].replace(" ", ""))
    answer = browser.post("/account/second-factor/set-up", {"secret": sealed[1], "code": office.code(authenticator)})
    assert answer.status_code == 200, answer.text
    return authenticator, re.findall(r'<li class="mono">([A-Z0-9-]+)</li>', answer.text)


def cookie_of(browser: Browser, name: str = "saanphaen") -> str:
    """Return the value of a browser's cookie."""
    found = browser.client.get_cookie(name)
    assert found is not None
    return str(found.value)


def with_cookie(office: Accounts, value: str) -> Browser:
    """Open a browser that has got hold of a cookie."""
    browser = office.visitor()
    browser.client.set_cookie("saanphaen", value)
    return browser


def is_open(browser: Browser) -> bool:
    """Tell whether the pages are open to a browser."""
    return browser.get("/tasks").status_code == 200


def plain(answer: TestResponse) -> str:
    """Return a page without what differs from one answer to the next by itself."""
    text = re.sub(r'(csrf[-_]token" (?:content|value)=")[^"]*', r"\1", answer.text)
    return re.sub(r'(id="login" name="login" value=")[^"]*', r"\1", text)


def open_accounts(request: pytest.FixtureRequest, folder: Path) -> Iterator[Accounts]:
    """Open an office for a module's tests on the kind of database that the fixture's parameter names."""
    if request.param == "sqlite":
        path = folder / "accounts.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        office = Accounts(f"sqlite:///{path}")
        yield office
        office.close()
        return
    server = request.getfixturevalue("postgres")
    url = server.create()
    office = Accounts(url)
    yield office
    office.close()
    server.drop(url)


def begin(office: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Bring an office back to the morning; all passwords are compared by its cheap, counting hasher."""
    monkeypatch.setattr(passwords, "_HASHER", office.hasher)
    monkeypatch.setattr(passwords, "_NOBODY", office.hasher.hash("nobody has this password"))
    office.begin()
    return office


@contextmanager
def _statements(office: Accounts) -> Iterator[list[str]]:
    sent: list[str] = []

    def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(" ".join(statement.split()))

    engine = office.engine._database.engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", collect)
