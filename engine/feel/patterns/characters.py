"""Sets of characters in a pattern: single ones, ranges, escapes, categories and blocks of Unicode."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final


class PatternError(ValueError):
    """Expected a regular expression of XPath, but the text is none."""


CharacterSet = Callable[[str], bool]

# Blocks that people write; a name that is not among them is refused, not guessed.
_BLOCKS: Final = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Bengali": (0x0980, 0x09FF),
    "Tamil": (0x0B80, 0x0BFF),
    "Thai": (0x0E00, 0x0E7F),
    "Lao": (0x0E80, 0x0EFF),
    "Tibetan": (0x0F00, 0x0FFF),
    "Myanmar": (0x1000, 0x109F),
    "Khmer": (0x1780, 0x17FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "BoxDrawing": (0x2500, 0x257F),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
}
_CATEGORIES: Final = frozenset(["L", "M", "N", "P", "Z", "S", "C"]) | frozenset(
    [
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "Mn",
        "Mc",
        "Me",
        "Nd",
        "Nl",
        "No",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Zs",
        "Zl",
        "Zp",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)
_NAME_START: Final = re.compile(
    "[:A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)
_NAME_MORE: Final = re.compile("[-.0-9\u00b7\u0300-\u036f\u203f\u2040]")


def one(character: str, *, any_case: bool) -> CharacterSet:
    """Return the set of one character."""
    if any_case:
        folded = character.casefold()
        return lambda found: found == character or found.casefold() == folded
    return lambda found: found == character


def between(first: str, last: str, *, any_case: bool) -> CharacterSet:
    """Return the set of a range of characters."""
    if first > last:
        raise PatternError(f"Expected a range of characters, but {first}-{last} runs backwards.")
    if any_case:
        return lambda found: any(first <= form <= last for form in (found, found.lower(), found.upper()))
    return lambda found: first <= found <= last


def union(parts: Sequence[CharacterSet]) -> CharacterSet:
    """Return the set of what is in one of several."""
    if len(parts) == 1:
        return parts[0]
    return lambda found: any(part(found) for part in parts)


def without(part: CharacterSet, other: CharacterSet) -> CharacterSet:
    """Return the set of what is in the first and not in the second."""
    return lambda found: part(found) and not other(found)


def outside(part: CharacterSet) -> CharacterSet:
    """Return the set of everything else."""
    return lambda found: not part(found)


def category(name: str) -> CharacterSet:
    """Return the characters of a Unicode category (`Lu`, `L`) or block (`IsThai`)."""
    if name.startswith("Is"):
        block = _BLOCKS.get(name[2:])
        if block is None:
            raise PatternError(f"Expected a block of Unicode, but {name!r} is none that is known.")
        first, last = block
        return lambda found: first <= ord(found) <= last
    if name not in _CATEGORIES:
        raise PatternError(f"Expected a category of Unicode, but {name!r} is none.")
    return lambda found: unicodedata.category(found).startswith(name)


def _is_word(found: str) -> bool:
    return unicodedata.category(found)[0] not in "PZC"


def _is_name_character(found: str) -> bool:
    return _NAME_START.match(found) is not None or _NAME_MORE.match(found) is not None


ESCAPES: Final[dict[str, CharacterSet]] = {
    "s": lambda found: found in " \t\n\r",
    "d": lambda found: unicodedata.category(found) == "Nd",
    "w": _is_word,
    "i": lambda found: _NAME_START.match(found) is not None,
    "c": _is_name_character,
}
ESCAPES.update({name.upper(): outside(part) for name, part in list(ESCAPES.items())})
SINGLE: Final = {"n": "\n", "r": "\r", "t": "\t", **{sign: sign for sign in "\\|.?*+(){}-[]^$"}}


def any_but_line_end(found: str) -> bool:
    """Tell whether `.` matches a character."""
    return found not in "\n\r"


def anything(_: str) -> bool:
    """Tell whether `.` matches a character with the flag `s`."""
    return True
