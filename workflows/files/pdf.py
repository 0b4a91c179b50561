"""PDF files: read once from end to end, in pieces, for what acts by itself when somebody opens them."""

from __future__ import annotations

import re
import zlib
from typing import IO, Final

from workflows.files.archives import ends_as_archive, mixed
from workflows.files.errors import FileRefused
from workflows.files.limits import CHUNK, MEGABYTE, Limits, too_much

START: Final = b"%PDF-"
_PIECE: Final = MEGABYTE
_DICTIONARY: Final = 4_096  # the longest dictionary of an object stream, before and behind its type
_OVERLAP: Final = 3 * _DICTIONARY
_TAIL: Final = 70_000
_MOST_OBJECT_BYTES: Final = 64 * MEGABYTE  # unpacked, of all object streams together


def _spelled(name: str) -> str:
    """Return a pattern of a PDF name; any sign of it may be written as # and two digits."""
    signs = (f"(?:{re.escape(sign)}|#{ord(sign):02x}|#{ord(sign):02X})" for sign in name)
    return "/" + "".join(signs) + r"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)"


def _any_of(*names: str) -> re.Pattern[bytes]:
    return re.compile("|".join(_spelled(name) for name in names).encode("ascii"))


_HARMFUL: Final = (
    ("script", _any_of("JavaScript", "SubmitForm", "ImportData"), "a PDF without scripts and forms that send"),
    ("program", _any_of("Launch", "RichMedia", "EmbeddedFile", "EmbeddedFiles", "GoToE"), "a PDF without attachments"),
    ("encrypted", _any_of("Encrypt"), "a PDF without a password or restrictions"),
)
_OBJECT_STREAM: Final = _any_of("ObjStm")
_BEGIN: Final = re.compile(rb"[0-9]\s+obj\b")
_PACKED: Final = re.compile(rb"/Filter\s*\[?\s*/(?:FlateDecode|Fl)\s*\]?\s*(?=[/>])")
_FORBIDDEN_THERE: Final = re.compile(rb"[()%#]|/DecodeParms|/DP\b|/F\s")


def check_pdf(file: IO[bytes], size: int, limits: Limits) -> None:
    """Look through a PDF file.

    Names of actions are found wherever they stand: in plain objects, in object streams (which are unpacked, counted),
    spelled with escapes. What cannot be looked into is refused: encrypted files, object streams packed in an unusual
    way.

    Raises:
        FileRefused: It has no end, is an archive too, or holds scripts, programs, attachments or encryption.
    """
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    if b"%%EOF" not in tail:
        raise FileRefused("Expected a whole PDF file, but its end is missing.", reason="broken")
    if ends_as_archive(tail):
        raise mixed()
    done = looked = unpacked = 0
    window = b""
    while done < size:
        file.seek(done)
        piece = file.read(_PIECE)
        if not piece:
            break
        window = window[-_OVERLAP:] + piece
        done += len(piece)
        _refuse_harmful(window)
        begin = done - len(window)
        until = len(window) if done >= size else len(window) - _DICTIONARY
        for found in _OBJECT_STREAM.finditer(window, max(0, looked - begin), max(0, until)):
            unpacked += _check_object_stream(file, begin + _data_of(window, found.start()), limits)
            if unpacked > _MOST_OBJECT_BYTES:
                raise too_much("its objects unpack to far too much")
        looked = begin + max(0, until)


def _data_of(window: bytes, at: int) -> int:
    """Return where the data of an object stream begin whose type stands here.

    Its dictionary holds no texts and no comments, so that what looks like its begin, its end and its filter is just
    that; one that does is hiding something.
    """
    before = window[max(0, at - _DICTIONARY) : at]
    begins = [found.end() for found in _BEGIN.finditer(before)]
    end = window.find(b"stream", at, at + _DICTIONARY)
    if not begins or end < 0:
        raise _hidden()
    dictionary = before[begins[-1] :] + window[at:end]
    plain = dictionary.count(b"/Filter") == 1 and _PACKED.search(dictionary)
    if not plain or _FORBIDDEN_THERE.search(dictionary.replace(window[at : at + 7], b"", 1)):
        raise _hidden()
    return end + len(b"stream")


def _check_object_stream(file: IO[bytes], start: int, limits: Limits) -> int:
    """Unpack an object stream and look through it; returns how much it was."""
    file.seek(start)
    inflate = zlib.decompressobj()
    size = 0
    kept = b""
    waiting = file.read(CHUNK).lstrip(b" \t\r\n")
    while not inflate.eof:
        waiting = waiting or file.read(CHUNK)
        if not waiting:
            raise _hidden()
        try:
            piece = inflate.decompress(waiting, CHUNK)
        except zlib.error as error:
            raise _hidden() from error
        waiting = inflate.unconsumed_tail
        size += len(piece)
        if size > min(_MOST_OBJECT_BYTES, limits.unpacked_bytes):
            raise too_much("its objects unpack to far too much")
        _refuse_harmful(kept + piece)
        kept = (kept + piece)[-128:]
    return size


def _refuse_harmful(text: bytes) -> None:
    for reason, sought, without in _HARMFUL:
        if sought.search(text):
            raise FileRefused(f"Expected {without}, but it has some.", reason=reason)


def _hidden() -> FileRefused:
    return FileRefused("Expected a PDF that can be looked into, but objects of it are hidden.", reason="hidden")
