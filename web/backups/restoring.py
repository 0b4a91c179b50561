"""Brings a backup back: checked before, loaded whole or not at all, checked after."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine import head_revision, knows_revision, open_database
from web.backups.archive import FILES, Reader, Tell, opened
from web.backups.errors import BackupRefused, NewerBackup, NoBackup, TargetNotEmpty
from web.backups.kinds import store_at
from web.backups.manifest import Manifest
from web.backups.stores import Store, counts_of, proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was brought back."""

    manifest: Manifest
    files: int  # uploaded files that were not there before
    kept: str  # what became of the database that was there
    is_outdated: bool  # the database needs `saanphaen db upgrade`


def restore_backup(
    path: Path, *, database_url: str, data_dir: Path, tell: Tell, force: bool = False, despite_audit: bool = False
) -> Restored:
    """Put a backup in the place of an empty database, or of one that is to be replaced.

    Args:
        path: The backup.
        database_url: Where to.
        data_dir: Where uploaded files go; what is there stays.
        tell: Told what is being done.
        force: Replace a database that holds data.
        despite_audit: Also a backup whose audit trail did not hold when it was made.

    Raises:
        BackupRefused: The backup, or the place for it, is not as it must be; the database is as it was.
    """
    store = store_at(database_url)
    with opened(path) as backup:
        _ensure_fits(backup.manifest, store, despite_audit=despite_audit)
        backup.check(tell)
        with store.target() as target:
            if not target.is_empty and not force:
                raise TargetNotEmpty
            if not target.is_empty and not target.is_ours:
                raise BackupRefused("Expected an empty database or one of Saanphaen, but it holds other tables.")
            with tempfile.TemporaryDirectory(prefix=".saanphaen-restore-", dir=_place(database_url, data_dir)) as name:
                folder = Path(name)
                dump = folder / backup.dump.name
                backup.extract(backup.dump, dump)
                _ensure_proven(backup.manifest, store, dump, folder, tell)
                added = _bring_files(backup, data_dir / "files", tell)
                kept = target.load(dump, counts=backup.manifest.counts, audit=backup.manifest.audit, tell=tell)
        _ensure_arrived(backup.manifest, database_url, tell)
        return Restored(
            manifest=backup.manifest,
            files=added,
            kept=kept,
            is_outdated=backup.manifest.revision != head_revision(),
        )


def _ensure_fits(manifest: Manifest, store: Store, *, despite_audit: bool) -> None:
    if not knows_revision(manifest.revision):
        raise NewerBackup(
            f"Expected a backup of this version or an older one, but it is of {manifest.product} with the database "
            f"at {manifest.revision}; install that version first."
        )
    if manifest.store != store.name:
        raise BackupRefused(f"Expected a backup of {store.name}, but it is one of {manifest.store}.")
    if not manifest.audit.verified and not despite_audit:
        raise BackupRefused(
            "Expected a backup whose audit trail holds, but it did not hold when the backup was made; "
            "`--despite-audit` restores it all the same."
        )


def _ensure_proven(manifest: Manifest, store: Store, dump: Path, folder: Path, tell: Tell) -> None:
    if store.prove(dump, folder, tell) != manifest.audit:
        raise NoBackup("Expected the audit trail that the manifest tells, but the dump holds another one.")


def _ensure_arrived(manifest: Manifest, database_url: str, tell: Tell) -> None:
    database = open_database(database_url)
    try:
        with database.connect() as connection, connection.begin():
            audit, _findings = proof(connection, tell)
            counts = counts_of(connection)
    finally:
        database.dispose()
    if audit != manifest.audit or counts != dict(manifest.counts):
        raise BackupRefused("Expected the database as it was when the backup was made, but it is not; do not use it.")


def _bring_files(backup: Reader, folder: Path, tell: Tell) -> int:
    """Put uploaded files where they belong; one that is there already has the same bytes: its name is its hash."""
    added = 0
    for number, member in enumerate(backup.files, start=1):
        tell("Bringing the files", number, len(backup.files))
        target = folder / member.name.removeprefix(FILES)
        if target.is_file() and target.stat().st_size == member.size:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        coming = target.with_name(f"incoming-{os.getpid()}-{target.name}")
        try:
            backup.extract(member, coming)
            coming.replace(target)
        finally:
            with suppress(FileNotFoundError):
                coming.unlink()
        added += 1
    return added


def _place(database_url: str, data_dir: Path) -> Path:
    """Return a folder on the disk of the database, where a file can take another one's place."""
    from sqlalchemy import make_url

    url = make_url(database_url)
    place = Path(str(url.database)).parent if url.get_backend_name() == "sqlite" else data_dir
    place.mkdir(parents=True, exist_ok=True)
    return place
