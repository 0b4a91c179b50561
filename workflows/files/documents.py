"""Documents that are archives (Office Open XML, OpenDocument): of which kind, and whether they could do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO, Final

from workflows.files.archives import Archive, broken
from workflows.files.errors import FileRefused
from workflows.files.kinds import DOCX, ODS, ODT, PPTX, XLSX
from workflows.files.limits import CHUNK, Budget, Limits, too_much
from workflows.files.watching import watcher_of

_CONTENT_TYPES: Final = "[Content_Types].xml"
_MAIN_PARTS: Final = {"word/document": DOCX, "xl/workbook": XLSX, "ppt/presentation": PPTX}
_MACRO_PARTS: Final = ("vbaproject.bin", "vbadata.xml")
_MACRO_FOLDERS: Final = ("xl/macrosheets/", "word/activex/", "xl/activex/", "ppt/activex/", "basic/", "scripts/")
_PROGRAMS: Final = (
    *(".exe", ".dll", ".scr", ".com", ".msi", ".jar", ".lnk", ".hta", ".bat", ".cmd", ".ps1"),
    *(".js", ".jse", ".vbs", ".vbe", ".wsf", ".html", ".htm", ".sh", ".py"),
)
_LONGEST_TYPE: Final = 100
_MAY_BE_EMPTY: Final = "Configurations2/"
"""LibreOffice writes XML without anything in it there."""


def check_document(file: IO[bytes], size: int, limits: Limits) -> str:
    """Return the media type of a document after every part of it was unpacked and looked at.

    Raises:
        FileRefused: It is no such document, is broken, unpacks to too much, or holds what could do harm.
    """
    return _check(file, Budget(limits, size), 1)


def _check(file: IO[bytes], budget: Budget, depth: int) -> str:
    if depth > budget.limits.depth:
        raise too_much(f"documents stand in it in more than {budget.limits.depth} layers")
    archive = Archive(file, budget)
    names = [entry.filename for entry in archive.entries]
    _check_names(names)
    media_type = _media_type(archive, names)
    for entry in archive.entries:
        _check_part(archive, entry, budget, depth)
    return media_type


def _check_names(names: list[str]) -> None:
    for name in names:
        lower = name.lower()
        if lower.endswith(_MACRO_PARTS) or lower.startswith(_MACRO_FOLDERS):
            raise FileRefused("Expected a document without macros, but it holds some.", reason="macros")
        if lower.endswith(_PROGRAMS):
            raise FileRefused("Expected a document without programs, but it holds one.", reason="program")


def _media_type(archive: Archive, names: list[str]) -> str:
    if _CONTENT_TYPES in names:
        # Word on the web calls its main part word/document2.xml.
        found = {
            kind
            for name in names
            for part, kind in _MAIN_PARTS.items()
            if name.startswith(part) and name.endswith(".xml") and name[len(part) : -4].strip("0123456789") == ""
        }
        if len(found) == 1:
            return found.pop()
    elif names and names[0] == "mimetype":
        said = _start(archive.content(archive.entries[0]))[:_LONGEST_TYPE].decode("ascii", "replace").strip()
        if said in (ODT, ODS) and "content.xml" in names:
            return said
    raise FileRefused("Expected a document, but the archive holds something else.", reason="other_type")


def _check_part(archive: Archive, entry: zipfile.ZipInfo, budget: Budget, depth: int) -> None:
    pieces = archive.content(entry)
    start = _start(pieces)
    if entry.is_dir() and start:
        raise broken("a folder of it has content")
    if not start and entry.filename.startswith(_MAY_BE_EMPTY):
        return

    def check_nested(held: io.BytesIO) -> None:
        _check(held, budget, depth + 1)

    watcher = watcher_of(entry.filename, start, budget.limits, check_nested)
    watcher.feed(start)
    for piece in pieces:
        watcher.feed(piece)
    watcher.close()


def _start(pieces: Iterator[bytes]) -> bytes:
    """Return the first bytes of a part, enough to know what it is."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= CHUNK // 2:
            break
    return start
