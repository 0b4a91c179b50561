"""`saanphaen users` as help for those who cannot sign in: sessions, second factors, waiting times."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from engine import SYSTEM, ProcessEngine
from web.accounts import second_factor, service, sessions, throttle
from web.accounts.sessions import Stage
from web.cli import cli
from web.config import Settings

SETTINGS = Settings(secret_key="k" * 40, sign_in_failures=2, sign_in_failures_address=3)


class Users:
    """Runs `saanphaen users` on one database in which somchai has an account."""

    def __init__(self, url: str) -> None:
        self.url = url
        with self.work() as (session, now):
            self.id = service.create_account(
                session, person_id="somchai", login="somchai", password_hash=None, now=now
            ).id

    def __call__(self, *arguments: str) -> Result:
        found = CliRunner(env={"SAANPHAEN_DATABASE_URL": self.url}).invoke(cli, ["users", *arguments])
        assert "Traceback" not in found.output, found.output
        return found

    @contextmanager
    def work(self) -> Iterator[tuple[Session, dt.datetime]]:
        engine = ProcessEngine.open(self.url)
        with engine.unit_of_work(SYSTEM) as uow:
            yield uow.session, uow.now
        engine.close()

    def sign_in(self) -> str:
        with self.work() as (session, now):
            return sessions.open_session(
                session, self.id, stage=Stage.FULL, capacity="", authority="", address="203.0.113.7",
                browser="Firefox, Linux", now=now, settings=SETTINGS,
            )[1]  # fmt: skip

    def is_open(self, token: str) -> bool:
        with self.work() as (session, now):
            return sessions.find_session(session, token, now=now, settings=SETTINGS) is not None

    def fail(self, times: int, login: str = "somchai") -> list[bool]:
        buckets = throttle.sign_in_buckets(
            login,
            "203.0.113.7",
            account_id=self.id if login == "somchai" else None,
            known=False,
            settings=SETTINGS,
        )
        passed = []
        for _ in range(times):
            with self.work() as (session, now):
                passed.append(throttle.charge(session, buckets, now) is None)
        return passed


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SAANPHAEN_")] + ["DATABASE_URL"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def users(database_url: str) -> Users:
    return Users(database_url)


def test_sessions_are_listed_and_ended(users: Users) -> None:
    tokens = [users.sign_in(), users.sign_in()]
    listed = users("sessions", "somchai").stdout
    assert len(re.findall(r"203\.0\.113\.7 +Firefox, Linux +open", listed)) == 2

    assert users("end-sessions", "somchai").stdout == "somchai is signed out on 2 devices.\n"

    assert [users.is_open(token) for token in tokens] == [False, False]
    assert users("sessions", "somchai").stdout.count("by_administrator") == 2
    assert users("end-sessions", "somchai").stdout == "somchai is signed out on 0 devices.\n"


def test_a_lost_second_factor_is_reset_once(users: Users) -> None:
    token = users.sign_in()
    with users.work() as (session, now):
        second_factor.enable(session, users.id, "sealed", step=0, now=now)

    assert users("reset-totp", "somchai").exit_code == 0
    again = users("reset-totp", "somchai")

    assert not users.is_open(token)
    assert (again.exit_code, "'somchai' has none" in again.stderr) == (1, True)


def test_who_must_wait_is_listed_and_let_try_again(users: Users) -> None:
    assert users.fail(3) == [True, True, False]
    assert re.search(r"name +somchai +1\b", users("waiting").stdout)

    assert "may try again at once" in users("clear-waiting", "somchai").stdout

    assert users("waiting").stdout.count("somchai") == 0
    assert users.fail(1) == [True]
    assert re.search(r"address +203\.0\.113\.7", users("waiting").stdout)
    users("clear-waiting", "--address", "203.0.113.7")
    assert "203.0.113.7" not in users("waiting").stdout
    assert "had nothing to wait for" in users("clear-waiting", "--address", "192.0.2.1").stdout


def test_names_that_nobody_has_are_not_written_out(users: Users) -> None:
    users.fail(2, "a password typed into the wrong field")

    listed = users("waiting").stdout

    assert "(no such account)" in listed
    assert "wrong field" not in listed


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("sessions", "nobody"), 1),
        (("end-sessions", "nobody"), 1),
        (("reset-totp", "nobody"), 1),
        (("clear-waiting", "nobody"), 1),
        (("clear-waiting",), 2),
        (("clear-waiting", "somchai", "--address", "192.0.2.1"), 2),
    ],
)
def test_what_cannot_be_done_is_told_by_the_exit_status(users: Users, arguments: tuple[str, ...], status: int) -> None:
    assert users(*arguments).exit_code == status
