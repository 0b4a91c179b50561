"""Databases for the tests: each test that asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from engine import open_database, upgrade
from web.bench.throwaway_postgres import Postgres, find_binaries, throw_away_server

if TYPE_CHECKING:
    from tests.support.driver import Driver

settings.register_profile("shared machine", deadline=None)  # other work may slow any single example down
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server: `TEST_DATABASE_URL`, else one of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield from _prepared(given)
        return
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Expected PostgreSQL's programs on this machine, but found none; CI must not skip.")
        pytest.skip("no PostgreSQL on this machine: set TEST_DATABASE_URL or install the server")
    with throw_away_server(binaries) as url:
        yield from _prepared(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with all tables."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite file of the test's own, with all tables."""
    path = tmp_path / "test.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database of the test's own, with all tables."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of the test's own: the test runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def driver(database_url: str) -> Iterator[Driver]:
    """An engine with a settable clock, on both kinds of database."""
    from tests.support.driver import Driver

    driver = Driver(database_url)
    yield driver
    driver.close()


@pytest.fixture
def memory_driver() -> Iterator[Driver]:
    """An engine with a settable clock on a database in memory: for tests where storage is not the question."""
    from tests.support.driver import Driver

    driver = Driver("sqlite://")
    yield driver
    driver.close()


def _prepared(url: str) -> Iterator[Postgres]:
    server = Postgres(url)
    server.prepare()
    yield server
    server.close()
