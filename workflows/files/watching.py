"""What is looked for in the parts of a document while they are unpacked, a piece at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol
from urllib.parse import urlsplit
from xml.parsers import expat

from workflows.files.archives import START, broken
from workflows.files.errors import FileRefused
from workflows.files.images import check_pixels
from workflows.files.limits import Limits, too_much

_LONGEST_TOKEN: Final = 8 * 1024 * 1024
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe")
_IN_OLE: Final = (
    ("Ole10Native".encode("utf-16-le"), "program"),
    ("_VBA_PROJECT".encode("utf-16-le"), "macros"),
)
_LONGEST_SIGN: Final = max(len(sign) for sign, _reason in _IN_OLE)
_FETCHED_ON_CLICK: Final = frozenset({"hyperlink", "externalLinkPath", "externalLinkLong", "xlPathMissing"})
"""Relationships to the outside that nothing follows by itself: links, and formulas that name another workbook."""
_USUAL_SCHEMES: Final = frozenset({"", "http", "https", "mailto", "ftp", "tel", "file"})
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_MACRO_TYPES: Final = re.compile(
    r"macroEnabled|vbaProject|ms-office\.activeX|excel\.macrosheet|intlmacrosheet", re.IGNORECASE
)
_EVENT: Final = re.compile(r"(?:^| )(?:event-listener|script)$")

Attributes = Mapping[str, str]


class Watcher(Protocol):
    """Gets the pieces of one part and refuses what it does not like."""

    def feed(self, piece: bytes) -> None:
        """Look at the next piece."""
        ...

    def close(self) -> None:
        """Look at the whole."""
        ...


class XmlWatcher:
    """Refuses XML that defines types or entities, or is not well-formed; may look at the elements."""

    def __init__(self, element: Callable[[str, Attributes], None] | None = None) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = _no_doctype
        if element is not None:
            self._parser.StartElementHandler = element
        self._fed = 0

    def feed(self, piece: bytes) -> None:
        """Parse the next piece; nothing is kept of it."""
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, False)  # noqa: FBT003 (the library's own signature)
        except expat.ExpatError as error:
            raise broken("an XML part of it is not well-formed") from error
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
            raise too_much("an XML part of it is one endless sign")

    def close(self) -> None:
        """Parse to the end."""
        try:
            self._parser.Parse(b"", True)  # noqa: FBT003 (the library's own signature)
        except expat.ExpatError as error:
            raise broken("an XML part of it is not well-formed") from error


class OleWatcher:
    """Refuses an embedded object of the old kind that holds a program or macros."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Look for the names of such streams."""
        text = self._tail + piece
        for sign, reason in _IN_OLE:
            if sign in text:
                raise _active(reason)
        self._tail = text[-_LONGEST_SIGN:]

    def close(self) -> None:
        """Nothing is left to look at."""


class NestedWatcher:
    """Holds a document in the document, up to a limit, and has it checked as a whole."""

    def __init__(self, limits: Limits, check: Callable[[io.BytesIO], None]) -> None:
        self._limits = limits
        self._check = check
        self._held = io.BytesIO()

    def feed(self, piece: bytes) -> None:
        """Keep the piece."""
        if self._held.tell() + len(piece) > self._limits.nested_bytes:
            raise too_much(f"a document in it is larger than {self._limits.nested_bytes} bytes")
        self._held.write(piece)

    def close(self) -> None:
        """Check what was kept."""
        self._check(self._held)
        self._held.close()


class NoWatcher:
    """For parts of which only size and checksum matter."""

    def feed(self, piece: bytes) -> None:
        """Look at nothing."""

    def close(self) -> None:
        """Look at nothing."""


def watcher_of(name: str, start: bytes, limits: Limits, check: Callable[[io.BytesIO], None]) -> Watcher:
    """Return who looks at a part, by its name and by how it begins.

    Raises:
        FileRefused: It is a program, or a picture of too many pixels.
    """
    if start.startswith(START):
        return NestedWatcher(limits, check)
    if start.startswith(_OLE):
        return OleWatcher()
    lower = name.lower()
    if lower.endswith(_XML):
        return XmlWatcher(next((look for fits, look in _LOOKS if fits.search(lower)), None))
    if start.startswith(_PROGRAMS):
        raise _active("program")
    check_pixels(start, limits)
    return NoWatcher()


def _no_doctype(*_told: object) -> None:
    raise FileRefused("Expected XML without a document type, but a part defines one.", reason="xml")


def _relationship(name: str, attributes: Attributes) -> None:
    if not name.endswith("Relationship") or attributes.get("TargetMode") != "External":
        return
    kind = attributes.get("Type", "").rpartition("/")[2]
    target = attributes.get("Target", "")
    if kind not in _FETCHED_ON_CLICK:
        raise FileRefused(
            f"Expected a document that is whole in itself, but it fetches a {kind} from elsewhere.", reason="external"
        )
    if not _DRIVE.match(target) and _scheme(target) not in _USUAL_SCHEMES:
        raise FileRefused("Expected links to pages and files, but one starts a program.", reason="external")


def _scheme(target: str) -> str:
    try:
        return urlsplit(target.strip()).scheme.lower()
    except ValueError:
        return ""  # no address at all: nothing opens it


def _content_type(_name: str, attributes: Attributes) -> None:
    if _MACRO_TYPES.search(attributes.get("ContentType", "")):
        raise _active("macros")


def _external_link(name: str, _attributes: Attributes) -> None:
    if name.endswith(" ddeLink"):
        raise _active("program")


def _event(name: str, _attributes: Attributes) -> None:
    if _EVENT.search(name) and "script" in name.lower():
        raise _active("macros")


def _active(reason: str) -> FileRefused:
    what = "macros" if reason == "macros" else "a program"
    return FileRefused(f"Expected a document without {what}, but it holds some.", reason=reason)


_XML: Final = (".rels", ".xml", ".vml", ".rdf", ".svg")
_LOOKS: Final = (
    (re.compile(r"\.rels$"), _relationship),
    (re.compile(r"^\[content_types\]\.xml$"), _content_type),
    (re.compile(r"^xl/externallinks/.*\.xml$"), _external_link),
    (re.compile(r"^(?:content|styles|settings)\.xml$|/content\.xml$"), _event),
)
"""Who looks at the elements of an XML part, by its name."""
