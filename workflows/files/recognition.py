"""What a file is, by its content; name and declared type may not say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workflows.files.archives import START as ARCHIVE_START
from workflows.files.documents import check_document
from workflows.files.errors import FileRefused
from workflows.files.images import JPEG_START, PNG_START, check_pixels
from workflows.files.kinds import JPEG, KIND_OF_TYPE, PDF, PNG, FileKind
from workflows.files.limits import CHUNK, Limits
from workflows.files.pdf import START as PDF_START
from workflows.files.pdf import check_pdf

_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def recognise(path: Path, *, name: str, declared: str, kinds: Sequence[FileKind], limits: Limits) -> FileKind:
    """Return the kind of a file after looking through all of it.

    Raises:
        FileRefused: It is empty, of no accepted kind, of another kind than its name or its declared type say, broken,
            or holds what could do harm; `reason` among the facts says which.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("Expected a file with content, but it is empty.", reason="empty")
    kind = _kind(path, size, limits)
    if kind not in kinds:
        raise _other()
    if not kind.fits_name(name) or not kind.fits_declaration(declared):
        raise FileRefused(
            f"Expected name, declared type and content to agree, but the content is {kind.name}.",
            reason="mismatch",
            kind=kind.called,
            ending=kind.ending,
        )
    return kind


def _kind(path: Path, size: int, limits: Limits) -> FileKind:
    with path.open("rb") as file:
        start = file.read(CHUNK)
        if start.startswith(PDF_START) and _is_known_as("pdf", start):
            check_pdf(file, size, limits)
            return KIND_OF_TYPE[PDF]
        if start.startswith(ARCHIVE_START):
            return KIND_OF_TYPE[check_document(file, size, limits)]
        if start.startswith((PNG_START, JPEG_START)):
            check_pixels(start, limits)
            return KIND_OF_TYPE[PNG if start.startswith(PNG_START) else JPEG]
    if start.startswith(_OLD_OFFICE):
        raise FileRefused("Expected a document of today's form, but it is of an old one, or encrypted.", reason="old")
    raise _other()


def _is_known_as(ending: str, start: bytes) -> bool:
    import puremagic

    try:
        return f".{ending}" in {guess.extension for guess in puremagic.magic_string(start[:8192])}
    except puremagic.PureError:
        return False


def _other() -> FileRefused:
    return FileRefused("Expected a file of an accepted kind, but the content is something else.", reason="other_type")
