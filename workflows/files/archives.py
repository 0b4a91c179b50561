"""A ZIP archive that nobody trusts: read where it stands, counted while it is unpacked, never written out."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final

from typing_extensions import Buffer

from workflows.files.errors import FileRefused
from workflows.files.limits import CHUNK, Budget, too_much

START: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_LONGEST_COMMENT: Final = 65_535
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_SLACK: Final = 4_096  # bytes between the entries that nothing tells about: data descriptors, padding
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """The entries of an archive; opening it refuses what no document needs."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        """Read and check the table of contents.

        Raises:
            FileRefused: It is broken, too large, encrypted, holds links or names that lead out of it, or is two kinds
                of file at once.
        """
        self._file = file
        self._budget = budget
        size = file.seek(0, 2)
        budget.enter(_promised(file, size))
        try:
            with zipfile.ZipFile(_Guarded(file, budget.limits.directory_bytes)) as package:
                self.entries = package.infolist()
                start_of_directory = package.start_dir
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, struct.error) as error:
            raise broken("its table of contents cannot be read") from error
        if len(self.entries) > budget.limits.entries:
            raise too_much(f"it has {len(self.entries)} parts")
        self._check_entries()
        self._check_layout(start_of_directory)

    def content(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """Unpack an entry, a piece at a time; what comes out is counted, not what the archive says of itself.

        Raises:
            FileRefused: It unpacks to too much, to another size or checksum than it claims, or not at all.
        """
        size = checksum = 0
        try:
            for piece in self._pieces(entry):
                self._budget.unpack(len(piece))
                size += len(piece)
                checksum = zlib.crc32(piece, checksum)
                yield piece
        except (zlib.error, struct.error) as error:
            raise broken(f"its part {entry.filename!r} cannot be unpacked") from error
        if size != entry.file_size or checksum != entry.CRC:
            raise broken(f"its part {entry.filename!r} is not what the archive says")

    def _pieces(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        at = self._data_of(entry)
        left = entry.compress_size
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        stored = entry.compress_type == zipfile.ZIP_STORED
        waiting = b""
        while left or not (stored or inflate.eof):
            if not waiting:
                self._file.seek(at)
                waiting = self._file.read(min(left, CHUNK))
                at, left = at + len(waiting), left - len(waiting)
                if not waiting:
                    raise broken(f"its part {entry.filename!r} ends in the middle")
            if stored:
                yield waiting
                waiting = b""
                continue
            piece = inflate.decompress(waiting, CHUNK)
            waiting = inflate.unconsumed_tail
            while piece:
                yield piece
                piece = b"" if waiting else inflate.decompress(b"", CHUNK)
            if inflate.eof and (left or inflate.unused_data):
                raise broken(f"its part {entry.filename!r} goes on after its end")

    def _data_of(self, entry: zipfile.ZipInfo) -> int:
        self._file.seek(entry.header_offset)
        raw = self._file.read(_LOCAL.size)
        head = _LOCAL.unpack(raw) if len(raw) == _LOCAL.size else (b"",)
        if head[0] != START:
            raise broken(f"its part {entry.filename!r} is not where the archive says")
        if head[2] & _ENCRYPTED or head[3] != entry.compress_type:
            raise broken(f"its part {entry.filename!r} contradicts the table of contents")
        return entry.header_offset + _LOCAL.size + int(head[9]) + int(head[10])

    def _check_entries(self) -> None:
        seen: set[str] = set()
        for entry in self.entries:
            name = entry.orig_filename
            parts = name.removesuffix("/").split("/")
            if not name or any(part in ("", ".", "..") for part in parts) or any(_is_odd(char) for char in name):
                raise FileRefused("Expected plain names in the archive, but one leads out of it.", reason="names")
            if name.lower() in seen:
                raise FileRefused("Expected each part once in the archive, but one is there twice.", reason="names")
            seen.add(name.lower())
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise FileRefused("Expected no links in the archive, but there is one.", reason="names")
            if entry.flag_bits & _ENCRYPTED:
                raise FileRefused("Expected a document without a password, but it has one.", reason="encrypted")
            if entry.compress_type not in _METHODS:
                raise broken(f"its part {entry.filename!r} is packed by an unknown method")

    def _check_layout(self, start_of_directory: int) -> None:
        """Refuse parts that share bytes, and bytes that belong to no part: the archive is then something else too."""
        end = hidden = 0
        for entry in sorted(self.entries, key=lambda entry: entry.header_offset):
            hidden += entry.header_offset - end
            if entry.header_offset < end:
                raise too_much("several of its parts are the same bytes")
            if end == 0 and hidden:
                raise mixed()
            end = self._data_of(entry) + entry.compress_size
        if end > start_of_directory:
            raise broken("its parts do not fit into it")
        if hidden + start_of_directory - end > _SLACK + 24 * len(self.entries):
            raise mixed()


class _Guarded:
    """A file of which no more than so much may be read at once: the table of contents is read in one piece."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = max(most, _LONGEST_COMMENT + _END_SIZE)
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise too_much(f"its table of contents has {size} bytes")
        return self._file.read(size)


def _promised(file: IO[bytes], size: int) -> int:
    """Return how many entries the end of the archive promises; nothing may stand behind that end."""
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = file.read(_END_SIZE + _LONGEST_COMMENT)
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_SIZE:
        raise broken("it has no end")
    if len(tail) - end != _END_SIZE:
        raise mixed()
    (count,) = struct.unpack_from("<H", tail, end + 10)
    return int(count)


def ends_as_archive(tail: Buffer) -> bool:
    """Tell whether a file that is something else could be opened as an archive too."""
    found = bytes(tail)
    return _END in found and b"PK\x01\x02" in found


def broken(why: str) -> FileRefused:
    """Return the refusal of an archive that cannot be read."""
    return FileRefused(f"Expected a readable document, but {why}.", reason="broken")


def mixed() -> FileRefused:
    """Return the refusal of what is two kinds of file at once."""
    return FileRefused("Expected one kind of file, but it is two at once.", reason="mixed")


def _is_odd(char: str) -> bool:
    return char in "\\:" or not char.isprintable()
