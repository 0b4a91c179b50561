"""How many pixels a picture has, read from its first bytes: a small file may unfold and fill a memory."""

from __future__ import annotations

import struct
from typing import Final

from workflows.files.limits import Limits, too_much

PNG_START: Final = b"\x89PNG\r\n\x1a\n"
JPEG_START: Final = b"\xff\xd8\xff"
_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the frame headers among JPEG's markers
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


def check_pixels(start: bytes, limits: Limits) -> None:
    """Refuse a PNG or JPEG picture with too many pixels; anything else is let be.

    Raises:
        FileRefused: It has too many.
    """
    size = size_of(start)
    if size is not None and size[0] * size[1] > limits.pixels:
        raise too_much(f"a picture has {size[0]} × {size[1]} pixels")


def size_of(start: bytes) -> tuple[int, int] | None:
    """Return width and height as the first bytes tell; None when they do not."""
    if start.startswith(PNG_START):
        return struct.unpack_from(">II", start, 16) if start[12:16] == b"IHDR" and len(start) >= 24 else None  # noqa: PLR2004 (where the header ends)
    if start.startswith(JPEG_START):
        return _size_of_jpeg(start)
    return None


def _size_of_jpeg(start: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(start) and start[at] == 0xFF:  # noqa: PLR2004 (every marker begins so)
        marker = start[at + 1]
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", start, at + 5)
            return width, height
        if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 (filling)
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        at += 2 + struct.unpack_from(">H", start, at + 2)[0]
    return None
