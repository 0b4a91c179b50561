"""PostgreSQL: dumped by pg_dump out of one exported state, and loaded in one transaction that checks what came out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

from engine import open_database
from web.backups.archive import DUMPS, Tell
from web.backups.dumped_chains import as_sqlite
from web.backups.errors import BackupRefused, NoBackup, ProgramMissing, TargetInUse
from web.backups.manifest import AuditState
from web.backups.stores import Dump, counts_of, named_files, proof, revision_of

_PROGRAMS: Final = ("pg_dump", "pg_restore", "psql")
_COPYING: Final = "Copying the database"
_LOADING: Final = "Loading the database"
_PULSE: Final = 0.2
_OTHERS: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_FUNCTIONS: Final = text(
    "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
)


class PostgresqlStore:
    """One database on a server; its url must lead to the server itself, not to a pool."""

    name = "postgresql"

    def __init__(self, url: URL) -> None:
        if "pooler" in url.query:
            raise BackupRefused(
                "Expected a url that leads to PostgreSQL itself, but this one leads to a pool; name the server and its"
                " port in SAANPHAEN_DATABASE_URL for this command."
            )
        self._url = url

    def dump(self, folder: Path, tell: Tell) -> Dump:
        """Let pg_dump read the same state that is counted here; writers go on meanwhile."""
        programs = _found_programs()
        path = folder / DUMPS[self.name]
        database = open_database(self._url)
        try:
            with database.connect() as connection, connection.begin():
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                revision = revision_of(connection)
                if revision is None:
                    raise BackupRefused("Expected a database of Saanphaen, but the url names another one.")
                snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
                self._run_dump(programs["pg_dump"], path, snapshot, tell)
                counts, files = counts_of(connection), named_files(connection)
                version = str(connection.execute(text("SHOW server_version")).scalar_one())
        finally:
            database.dispose()
        with as_sqlite(programs["pg_restore"], path, folder) as dumped:
            audit, findings = proof(dumped, tell)
        return Dump(
            path=path,
            store=self.name,
            store_version=version,
            revision=revision,
            counts=counts,
            audit=audit,
            findings=findings,
            files=files,
        )

    def prove(self, dump: Path, folder: Path, tell: Tell) -> AuditState:
        """Verify the audit trail inside a dump."""
        with as_sqlite(_found_programs()["pg_restore"], dump, folder) as dumped:
            return proof(dumped, tell)[0]

    @contextmanager
    def target(self) -> Iterator[PostgresqlTarget]:
        """Open the database as one to restore into."""
        programs = _found_programs()
        database = open_database(self._url)
        try:
            with database.connect() as connection:
                tables = inspect(connection).get_table_names()
                functions = list(connection.execute(_FUNCTIONS).scalars())
                ours = revision_of(connection) is not None
        finally:
            database.dispose()  # this connection must not count as somebody else's
        target = PostgresqlTarget(self._url, programs, _dropping(tables, functions), is_empty=not tables, is_ours=ours)
        target.ensure_unused()
        yield target

    def _run_dump(self, program: str, path: Path, snapshot: str, tell: Tell) -> None:
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}"]
        with tempfile.TemporaryFile() as said:
            running = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL, found on the path
                [program, *arguments, "--dbname", _plain(self._url)],
                env=_environment(self._url),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            try:
                while running.poll() is None:
                    time.sleep(_PULSE)
                    tell(_COPYING, path.stat().st_size if path.exists() else 0, 0)
            finally:
                if running.poll() is None:
                    running.terminate()
                    running.wait()
            if running.returncode:
                said.seek(0)
                raise BackupRefused(f"Expected pg_dump to copy the database, but: {_last_line(said.read())}")


class PostgresqlTarget:
    """The database whose tables are to be replaced."""

    def __init__(self, url: URL, programs: Mapping[str, str], drop: str, *, is_empty: bool, is_ours: bool) -> None:
        self._url = url
        self._programs = programs
        self._drop = drop
        self.is_empty = is_empty
        self.is_ours = is_ours

    def ensure_unused(self) -> None:
        """Refuse a database to which others are connected.

        Raises:
            TargetInUse: Some are.
        """
        database = open_database(self._url)
        try:
            with database.connect() as connection:
                if connection.execute(_OTHERS).scalar_one():
                    raise TargetInUse
        finally:
            database.dispose()

    def load(self, dump: Path, *, counts: Mapping[str, int], audit: AuditState, tell: Tell) -> str:
        """Drop, load and count in one transaction: when anything is not as it was, nothing has happened."""
        self.ensure_unused()
        tell(_LOADING, 0, 0)
        with tempfile.TemporaryDirectory(dir=dump.parent) as name:
            script = Path(name) / "load.sql"
            self._write_script(dump, script)
            before, after = Path(name) / "before.sql", Path(name) / "after.sql"
            before.write_text(self._drop, "utf-8")
            after.write_text(_checking(counts, audit), "utf-8")
            files = [part for file in (before, script, after) for part in ("--file", str(file))]
            done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, found on the path
                [
                    self._programs["psql"],
                    "--no-psqlrc",
                    "--quiet",
                    "--single-transaction",
                    "--set=ON_ERROR_STOP=1",
                    "--output=/dev/null",
                    *files,
                    "--dbname",
                    _plain(self._url),
                ],
                env=_environment(self._url),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        if done.returncode:
            raise NoBackup(f"Expected the dump to load, but: {_first_error(done.stderr)} Nothing was changed.")
        return ""

    def _write_script(self, dump: Path, script: Path) -> None:
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, found on the path
            [
                self._programs["pg_restore"],
                "--no-owner",
                "--no-privileges",
                "--no-comments",
                "--file",
                str(script),
                str(dump),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise NoBackup(f"Expected a dump of PostgreSQL, but: {_first_error(done.stderr)}")


def _dropping(tables: list[str], functions: list[str]) -> str:
    """Return what takes away the tables of a database of ours, and the functions of their triggers."""
    drops = [f'DROP TABLE IF EXISTS "{name}" CASCADE;' for name in tables]
    drops += [f"DROP FUNCTION IF EXISTS {name} CASCADE;" for name in functions]
    return "\n".join(["SET lock_timeout = '10s';", *drops, ""])


def _checking(counts: Mapping[str, int], audit: AuditState) -> str:
    """Return a check that undoes the loading when rows or heads are not those of the manifest."""
    checks = [
        f"""IF (SELECT count(*) FROM public."{name}") <> {rows} THEN RAISE EXCEPTION 'other rows in {name}'; END IF;"""  # noqa: S608
        for name, rows in counts.items()
    ]
    heads = (
        "SELECT encode(sha256(convert_to(coalesce(string_agg(id || ':' || history_count || ':' ||"
        " encode(history_head, 'hex') || chr(10), '' ORDER BY id), ''), 'UTF8')), 'hex')"
        " FROM public.bpm_process_instance"
    )
    checks.append(f"IF ({heads}) <> '{audit.heads}' THEN RAISE EXCEPTION 'other heads of the audit trail'; END IF;")
    return "DO $check$ BEGIN\n" + "\n".join(checks) + "\nEND $check$;\n"


def _found_programs() -> dict[str, str]:
    found = {name: shutil.which(name) for name in _PROGRAMS}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise ProgramMissing(
            f"Expected PostgreSQL's client programs, but {', '.join(missing)} are not installed: "
            "install the package postgresql-client in the server's version (Debian: apt-get install postgresql-client)."
        )
    return {name: path for name, path in found.items() if path is not None}


def _plain(url: URL) -> str:
    """Return the url as PostgreSQL's programs read it; the password goes by the environment, where no list shows it."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _environment(url: URL) -> dict[str, str]:
    password = {"PGPASSWORD": str(url.password)} if url.password is not None else {}
    return {**os.environ, "PGTZ": "UTC", "LC_ALL": "C", "PGAPPNAME": "saanphaen backup", **password}


def _last_line(said: bytes) -> str:
    return next(reversed(said.decode("utf-8", "replace").strip().splitlines()), "it ended without a word")


def _first_error(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if "ERROR" in line or "error" in line), next(iter(lines), "no word."))
