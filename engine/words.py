"""Texts as they are searched: what looks or is typed alike is the same, in Thai and in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ESCAPE: Final = "\\"
"""Stands before `%` and `_` in a pattern that means them."""

# Thai digits are read as the others; two SARA E typed for one SARA AE look exactly like it.
_SAME: Final = str.maketrans({chr(0x0E50 + digit): str(digit) for digit in range(10)})
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\\x00-\\x08\\x0e-\\x1f\\x7f]")
_TONE_AFTER_NIKHAHIT: Final = re.compile("\u0e4d([\u0e48-\u0e4b])")


def fold(text: str) -> str:
    """Return a text as it is searched.

    One form of composed letters (NFKC; a SARA AM in two parts, its tone mark before or after), no case, Arabic for Thai
    digits, one space for each gap, nothing invisible.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().translate(_SAME)
    plain = _TONE_AFTER_NIKHAHIT.sub("\\1\u0e4d", plain).replace("เเ", "แ")
    return " ".join(plain.split())


def pattern(text: str) -> str:
    """Return the LIKE pattern of a folded text anywhere, with `ESCAPE`."""
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, f"{ESCAPE}{sign}")
    return f"%{text}%"


def phrase(text: str) -> str:
    """Return a folded text as a phrase of SQLite's FTS5, in which no sign is an operator."""
    return '"' + text.replace('"', '""') + '"'
