"""How large and how deep a file may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workflows.files.errors import FileRefused

MEGABYTE: Final = 1024 * 1024
CHUNK: Final = 64 * 1024
"""Bytes that are held of a file at a time, packed or unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one file."""

    file_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 500 * MEGABYTE  # of an archive with all that is in it, counted while it is unpacked
    entries: int = 5_000  # in all archives of the file together
    directory_bytes: int = MEGABYTE  # of the table of contents of an archive
    ratio: int = 250  # unpacked to packed; asked from `ratio_from` on, because a small document may be all spaces
    ratio_from: int = 32 * MEGABYTE
    depth: int = 3  # documents in documents
    nested_bytes: int = 16 * MEGABYTE  # of a document in a document, which is held in memory
    pixels: int = 100_000_000  # of a picture


@dataclass(slots=True)
class Budget:
    """What the archives of one file have unpacked so far."""

    limits: Limits
    packed: int
    unpacked: int = 0
    entries: int = 0

    def unpack(self, size: int) -> None:
        """Count unpacked bytes.

        Raises:
            FileRefused: They are too many, or too many for so small a file.
        """
        self.unpacked += size
        many = self.unpacked > self.limits.unpacked_bytes
        if many or (self.unpacked > self.limits.ratio_from and self.unpacked > self.packed * self.limits.ratio):
            raise too_much(f"it unpacks to more than {self.unpacked - 1} bytes")

    def enter(self, count: int) -> None:
        """Count entries of an archive.

        Raises:
            FileRefused: They are too many.
        """
        self.entries += count
        if self.entries > self.limits.entries:
            raise too_much(f"it has {self.entries} parts")


def too_much(what: str) -> FileRefused:
    """Return the refusal of what is far larger than a document needs."""
    return FileRefused(f"Expected a document of ordinary size, but {what}.", reason="unpacks_too_large")
