"""The kinds of files that may be accepted: media type, ending, and what browsers say they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
_ODF: Final = "application/vnd.oasis.opendocument"
PDF: Final = "application/pdf"
DOCX: Final = f"{_OPEN_XML}.wordprocessingml.document"
XLSX: Final = f"{_OPEN_XML}.spreadsheetml.sheet"
PPTX: Final = f"{_OPEN_XML}.presentationml.presentation"
ODT: Final = f"{_ODF}.text"
ODS: Final = f"{_ODF}.spreadsheet"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"

_UNDECIDED: Final = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/force-download", "application/x-download"}
)
"""What browsers say of a file that their machine does not know."""
_ZIPPED: Final = frozenset({"application/zip", "application/x-zip", "application/x-zip-compressed"})
_ENDING: Final = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,9})$")


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind; `name` is the setting's word for it, `called` what people call it."""

    name: str
    media_type: str
    endings: tuple[str, ...]
    called: str
    declared_as: frozenset[str] = frozenset()  # beside its own media type

    @property
    def ending(self) -> str:
        """The ending that its files are given."""
        return self.endings[0]

    def fits_name(self, name: str) -> bool:
        """Tell whether a file name does not pretend to be of another kind; one without an ending pretends nothing."""
        found = _ENDING.search(name.rstrip(" ."))
        return found is None or f".{found[1].lower()}" in self.endings

    def fits_declaration(self, declared: str) -> bool:
        """Tell whether the type that a browser gives does not contradict the content."""
        said = declared.partition(";")[0].strip().lower()
        return said == self.media_type or said in _UNDECIDED or said in self.declared_as


KINDS: Final = tuple(
    FileKind(name, media_type, endings, called, frozenset(said))
    for name, media_type, endings, called, said in (
        ("pdf", PDF, (".pdf",), "PDF", {"application/x-pdf"}),
        ("docx", DOCX, (".docx",), "Word (.docx)", {"application/msword", *_ZIPPED}),
        ("xlsx", XLSX, (".xlsx",), "Excel (.xlsx)", {"application/vnd.ms-excel", *_ZIPPED}),
        ("pptx", PPTX, (".pptx",), "PowerPoint (.pptx)", {"application/vnd.ms-powerpoint", *_ZIPPED}),
        ("odt", ODT, (".odt",), "OpenDocument (.odt)", _ZIPPED),
        ("ods", ODS, (".ods",), "OpenDocument (.ods)", _ZIPPED),
        ("png", PNG, (".png",), "PNG", {"image/x-png"}),
        ("jpg", JPEG, (".jpg", ".jpeg"), "JPEG", {"image/pjpeg", "image/jpg"}),
    )
)
KIND_OF_TYPE: Final = {kind.media_type: kind for kind in KINDS}
KIND_NAMES: Final = tuple(kind.name for kind in KINDS)
USUAL: Final = ("pdf", "docx", "xlsx")
"""What is accepted unless an installation says otherwise."""


def chosen_kinds(names: tuple[str, ...]) -> tuple[FileKind, ...]:
    """Return the kinds of these names in the order of the table."""
    return tuple(kind for kind in KINDS if kind.name in names)
