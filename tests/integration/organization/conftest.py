"""A session on a database that knows the country and the people of the cast."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import Actor, ProcessEngine, open_database
from tests.support.clock import ManualClock
from web.bench.throwaway_postgres import Postgres
from workflows import cast, install
from workflows.organization.units import seed_units

NOW = dt.datetime(2025, 6, 13, 3, 0, tzinfo=dt.UTC)
CLERK = Actor("clerk", "system_admin@TH")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def country(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database that knows the country, for all tests of a module: each rolls back what it did."""
    server: Postgres | None = None
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("country") / "country.db"
        shutil.copyfile(sqlite_template, path)
        url = f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        assert server is not None
        url = server.create()
    database = open_database(url)
    with Session(database) as opened, opened.begin():
        seed_units(opened)
    yield database
    database.dispose()
    if server is not None:
        server.drop(url)


@pytest.fixture
def session(country: Engine) -> Iterator[Session]:
    """With the country, without people."""
    with Session(country) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def staffed(session: Session) -> Session:
    """With the people of the cast."""
    cast.seed(session, NOW)
    return session


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def staffed_engine(database_url: str, clock: ManualClock) -> Iterator[ProcessEngine]:
    """The whole domain plugged in, with the people of the cast."""
    engine = install.open_engine(database_url, clock=clock)
    with engine.unit_of_work() as uow:
        cast.seed(uow.session, uow.now)
    yield engine
    engine.close()
