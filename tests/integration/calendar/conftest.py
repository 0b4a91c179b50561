"""A migrated database whose calendar nobody has written yet; what a test writes in its session is rolled back."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from engine import open_database
from web.bench.throwaway_postgres import Postgres

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database for the tests that roll back: making one takes longer than they do."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("calendar") / "calendar.db"
        shutil.copyfile(sqlite_template, path)
        opened = open_database(f"sqlite:///{path}")
        yield opened
        opened.dispose()
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create()
    opened = open_database(url)
    yield opened
    opened.dispose()
    server.drop(url)


@pytest.fixture
def session(shared_database: Engine) -> Iterator[Session]:
    with Session(shared_database) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """A database of the test's own, for what is committed."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()


class Statements:
    """What a database was asked."""

    def __init__(self, database: Engine) -> None:
        self.asked: list[str] = []
        event.listen(database, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.asked.append(statement)


@pytest.fixture
def statements(database: Engine) -> Statements:
    return Statements(database)
