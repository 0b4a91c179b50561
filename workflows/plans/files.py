"""Files of plans: recognised by their content, limited in size, stored under their SHA-256 outside the web root."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor
from workflows.plans.documents import ensure_draft, files_of, hash_of
from workflows.plans.errors import EditionFrozen, FileRefused, PlanNotFound
from workflows.plans.models import Document, Edition, PlanFile
from workflows.plans.states import FileRole

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 500 * 1024 * 1024
MAX_ENTRIES: Final = 5_000
MAX_NAME: Final = 200
_CHUNK: Final = 1024 * 1024

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS: Final = {PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx"}
_MAIN_PARTS: Final = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: where it is found again, and what it is."""

    sha256: str
    size: int
    media_type: str


class FileGone(Exception):
    """Expected the stored bytes of a file, but they are gone: the store was damaged, or is not the right one."""


class FileStore(Protocol):
    """Keeps bytes under their hash."""

    def put(self, source: IO[bytes]) -> StoredFile:
        """Store the bytes of an accepted file; the same bytes twice are stored once."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes for reading."""
        ...


class DirectoryStore:
    """Files in a directory that no web server serves; written whole or not at all."""

    def __init__(self, root: Path, *, limit: int = MAX_FILE_BYTES) -> None:
        self._root = root
        self._limit = limit

    def put(self, source: IO[bytes]) -> StoredFile:
        """Store an accepted file.

        Raises:
            FileRefused: It is too large, or neither PDF nor DOCX nor XLSX.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._root, prefix="incoming-", delete=False) as target:
            path = Path(target.name)
            try:
                sha256, size = self._copy(source, target)
                target.flush()
                os.fsync(target.fileno())
                media_type = recognise(path)
                final = self._path(sha256)
                final.parent.mkdir(parents=True, exist_ok=True)
                path.replace(final)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return StoredFile(sha256, size, media_type)

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes.

        Raises:
            FileGone: There are none under this hash.
        """
        path = self._path(sha256)
        if not path.is_file():
            raise FileGone(f"Expected the stored bytes {sha256}, but they are gone.")
        return path.open("rb")

    def _copy(self, source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
        digest = hashlib.sha256()
        size = 0
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > self._limit:
                raise FileRefused(
                    f"Expected a file of at most {self._limit} bytes, but it is larger.",
                    reason="too_large",
                    limit=self._limit,
                )
            digest.update(chunk)
            target.write(chunk)
        return digest.hexdigest(), size

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256


def recognise(path: Path) -> str:
    """Return the media type by content.

    Raises:
        FileRefused: It is neither PDF nor DOCX nor XLSX, is broken, holds macros, or unpacks to too much.
    """
    import puremagic

    with path.open("rb") as opened:
        start = opened.read(8192)
    if not start:
        raise FileRefused("Expected a file with content, but it is empty.", reason="empty")
    try:
        guesses = {guess.extension for guess in puremagic.magic_string(start)}
    except puremagic.PureError:
        guesses = set()
    if start.startswith(b"%PDF-") and ".pdf" in guesses:
        return PDF
    if start.startswith(b"PK\x03\x04"):
        return _recognise_package(path)
    raise FileRefused("Expected a PDF, DOCX or XLSX file, but the content is something else.", reason="other_type")


def _recognise_package(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise FileRefused(
                    "Expected a document of ordinary size, but it unpacks to far too much.", reason="unpacks_too_large"
                )
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise FileRefused(
                    "Expected a document without macros, but it holds some; save it as DOCX or XLSX.", reason="macros"
                )
            kinds = {kind for part, kind in _MAIN_PARTS.items() if part in names}
            if "[Content_Types].xml" not in names or len(kinds) != 1:
                raise FileRefused(
                    "Expected a DOCX or XLSX file, but the archive holds something else.", reason="other_type"
                )
            # A forged directory would pass so far: the main part must really unpack to the size it claims.
            part = next(part for part, kind in _MAIN_PARTS.items() if kind in kinds)
            with package.open(part) as opened:
                if not opened.read(256).lstrip(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
                    raise FileRefused("Expected a readable document, but its main part is no XML.", reason="broken")
            return kinds.pop()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise FileRefused("Expected a readable document, but the archive is broken.", reason="broken") from error


def clean_name(name: str, media_type: str) -> str:
    """Return a file name without path, control characters and a false ending."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    base = "".join(char for char in base if char.isprintable() and char not in '<>:"|?*').strip(" .")
    ending = EXTENSIONS[media_type]
    stem = base[: -len(ending)] if base.lower().endswith(ending) else base.rpartition(".")[0] or base
    return f"{(stem or 'file')[: MAX_NAME - len(ending)]}{ending}"


def add_file(
    session: Session,
    document: Document,
    stored: StoredFile,
    *,
    name: str,
    role: FileRole,
    actor: Actor,
    now: dt.datetime,
    edition: Edition | None = None,
) -> PlanFile:
    """Attach a stored file to a draft edition, or to the plan as a whole; what is sent twice is there once.

    Raises:
        EditionFrozen: The edition does not change any more.
    """
    if edition is not None:
        ensure_draft(edition)
    place = edition.id if edition is not None else None
    clean = clean_name(name, stored.media_type)
    same = select(PlanFile).where(
        PlanFile.document_id == document.id,
        PlanFile.edition_id == place,
        PlanFile.role == role,
        PlanFile.name == clean,
        PlanFile.sha256 == stored.sha256,
    )
    known = session.scalar(same)
    if known is not None:
        return known
    file = PlanFile(
        document_id=document.id,
        edition_id=place,
        role=role,
        name=clean,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_at=now,
        uploaded_by=actor.id,
        capacity=actor.capacity,
    )
    session.add(file)
    session.flush()
    if edition is not None:
        edition.hash = hash_of(files_of(session, edition))
        session.flush()
    return file


def remove_file(session: Session, file: PlanFile) -> None:
    """Take a file out of a draft; its bytes stay, other editions may hold them.

    Raises:
        EditionFrozen: The edition does not change any more, or the file belongs to what was handed in.
    """
    edition = session.get(Edition, file.edition_id) if file.edition_id is not None else None
    document = session.get(Document, file.document_id)
    if edition is not None:
        ensure_draft(edition)
    elif document is not None and document.submitted_at is not None and file.uploaded_at <= document.submitted_at:
        raise EditionFrozen("Expected a file that was not handed in yet, but the plan was submitted with it.")
    session.delete(file)
    session.flush()
    if edition is not None:
        edition.hash = hash_of(files_of(session, edition))
        session.flush()


def get_file(session: Session, file_id: int) -> PlanFile:
    """Return a file's record.

    Raises:
        PlanNotFound: There is none.
    """
    file = session.scalar(select(PlanFile).where(PlanFile.id == file_id))
    if file is None:
        raise PlanNotFound(f"Expected a file {file_id}, but there is none.", file=file_id)
    return file
