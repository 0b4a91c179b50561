"""Backup and restore: everything comes back as it was; what is not a sound backup of ours is refused untouched."""

from __future__ import annotations

import json
import shutil
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from engine import open_database
from tests.integration.operations.conftest import Installation


@pytest.fixture
def backup(installation: Installation, tmp_path: Path) -> Path:
    """A backup of three runs and two uploaded files."""
    installation.work()
    installation.upload(b"%PDF-1.7 one")
    installation.upload(b"%PDF-1.7 two")
    path = tmp_path / "all.backup"
    made = installation("backup", str(path))
    assert made.exit_code == 0, made.output
    return path


def manifest(path: Path) -> dict[str, object]:
    with zipfile.ZipFile(path) as file:
        found: dict[str, object] = json.loads(file.read("manifest.json"))
    return found


def rewritten(path: Path, changes: dict[str, bytes | None], target: Path) -> Path:
    """Write a backup anew with members changed, added, or (None) left out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        members = {name: old.read(name) for name in old.namelist()} | changes
        for name, content in members.items():
            if content is not None:
                new.writestr(name, content)
    return target


def test_everything_comes_back_in_an_empty_place(installation: Installation, other: Installation, backup: Path) -> None:
    restored = other("restore", str(backup))

    assert restored.exit_code == 0, restored.output
    assert "2 uploaded files added" in restored.stdout
    assert "every chain holds" in restored.stdout
    assert other.rows() == installation.rows()
    assert other("audit", "verify", "--json").stdout == installation("audit", "verify", "--json").stdout
    stored = sorted(path.relative_to(other.data_dir) for path in other.data_dir.rglob("*") if path.is_file())
    assert stored == sorted(
        path.relative_to(installation.data_dir) for path in installation.data_dir.rglob("*") if path.is_file()
    )
    engine, before = other.open(), installation.open()
    for run in before.instances():
        assert engine.instance(run.id).variables == run.variables or engine.variables(run.id) == before.variables(
            run.id
        )
        assert engine.history(run.id) == before.history(run.id)
    engine.start("p")  # keys go on where they were
    engine.close()
    before.close()


def test_the_manifest_tells_what_is_in_it(installation: Installation, backup: Path) -> None:
    told, rows = manifest(backup), installation.rows()
    audit = json.loads(installation("audit", "verify", "--json").stdout)

    assert told["format"] == "saanphaen-backup/1"
    assert told["counts"] == rows
    assert told["audit"] == {
        "chains": audit["chains"],
        "lines": audit["entries"],
        "heads": audit["heads"],
        "verified": True,
    }
    assert told["missing"] == []
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_backup_made_while_people_work_is_of_one_moment(
    installation: Installation, other: Installation, tmp_path: Path
) -> None:
    runs = installation.work(30)
    engine = installation.open()
    stop = threading.Event()
    done: list[str] = []

    def go_on() -> None:
        while not stop.is_set():
            run = engine.start("p", {"n": len(done)}).id
            (task,) = engine.tasks(instance_id=run)
            engine.complete(task.id, {}, "somchai")
            done.append(run)

    people = threading.Thread(target=go_on)
    people.start()
    try:
        made = installation("backup", str(tmp_path / "busy.backup"))
    finally:
        stop.set()
        people.join()
        engine.close()

    assert made.exit_code == 0, made.output
    assert other("restore", str(tmp_path / "busy.backup")).exit_code == 0
    restored = other.open()
    assert restored.verify_audit().verified
    assert len(runs) <= restored.verify_audit().instances <= len(runs) + len(done)
    restored.close()


def test_a_place_that_holds_data_is_replaced_only_when_it_is_meant(installation: Installation, backup: Path) -> None:
    before = installation.rows()
    installation.work(1)
    worked = installation.rows()

    refused = installation("restore", str(backup))
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    assert installation.rows() == worked

    replaced = installation("restore", str(backup), "--force")
    assert replaced.exit_code == 0, replaced.output
    assert installation.rows() == before
    if installation.url.startswith("sqlite"):
        kept = replaced.stdout.split("is kept as ")[1].split()[0].rstrip(".")
        assert Installation(f"sqlite:///{kept}", installation.data_dir).rows() == worked


def test_a_database_in_use_is_refused(installation: Installation, backup: Path) -> None:
    engine = installation.open()
    engine.instances()
    before = installation.rows() if installation.url.startswith("sqlite") else None

    refused = installation("restore", str(backup), "--force")
    engine.close()

    assert refused.exit_code == 1
    assert "stop `saanphaen serve` and `saanphaen worker`" in refused.stderr
    assert before is None or installation.rows() == before


@pytest.mark.parametrize(
    "what", ["no zip", "other zip", "cut", "flipped", "swapped dump", "extra", "left out", "newer"]
)
def test_what_is_no_sound_backup_of_ours_is_refused_and_nothing_is_touched(
    installation: Installation, backup: Path, tmp_path: Path, what: str
) -> None:
    bad = tmp_path / "bad.backup"
    told = manifest(backup)
    dump = "database.sqlite" if installation.url.startswith("sqlite") else "database.dump"
    if what == "no zip":
        bad.write_bytes(b"not a backup")
    elif what == "other zip":
        with zipfile.ZipFile(bad, "w") as file:
            file.writestr("letter.txt", "x")
    elif what == "cut":
        bad.write_bytes(backup.read_bytes()[:-500])
    elif what == "flipped":
        content = bytearray(backup.read_bytes())
        content[len(content) // 2] ^= 1
        bad.write_bytes(content)
    elif what == "swapped dump":
        rewritten(backup, {dump: b"other bytes"}, bad)
    elif what == "extra":
        rewritten(backup, {"../../etc/passwd": b"x"}, bad)
    elif what == "left out":
        rewritten(backup, {dump: None}, bad)
    elif what == "newer":
        rewritten(backup, {"manifest.json": json.dumps({**told, "revision": "20991231_0000"}).encode()}, bad)
    before = installation.rows()

    refused = installation("restore", str(bad), "--force")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: Expected ")
    assert len(refused.stderr.strip().splitlines()) == 1
    assert installation.rows() == before


def test_a_backup_whose_history_was_exchanged_is_refused(
    installation: Installation, backup: Path, tmp_path: Path
) -> None:
    """The dump is sound in itself, and its hash is right: only the history is not the manifest's."""
    installation.forge("UPDATE bpm_history SET actor = 'eve' WHERE seq = 1")
    forged = tmp_path / "forged.backup"
    made = installation("backup", str(forged))
    assert (made.exit_code, "line 1" in made.stderr) == (1, True)
    assert installation("restore", str(forged), "--force").exit_code == 1

    told = manifest(forged)
    lying = {**told, "audit": manifest(backup)["audit"]}
    bad = rewritten(forged, {"manifest.json": json.dumps(lying).encode()}, tmp_path / "bad.backup")
    refused = installation("restore", str(bad), "--force")

    assert refused.exit_code == 1
    assert "audit trail" in refused.stderr
    assert installation("restore", str(forged), "--force", "--despite-audit").exit_code == 0


