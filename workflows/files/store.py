"""Where the bytes of accepted files stand: under their SHA-256, outside of what is served, whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, Protocol

from typing_extensions import override

from workflows.files.errors import FileGone, FileRefused, StoreFull
from workflows.files.kinds import USUAL, FileKind, chosen_kinds
from workflows.files.limits import CHUNK, Limits
from workflows.files.recognition import recognise
from workflows.files.scanning import NoScanner, Scanner

_INCOMING: Final = "incoming-"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: where it is found again, and what it is."""

    sha256: str
    size: int
    media_type: str


class IncomingFile(Protocol):
    """A file that was received and checked; it is in the store only when it is kept."""

    @property
    def stored(self) -> StoredFile:
        """What it is."""
        ...

    def keep(self) -> None:
        """Take it into the store; a second time does nothing."""
        ...

    def drop(self) -> None:
        """Leave nothing of it, unless the same bytes were in the store already or have been sent again since."""
        ...


class FileStore(Protocol):
    """Keeps bytes under their hash."""

    def receive(self, source: IO[bytes], *, name: str = "", declared: str = "") -> IncomingFile:
        """Receive and check a file, beside the store."""
        ...

    def put(self, source: IO[bytes]) -> StoredFile:
        """Store the bytes of an accepted file; the same bytes twice are stored once."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes for reading."""
        ...


class DirectoryStore:
    """Files in a directory that no web server serves; written whole or not at all."""

    def __init__(
        self,
        root: Path,
        *,
        limits: Limits | None = None,
        kinds: Sequence[FileKind] = chosen_kinds(USUAL),
        scanner: Scanner | None = None,
    ) -> None:
        self._root = root
        self._limits = limits or Limits()
        self._kinds = kinds
        self._scanner = scanner or NoScanner()

    def receive(self, source: IO[bytes], *, name: str = "", declared: str = "") -> IncomingFile:
        """Receive a file in pieces and check it; it stands beside the store until it is kept or dropped.

        Args:
            source: The bytes.
            name: Its name as it was sent; its ending may not contradict the content.
            declared: The media type that the browser gave; the same.

        Raises:
            FileRefused: It is too large, of no accepted kind, or holds what could do harm.
            ScannerUnavailable: The virus scanner does not answer.
            StoreFull: There is no room on the disk.
        """
        with _room(self._root) as target:
            path = Path(target.name)
            try:
                sha256, size = self._copy(source, target)
                target.flush()
                os.fsync(target.fileno())
                kind = recognise(path, name=name, declared=declared, kinds=self._kinds, limits=self._limits)
                self._scanner.check(path)
            except OSError as error:
                path.unlink(missing_ok=True)
                if error.errno in _FULL:
                    raise StoreFull("Expected room on the disk of the files, but it is full.") from error
                raise
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return _Incoming(self, path, StoredFile(sha256, size, kind.media_type))

    def put(self, source: IO[bytes]) -> StoredFile:
        """Store an accepted file; raises what `receive` raises."""
        incoming = self.receive(source)
        incoming.keep()
        return incoming.stored

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes.

        Raises:
            FileGone: There are none under this hash.
        """
        try:
            return self.path_of(sha256).open("rb")
        except FileNotFoundError as error:
            raise FileGone(f"Expected the stored bytes {sha256}, but they are gone.") from error

    def path_of(self, sha256: str) -> Path:
        """Return where the bytes of a hash stand."""
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def held(self) -> Iterator[Path]:
        """Walk through what is in the store, in the order of the hashes."""
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
            yield from sorted(folder.iterdir())

    def unfinished(self) -> Iterator[Path]:
        """Walk through what was being received; after a crash some of it stays behind."""
        yield from self._root.glob(f"{_INCOMING}*")

    def remove_unused(self, paths: Collection[Path], *, before: float) -> list[Path]:
        """Remove files that nothing refers to and that were last sent before a moment (seconds since 1970).

        Whoever sends the same bytes at the same time comes before (then they stay) or after (then they come anew).
        """
        gone = []
        with self.locked():
            for path in paths:
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()
                        gone.append(path)
        return gone

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from adding to the store or removing from it."""
        self._root.parent.mkdir(parents=True, exist_ok=True)
        with self._root.with_name(f"{self._root.name}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _copy(self, source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
        digest = hashlib.sha256()
        size = 0
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > self._limits.file_bytes:
                raise FileRefused(
                    f"Expected a file of at most {self._limits.file_bytes} bytes, but it is larger.",
                    reason="too_large",
                    limit=self._limits.file_bytes,
                )
            digest.update(chunk)
            target.write(chunk)
        return digest.hexdigest(), size


class _Incoming(IncomingFile):
    """A file beside the store of a directory."""

    def __init__(self, store: DirectoryStore, path: Path, stored: StoredFile) -> None:
        self._store = store
        self._path: Path | None = path
        self._stored = stored
        self._brought: int | None = None  # when it was put there by us: the file's time, in nanoseconds

    @property
    @override
    def stored(self) -> StoredFile:
        return self._stored

    @override
    def keep(self) -> None:
        if self._path is None:
            return
        final = self._store.path_of(self._stored.sha256)
        with self._store.locked():
            final.parent.mkdir(parents=True, exist_ok=True)
            if final.exists() and final.stat().st_size == self._stored.size:
                os.utime(final)  # so that nobody takes it for unused while it is being referred to
                self._path.unlink()
            else:
                self._path.replace(final)
                os.utime(final)
                _sync(final.parent)
                self._brought = final.stat().st_mtime_ns
        self._path = None

    @override
    def drop(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None
        if self._brought is None:
            return
        final = self._store.path_of(self._stored.sha256)
        with self._store.locked(), suppress(FileNotFoundError):
            if final.stat().st_mtime_ns == self._brought:
                final.unlink()
        self._brought = None


@contextmanager
def _room(root: Path) -> Iterator[IO[bytes]]:
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=root, prefix=_INCOMING, delete=False) as target:
        yield target


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
