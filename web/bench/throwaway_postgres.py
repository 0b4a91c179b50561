"""A throw-away PostgreSQL with the durability of a real one: started once, one cheap database for each asker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import make_url

from engine import open_database, upgrade

if TYPE_CHECKING:
    from typing import LiteralString

_PLACES: Final = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
_names = count()


class Postgres:
    """A running server, and the databases that are made on it; those that were there already are never touched."""

    def __init__(self, admin_url: str, *, prefix: str = "test") -> None:
        self.admin_url = admin_url
        self._prefix = f"{prefix}_{os.getpid()}"
        self._template = f"{self._prefix}_template"
        self._made: list[str] = []

    def prepare(self) -> None:
        """Make the template: an empty database with all tables."""
        self._run(f'CREATE DATABASE "{self._template}"')
        engine = open_database(self.url(self._template))
        upgrade(engine)
        engine.dispose()

    def create(self) -> str:
        """Make a database with all tables and return its url; there must be a template."""
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
        name = f"{self._prefix}_{next(_names)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self._made.append(name)
        return self.url(name)

    def _run(self, statement: LiteralString) -> None:
        import psycopg

        url = make_url(self.admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)


def find_binaries() -> Path | None:
    """Find the newest server on this machine."""
    found = [path for place in _PLACES for path in Path("/").glob(place.lstrip("/")) if (path / "initdb").exists()]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    return max(found, default=None)


@contextmanager
def throw_away_server(binaries: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start a server of its own on a loopback port with real fsync; yield the url of its `postgres` database."""
    home = Path(tempfile.mkdtemp(prefix="saanphaen-pg-"))
    data = home / "data"
    as_owner: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(home, "postgres", "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run(  # noqa: S603 - our own command
            [*as_owner, *command], check=True, capture_output=True, cwd=home, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )

    given = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(home),
        "max_connections": "200",
        "shared_buffers": "64MB",
        **(settings or {}),
    }
    options = " ".join(f"-c {name}={value}" for name, value in given.items())
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log")]
    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--no-instructions")  # fmt: skip
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
