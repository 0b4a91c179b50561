"""A throw-away PostgreSQL for the tests: started once, a migrated template, one cheap database a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from engine import open_database, upgrade

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
_names = count()


class Postgres:
    """A running server with a migrated template database."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._template = f"template_{os.getpid()}"
        self._made: list[str] = []

    def prepare(self) -> None:
        """Make the template: an empty database with all tables."""
        self._run(f'CREATE DATABASE "{self._template}"')
        engine = open_database(self.url(self._template))
        upgrade(engine)
        engine.dispose()

    def create(self) -> str:
        """Make a database with all tables and return its url."""
        return self._create(self._template)

    def create_empty(self) -> str:
        """Make a database without tables and return its url."""
        return self._create("template0")

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        name = make_url(url).database
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.remove(str(name))

    def close(self) -> None:
        """Remove what was made."""
        for name in [*self._made, self._template]:
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.clear()

    def url(self, database: str) -> str:
        """Return the url of a database on this server."""
        return make_url(self.admin_url).set(database=database).render_as_string(hide_password=False)

    def _create(self, template: str) -> str:
        name = f"test_{os.getpid()}_{next(_names)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self._made.append(name)
        return self.url(name)

    def _run(self, statement: str) -> None:
        url = make_url(self.admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


def find_binaries() -> Path | None:
    """Find the newest server on this machine."""
    found = [path for place in _PLACES for path in Path("/").glob(place.lstrip("/")) if (path / "initdb").exists()]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    return max(found, default=None)


@contextmanager
def throw_away_server(binaries: Path) -> Iterator[str]:
    """Start a server of its own on a loopback port with real fsync; yield the url of its `postgres` database."""
    home = Path(tempfile.mkdtemp(prefix="saanphaen-pg-"))
    data = home / "data"
    as_owner: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(home, "postgres", "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run(
            [*as_owner, *command], check=True, capture_output=True, cwd=home, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )

    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} -c max_connections=200 -c shared_buffers=64MB"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log")]
    try:
        run(
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-instructions",
        )
        run(*control, "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
