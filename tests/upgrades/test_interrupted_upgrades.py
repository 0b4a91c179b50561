"""An upgrade that is killed leaves the database as it was and is simply started again; what is newer is refused in words."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, inspect, text

from engine import (
    DatabaseUnavailable,
    ProcessEngine,
    StateUnreadable,
    current_revision,
    downgrade,
    head_revision,
    open_database,
    upgrade,
)
from engine.codec import dumps, loads
from tests.support.bpmn import process
from tests.support.driver import Driver
from tests.upgrades.conftest import Released
from tests.upgrades.story import Stage

ROOT = Path(__file__).resolve().parents[2]
KILLS = 3
# Upgrades a database and kills itself, as a machine that loses its power does, before the n-th statement.
_KILLED = """
import os, signal, sys
from sqlalchemy import event
from engine import open_database, upgrade
database, last, seen = open_database(sys.argv[1]), int(sys.argv[2]), []

@event.listens_for(database, "before_cursor_execute")
def count(*_arguments):
    seen.append(1)
    if len(seen) == last:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(database)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgres").create_empty()
    return url


def _count_statements(database: Engine) -> int:
    """Upgrade in a transaction that is taken back; return how many statements it took."""
    seen: list[str] = []

    def count(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database, "before_cursor_execute", count)
    upgrade(database)
    event.remove(database, "before_cursor_execute", count)
    return len(seen)


def _kill(url: str, before: int) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, url, str(before)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def _shape(url: str) -> dict[str, list[str]]:
    database = open_database(url)
    looked = inspect(database)
    found = {
        table: sorted(column["name"] for column in looked.get_columns(table)) for table in looked.get_table_names()
    }
    database.dispose()
    return found


def test_a_set_up_that_is_killed_leaves_nothing_and_is_started_again(empty_url: str) -> None:
    database = open_database(empty_url)
    statements = _count_statements(database)
    whole = _shape(empty_url)
    downgrade(database, "base")
    with database.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    database.dispose()

    for number in range(1, KILLS + 1):
        _kill(empty_url, statements * number // KILLS)
        assert _shape(empty_url) == {}
    upgrade(database)

    assert current_revision(database) == head_revision()
    assert _shape(empty_url) == whole
    database.dispose()


def test_an_upgrade_that_is_killed_leaves_the_release_and_is_started_again(released: Released) -> None:
    told = released.manifest["waits"]
    old = released.manifest["revision"]
    counted = open_database(released.load("planning"))
    statements = _count_statements(counted)
    whole = _shape(str(counted.url.render_as_string(hide_password=False)))
    counted.dispose()
    url = released.load("waits")
    before = _shape(url)

    for number in range(1, KILLS + 1) if old != head_revision() else ():
        _kill(url, max(2, statements * number // KILLS))
        assert _shape(url) == before
        database = open_database(url)
        assert current_revision(database) == old
        database.dispose()
    database = open_database(url)
    upgrade(database)
    database.dispose()

    assert _shape(url) == whole
    stage, runs = Stage(url, told["moment"]), dict(told["runs"])
    assert stage.told(runs) == told["stands"]
    assert stage.engine.verify_audit().verified
    stage.close()


# -- newer than this code ------------------------------------------------------------------------------------------


def test_a_database_of_a_later_version_is_refused_in_words_and_left_alone(database_url: str) -> None:
    database = open_database(database_url)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '20991231_2359'"))

    for refuse in (
        lambda: ProcessEngine.open(database_url),
        lambda: ProcessEngine.open(database_url, migrate=True),
        lambda: upgrade(database),
        lambda: downgrade(database, "base"),
    ):
        with pytest.raises(DatabaseUnavailable, match="does not know: start the version that made it") as refused:
            refuse()
        assert refused.value.facts["reason"] == "newer"

    assert current_revision(database) == "20991231_2359"
    assert "bpm_task" in _shape(database_url)
    database.dispose()


def _write_as_later_version(url: str, instance: str) -> bytes:
    """Give the state of a run a format that only a later version reads; returns its bytes."""
    database = open_database(url)
    with database.begin() as connection:
        row = connection.execute(
            text("SELECT data FROM bpm_state_part WHERE instance_id = :run AND part = ''"), {"run": int(instance)}
        ).one()
        state = loads(bytes(row.data)) | {"v": 999}
        connection.execute(
            text("UPDATE bpm_state_part SET data = :data WHERE instance_id = :run AND part = ''"),
            {"run": int(instance), "data": dumps(state)},
        )
    database.dispose()
    return dumps(state)


def test_state_of_a_later_version_is_refused_in_words_without_an_incident(driver: Driver) -> None:
    driver.deploy(
        process("p").start().parallel("split").user_task("a").end().at("split").catch("t", timer="P1D").end("e")
    )
    newer, own = driver.start("p"), driver.start("p")
    written = _write_as_later_version(driver.url, newer.id)
    before = driver.kinds(newer)

    with pytest.raises(StateUnreadable, match="a later version has written it") as refused:
        driver.complete("a", instance=newer)
    assert refused.value.facts["format"] == 999
    with pytest.raises(StateUnreadable):
        driver.engine.set_variables(newer.id, {"x": 1})
    driver.pass_time(days=2)

    assert driver.engine.incidents() == []
    assert driver.kinds(newer) == before
    assert [token.element_id for token in driver.engine.tokens(own.id)] == ["a"], "other runs go on"
    database = open_database(driver.url)
    with database.connect() as connection:
        kept = connection.execute(
            text("SELECT data FROM bpm_state_part WHERE instance_id = :run AND part = ''"), {"run": int(newer.id)}
        ).scalar_one()
    database.dispose()
    assert bytes(kept) == written
