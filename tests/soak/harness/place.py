"""Where a plan runs: a folder, and databases of both kinds that know the country and its people."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url

from tests.soak.harness.staff import hire
from web.bench.throwaway_postgres import Postgres, find_binaries
from workflows.install import open_engine

STORES: Final = ("sqlite", "postgresql")


class Place:
    """A folder and a server; databases are made ready once and copied."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self.folder = folder
        self.postgres = postgres
        self._ready: Path | None = None
        self._made: list[str] = []

    def database(self, store: str, name: str) -> str:
        """Return the url of a database of one's own, with the country, its staff and their accounts."""
        home = self.home(name)
        if store == "postgresql":
            url = self.empty()
            _prepare(url)
            return url
        if self._ready is None:
            self._ready = self.folder / "ready.db"
            _prepare(f"sqlite:///{self._ready}")
        path = home / "plan.db"
        shutil.copyfile(self._ready, path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """Return the url of an empty database on the server."""
        url = self.postgres.create_empty()
        self._made.append(url)
        return url

    def home(self, name: str) -> Path:
        """Return a folder for one installation."""
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        return home

    def close(self) -> None:
        """Give the databases on the server back."""
        for url in self._made:
            self.postgres.drop(url)
        self._made.clear()


def restart_at_once(url: str) -> None:
    """Restart the PostgreSQL server of a url as if the power had gone: nothing is finished, nothing is flushed."""
    binaries = find_binaries()
    assert binaries is not None
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Its output is the server's own log: nobody may wait for the end of a pipe that the server keeps open.
    command = [*as_owner, str(binaries / "pg_ctl"), "-D", row[0], "-w", "-m", "immediate", "-l", f"{row[0]}/../log"]
    subprocess.run([*command, "restart"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def _prepare(url: str) -> None:
    engine = open_engine(url)
    try:
        hire(engine)
    finally:
        engine.close()