def test_loading_that_fails_half_way_leaves_the_old_database(
    installation: Installation, backup: Path, tmp_path: Path
) -> None:
    told = manifest(backup)
    counts = {**dict(told["counts"]), "bpm_history": 999}  # type: ignore[call-overload]
    bad = rewritten(backup, {"manifest.json": json.dumps({**told, "counts": counts}).encode()}, tmp_path / "bad.backup")
    before = installation.rows()

    refused = installation("restore", str(bad), "--force")

    assert refused.exit_code == 1
    assert installation.rows() == before
    assert installation("audit", "verify").exit_code == 0


def test_a_database_of_somebody_else_is_never_replaced(
    installation: Installation, other: Installation, backup: Path
) -> None:
    other("db", "current")  # makes the folder
    engine = open_database(other.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE payroll (name TEXT)")
    engine.dispose()

    refused = other("restore", str(backup), "--force")

    assert refused.exit_code == 1
    assert "other tables" in refused.stderr
    assert other.rows() == {"payroll": 0}


def test_a_backup_of_the_other_kind_of_database_is_refused(backup: Path, tmp_path: Path, database_url: str) -> None:
    wrong = "postgresql" if database_url.startswith("sqlite") else "sqlite"
    told = {**manifest(backup), "store": wrong}
    dump = "database.dump" if wrong == "postgresql" else "database.sqlite"
    old = "database.sqlite" if wrong == "postgresql" else "database.dump"
    members = [{**member, "name": dump} if member["name"] == old else member for member in told["members"]]  # type: ignore[attr-defined]
    with zipfile.ZipFile(backup) as file:
        content = file.read(old)
    bad = rewritten(
        backup,
        {"manifest.json": json.dumps({**told, "members": members}).encode(), old: None, dump: content},
        tmp_path / "bad.backup",
    )

    refused = Installation(database_url, tmp_path / "data")("restore", str(bad), "--force")

    assert (refused.exit_code, f"it is one of {wrong}" in refused.stderr) == (1, True)


def test_an_altered_and_a_missing_upload_are_told(installation: Installation, tmp_path: Path) -> None:
    installation.work(1)
    path = installation.upload(b"%PDF-1.7 one")
    path.write_bytes(b"%PDF-1.7 two")

    made = installation("backup", str(tmp_path / "a.backup"))

    assert made.exit_code == 1
    assert f"uploaded file {path.name}" in made.stderr
    assert (tmp_path / "a.backup").exists()


def test_a_backup_never_overwrites_and_leaves_nothing_when_it_fails(
    installation: Installation, backup: Path, tmp_path: Path
) -> None:
    content = backup.read_bytes()

    again = installation("backup", str(backup))
    nowhere = installation("backup", str(tmp_path / "no" / "folder.backup"))
    empty = Installation("sqlite:///" + str(tmp_path / "none.db"), tmp_path)("backup", str(tmp_path / "b.backup"))

    assert (again.exit_code, nowhere.exit_code, empty.exit_code) == (1, 1, 1)
    assert backup.read_bytes() == content
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name or path.name.startswith(".saanphaen")]
    assert not (tmp_path / "none.db").exists()


def test_without_the_programs_of_postgresql_it_is_said_what_to_do(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    refused = Installation(postgres_url, tmp_path)("backup", str(tmp_path / "a.backup"))

    assert refused.exit_code == 1
    assert "pg_dump" in refused.stderr
    assert "apt-get install postgresql-client" in refused.stderr
    assert not (tmp_path / "a.backup").exists()
