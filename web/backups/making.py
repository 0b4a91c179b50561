"""Makes a backup: dump, uploaded files, manifest, one file; then reads it again from end to end."""

from __future__ import annotations

import importlib.metadata
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from engine import AuditFinding, SystemClock
from web.backups.archive import DUMPS, FILES, Tell, Writer, opened, written
from web.backups.errors import BackupRefused
from web.backups.kinds import store_at
from web.backups.manifest import Manifest
from web.backups.stores import Dump, sha256_of

_WRITING: Final = "Writing the file"
_STORED: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made, and what is wrong with what it holds."""

    manifest: Manifest
    size: int  # bytes of the file
    findings: tuple[AuditFinding, ...]  # where the audit trail does not hold, the first ones
    altered: tuple[str, ...]  # uploaded files whose bytes are not those of their name

    @property
    def is_sound(self) -> bool:
        """Whether the audit trail holds and no uploaded file is missing or altered."""
        return self.manifest.audit.verified and not self.manifest.missing and not self.altered


def make_backup(path: Path, *, database_url: str, data_dir: Path, tell: Tell) -> Made:
    """Write a backup while people go on working, and read it again.

    Raises:
        BackupRefused: There is nothing to back up, no place for it, or a program is missing; nothing is left behind.
    """
    if not path.parent.is_dir():
        raise BackupRefused(f"Expected a folder for the backup, but there is no {path.parent}.")
    store = store_at(database_url)
    with written(path) as writer, tempfile.TemporaryDirectory(prefix=".saanphaen-backup-", dir=path.parent) as name:
        dump = store.dump(Path(name), tell)
        # The files come second: a row never names a file that was not there before it.
        uploaded = list(_uploaded(data_dir / "files"))
        total = dump.path.stat().st_size + sum(file.stat().st_size for file in uploaded)
        altered = _write(writer, dump, uploaded, total=total, tell=tell)
        present = {file.name for file in uploaded}
        manifest = Manifest(
            made_at=SystemClock().now().astimezone(UTC).isoformat(timespec="seconds"),
            product=importlib.metadata.version("saanphaen"),
            store=dump.store,
            store_version=dump.store_version,
            revision=dump.revision,
            audit=dump.audit,
            counts=dump.counts,
            members=tuple(writer.members),
            missing=tuple(sorted(dump.files - present)),
        )
        writer.close_with(manifest)
    with opened(path) as backup:
        backup.check(tell)
    return Made(manifest=manifest, size=path.stat().st_size, findings=dump.findings, altered=tuple(altered))


def _write(writer: Writer, dump: Dump, uploaded: list[Path], *, total: int, tell: Tell) -> list[str]:
    done = 0

    def add(count: int) -> None:
        nonlocal done
        done += count
        tell(_WRITING, done, total)

    packs = dump.store == "sqlite"  # pg_dump packs by itself, documents are packed already
    if writer.add(DUMPS[dump.store], dump.path, packs=packs, tell=add).sha256 != sha256_of(dump.path):
        raise BackupRefused("Expected the dump as it was written, but the disk gave back something else.")
    altered = []
    for file in uploaded:
        member = writer.add(
            f"{FILES}{file.parent.parent.name}/{file.parent.name}/{file.name}", file, packs=False, tell=add
        )
        if member.sha256 != file.name:
            altered.append(file.name)
    return altered


def _uploaded(folder: Path) -> Iterator[Path]:
    """Find the stored files; what is just coming in has another name."""
    return (file for file in sorted(folder.glob("??/??/*")) if _STORED.match(file.name) and file.is_file())
