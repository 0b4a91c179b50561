"""The migrations make what the models say, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from engine import current_revision, downgrade, head_revision, open_database, upgrade
from migrations.models import is_modelled, metadata_of_all_rooms
from web.bench.throwaway_postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_empty()


def test_an_upgraded_database_is_what_the_models_say(empty_url: str) -> None:
    engine = open_database(empty_url)

    upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_modelled})
        assert compare_metadata(context, metadata_of_all_rooms()) == []
    assert current_revision(engine) == head_revision()
    engine.dispose()


def test_migrations_go_down_and_up_again(empty_url: str) -> None:
    engine = open_database(empty_url)
    upgrade(engine)

    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)

    assert current_revision(engine) == head_revision()
    engine.dispose()


def test_an_engine_refuses_an_outdated_database_unless_told_to_upgrade(tmp_path: Path) -> None:
    from engine import DatabaseUnavailable, ProcessEngine

    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = open_database(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '20261124_1200'")
    if head_revision() == "20261124_1200":
        pytest.skip("there is only one revision")
    engine.dispose()

    with pytest.raises(DatabaseUnavailable):
        ProcessEngine.open(url)
