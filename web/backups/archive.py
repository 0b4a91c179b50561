"""The one file of a backup: a zip with the dump, the uploaded files and the manifest, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from web.backups.errors import BackupRefused, NoBackup
from web.backups.manifest import NAME, Manifest, Member

Tell = Callable[[str, int, int], None]
"""Told what is being done and how much of how much of it, in bytes or chains; a total of 0 is not known."""

DUMPS: Final = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
FILES: Final = "files/"
_NAMES: Final = re.compile(r"(?:database\.(?:sqlite|dump)|files/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64})\Z")
_CHUNK: Final = 1024 * 1024
_LARGEST_MANIFEST: Final = 512 * 1024 * 1024


class Writer:
    """Adds members and remembers what they are."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.members: list[Member] = []

    def add(self, name: str, source: Path, *, packs: bool, tell: Callable[[int], None]) -> Member:
        """Copy a file in; `packs` where that makes it smaller. `tell` hears of every piece in bytes."""
        packing = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
        entry = zipfile.ZipInfo(name)
        entry.compress_type = packing
        digest, size = hashlib.sha256(), 0
        with source.open("rb") as opened, self._file.open(entry, "w", force_zip64=True) as target:
            while chunk := opened.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
                tell(len(chunk))
        member = Member(name, size, digest.hexdigest())
        self.members.append(member)
        return member

    def close_with(self, manifest: Manifest) -> None:
        """Write the manifest; the last act."""
        self._file.writestr(zipfile.ZipInfo(NAME), manifest.encode(), zipfile.ZIP_DEFLATED)


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """Write a backup at a path; until it is whole it has another name, and a failure leaves nothing.

    Raises:
        BackupRefused: There is a file already.
    """
    if path.exists():
        raise BackupRefused(f"Expected a new file, but {path} is there already; choose another name.")
    partial = path.with_name(f".{path.name}.partial")
    try:
        # Readable by its owner only: it holds everything that people have written.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", compresslevel=1, allowZip64=True) as file:
                yield Writer(file)
            raw.flush()
            os.fsync(raw.fileno())
        partial.rename(path)
        _keep_name(path.parent)
    finally:
        partial.unlink(missing_ok=True)


class Reader:
    """A backup that is open: its manifest, and its members checked as they are read."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._file = file
        self.manifest = manifest

    @property
    def dump(self) -> Member:
        """The member that holds the database."""
        return next(member for member in self.manifest.members if member.name == DUMPS[self.manifest.store])

    @property
    def files(self) -> list[Member]:
        """The members that are uploaded files."""
        return [member for member in self.manifest.members if member.name.startswith(FILES)]

    def check(self, tell: Tell) -> None:
        """Read every member once.

        Raises:
            NoBackup: One is not as the manifest says.
        """
        total, done = sum(member.size for member in self.manifest.members), 0
        for member in self.manifest.members:
            for chunk in self._read(member):
                done += len(chunk)
                tell("Checking the file", done, total)

    def extract(self, member: Member, target: Path) -> None:
        """Write a member to a new file, checked on the way.

        Raises:
            NoBackup: It is not as the manifest says.
        """
        with target.open("xb") as file:
            for chunk in self._read(member):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, member: Member) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        try:
            with self._file.open(member.name) as opened:
                while chunk := _next(opened):
                    size += len(chunk)
                    if size > member.size:
                        break
                    digest.update(chunk)
                    yield chunk
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise NoBackup(f"Expected {member.name} as it was written, but it was damaged.") from error
        if size != member.size or digest.hexdigest() != member.sha256:
            raise NoBackup(f"Expected {member.name} as it was written, but it was altered.")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open a backup and read its manifest; the members are not read yet.

    Raises:
        NoBackup: It is no backup of ours, or holds other members than its manifest says.
    """
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoBackup(f"Expected a backup of Saanphaen, but {path} is something else or was cut off.") from error
    with file:
        yield Reader(file, _read_manifest(file, path))


def _read_manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    entries = [entry.filename for entry in file.infolist()]
    if NAME not in entries or file.getinfo(NAME).file_size > _LARGEST_MANIFEST:
        raise NoBackup(f"Expected a backup of Saanphaen, but {path} has no manifest.")
    try:
        content = file.read(NAME)
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise NoBackup(f"Expected the manifest of {path} as it was written, but it was damaged.") from error
    manifest = Manifest.decode(content)
    names = [member.name for member in manifest.members]
    if sorted([*names, NAME]) != sorted(entries):
        raise NoBackup(f"Expected in {path} what its manifest lists, but it holds something else.")
    if manifest.store not in DUMPS or DUMPS[manifest.store] not in names:
        raise NoBackup(f"Expected a dump of a database in {path}, but there is none.")
    if wrong := [name for name in names if not _NAMES.match(name)]:
        raise NoBackup(f"Expected members of a backup in {path}, but found {wrong[0]!r}.")
    return manifest


def _next(opened: IO[bytes]) -> bytes:
    return opened.read(_CHUNK)


def _keep_name(folder: Path) -> None:
    """Make the new name survive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
