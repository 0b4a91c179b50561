"""Make the databases that a release leaves behind, `make fixture VERSION=1.2.3`: run by that release itself, once.

For SQLite and for PostgreSQL: runs at every kind of wait, and a planning year at half-time; beside them the deployed
files, and in the manifest what stands there and what must come of it.
"""

from __future__ import annotations

import gzip
import json
import logging
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url, text

from engine import head_revision, open_database
from tests.upgrades import planning, story
from web.bench.throwaway_postgres import Postgres, find_binaries, throw_away_server

_DEPLOYED: Final = (
    "SELECT d.key, d.version, f.name, r.content FROM bpm_process_definition d"
    " JOIN bpm_bundle_file f ON f.definition_id = d.id JOIN bpm_resource r ON r.sha256 = f.sha256"
)
RELEASES: Final = Path(__file__).resolve().parents[1] / "fixtures" / "releases"


def build(version: str) -> Path:
    """Write the fixture of a version.

    Raises:
        SystemExit: There is one already, or no PostgreSQL on this machine.
    """
    logging.disable(logging.CRITICAL)  # the story has failures in it
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("Expected PostgreSQL's programs on this machine, but found none.")
    folder = RELEASES / version
    if folder.exists():
        raise SystemExit(
            f"Expected a version that left nothing behind yet, but there is {folder}; it is never made anew."
        )
    folder.mkdir(parents=True)
    with throw_away_server(binaries) as admin, tempfile.TemporaryDirectory(prefix="saanphaen-fixture-") as place:
        server = Postgres(admin)
        manifests = {
            "sqlite": _write(
                lambda name: f"sqlite:///{place}/{name}.db",
                lambda name, url: _keep_sqlite(url, folder / f"{name}.db.gz"),
            ),
            "postgresql": _write(
                lambda _name: server.create_empty(),
                lambda name, url: _keep_postgresql(binaries, url, folder / f"{name}.sql.gz"),
            ),
        }
        _keep_files(f"sqlite:///{place}/waits.db", folder / "files")
        _keep_files(f"sqlite:///{place}/planning.db", folder / "files")
    told = manifests["sqlite"]
    if manifests["postgresql"] != told:
        raise SystemExit("Expected the same story on both databases, but they differ.")
    manifest = {"version": version, "revision": head_revision(), **told}
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return folder


def _write(url_of: Callable[[str], str], keep: Callable[[str, str], None]) -> dict[str, Any]:
    url = url_of("waits")
    stage = story.Stage(url)
    runs, job = story.begin(stage)
    moment, stands, acts = stage.clock.now().isoformat(), stage.told(runs), story.acts(job)
    stage.close()
    keep("waits", url)
    stage = story.Stage(url, moment)
    kept_runs = dict(runs)
    for act in acts:
        stage.perform(act, runs)
    waits = {"moment": moment, "runs": kept_runs, "stands": stands, "acts": acts, "ends": stage.told(runs)}
    waits["whole"] = stage.whole()
    stage.close()

    url = url_of("planning")
    planning.begin(url)
    stands = planning.standing(url)
    keep("planning", url)
    year = {"played": planning.HALF, "stands": stands, "ends": planning.go_on(url, planning.HALF)}
    return {"waits": waits, "planning": year}


def _keep_sqlite(url: str, target: Path) -> None:
    source = sqlite3.connect(str(make_url(url).database))
    with tempfile.TemporaryDirectory(prefix="saanphaen-fixture-") as place:
        source.execute("VACUUM INTO ?", (f"{place}/copy.db",))
        source.close()
        _write_packed(target, Path(place, "copy.db").read_bytes())


def _keep_postgresql(binaries: Path, url: str, target: Path) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    dump = [str(binaries / "pg_dump"), "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=200", plain]
    told = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    # Commands of psql, and what only this server's version knows, are left out: any server reads the rest.
    left_out = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
    kept = [line for line in told.split("\n") if not line.startswith(left_out)]
    _write_packed(target, "\n".join(kept).encode())


def _write_packed(target: Path, content: bytes) -> None:
    target.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


def _keep_files(url: str, folder: Path) -> None:
    """Write what was deployed, a folder for each version of a process."""
    database = open_database(url)
    with database.connect() as connection:
        rows = connection.execute(text(_DEPLOYED)).all()
    database.dispose()
    for key, version, name, content in rows:
        place = folder / f"{key}-{version}"
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(bytes(content))


if __name__ == "__main__":
    print(build(sys.argv[1]))
