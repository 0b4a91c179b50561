"""An installation with a little work in it, on both kinds of database, and its commands."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, text

from engine import ProcessEngine, open_database
from tests.support.bpmn import process
from web.cli import cli


@dataclass
class Installation:
    """Database and data folder, and `saanphaen` on them."""

    url: str
    data_dir: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> Result:
        given = {"SAANPHAEN_DATABASE_URL": self.url, "SAANPHAEN_DATA_DIR": str(self.data_dir), **self.environment}
        found = CliRunner(env=given).invoke(cli, list(arguments))
        assert "Traceback" not in found.output, found.output
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    def open(self) -> ProcessEngine:
        return ProcessEngine.open(self.url)

    def work(self, runs: int = 3) -> list[str]:
        """Start runs, each with a few lines of history."""
        engine = self.open()
        engine.deploy(process("p").start().user_task("work").end().file())
        found = [engine.start("p", {"title": "แผน\tของ\\จังหวัด\nลำปาง", "n": n}).id for n in range(runs)]
        engine.close()
        return found

    def complete(self, instance: str) -> None:
        engine = self.open()
        (task,) = engine.tasks(instance_id=instance)
        engine.complete(task.id, {"done": True}, "somchai")
        engine.close()

    def upload(self, content: bytes) -> Path:
        """Keep a file as the application does, without a row that names it."""
        name = hashlib.sha256(content).hexdigest()
        path = self.data_dir / "files" / name[:2] / name[2:4] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def forge(self, *statements: str) -> None:
        """Do what an intruder with the database's password would do."""
        engine = open_database(self.url)
        with engine.connect() as connection:
            unguard(connection)
            with connection.begin():
                for statement in statements:
                    connection.execute(text(statement))
        engine.dispose()

    def rows(self) -> dict[str, int]:
        """Count what there is; nothing where there is no table."""
        from web.backups.stores import counts_of

        engine = open_database(self.url)
        with engine.connect() as connection:
            found = counts_of(connection)
        engine.dispose()
        return found


def unguard(connection: Connection) -> None:
    """Take the guards of the history away, as somebody with all rights can."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        for trigger in ("update", "delete"):
            raw.execute(f"DROP TRIGGER IF EXISTS bpm_history_no_{trigger}")
        return
    with connection.begin():
        connection.execute(text("ALTER TABLE bpm_history DISABLE TRIGGER ALL"))
        connection.execute(text("ALTER TABLE bpm_process_instance DISABLE TRIGGER ALL"))


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SAANPHAEN_")] + ["DATABASE_URL"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Installation:
    return Installation(database_url, tmp_path / "data")


@pytest.fixture
def other(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A second, empty place of the same kind."""
    if database_url.startswith("sqlite"):
        yield Installation(f"sqlite:///{tmp_path / 'other' / 'other.db'}", tmp_path / "other-data")
        return
    postgres = request.getfixturevalue("postgres")
    url = postgres.create_empty()
    yield Installation(url, tmp_path / "other-data")
    postgres.drop(url)
