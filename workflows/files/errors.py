"""What the room of files refuses, and what keeps it from deciding."""

from __future__ import annotations

from workflows.errors import DomainError


class FileRefused(DomainError):
    """Expected a document of an accepted kind within the limits, but the content is something else."""

    code = "file_refused"


class ScannerUnavailable(DomainError):
    """Expected the virus scanner to answer, but it does not; nothing was accepted."""

    code = "scanner_unavailable"


class StoreFull(DomainError):
    """Expected room on the disk of the files, but there is none; nothing was accepted."""

    code = "store_full"


class FileGone(Exception):
    """Expected the stored bytes of a file, but they are gone: the store was damaged, or is not the right one."""
