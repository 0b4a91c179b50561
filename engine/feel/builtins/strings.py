"""Functions of strings (DMN 1.5, 10.3.4.3); positions count characters from 1, or from the end with -1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.feel.environment import Run
from engine.feel.errors import LimitReached
from engine.feel.limits import MAX_STRING, TEXT_A_STEP
from engine.feel.numeric import Number, whole
from engine.feel.signatures import Library
from engine.feel.values import Value

LIBRARY: Final = Library()


@LIBRARY.add("substring", "string: string", "start position: number", "length?: number")
def substring(text: str, start: Number, length: Number | None = None) -> Value:
    """Return a part of a text."""
    place = whole(start)
    if place is None or place == 0 or abs(place) > len(text):
        return None
    first = place - 1 if place > 0 else len(text) + place
    if length is None:
        return text[first:]
    size = _floor(length)
    return None if size is None or size < 1 else text[first : first + size]


def _floor(number: Number) -> int | None:
    return whole(number // 1)


@LIBRARY.add("string length", "string: string")
def string_length(text: str) -> int:
    """Return how many characters a text has; a Thai vowel or tone mark above or below is one, too."""
    return len(text)


@LIBRARY.add("upper case", "string: string")
def upper_case(text: str) -> str:
    """Return a text in capitals."""
    return text.upper()


@LIBRARY.add("lower case", "string: string")
def lower_case(text: str) -> str:
    """Return a text in small letters."""
    return text.lower()


@LIBRARY.add("substring before", "string: string", "match: string")
def substring_before(text: str, match: str) -> str:
    """Return what stands before the first match; empty where there is none."""
    return text.partition(match)[0] if match and match in text else ""


@LIBRARY.add("substring after", "string: string", "match: string")
def substring_after(text: str, match: str) -> str:
    """Return what stands after the first match; empty where there is none."""
    return text if not match else text.partition(match)[2]


@LIBRARY.add("contains", "string: string", "match: string")
def contains(text: str, match: str) -> bool:
    """Tell whether a text holds another."""
    return match in text


@LIBRARY.add("starts with", "string: string", "match: string")
def starts_with(text: str, match: str) -> bool:
    """Tell whether a text begins with another."""
    return text.startswith(match)


@LIBRARY.add("ends with", "string: string", "match: string")
def ends_with(text: str, match: str) -> bool:
    """Tell whether a text ends with another."""
    return text.endswith(match)


@LIBRARY.add("string join", "list: list", "delimiter?: string | Null")
@LIBRARY.add("string join", "list: list", "delimiter: string | Null", "prefix: string | Null", "suffix: string | Null")
def string_join(
    run: Run, parts: Sequence[Value], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> Value:
    """Return the texts of a list as one, with a text between them; null items are left out."""
    if any(part is not None and not isinstance(part, str) for part in parts):
        return None
    found = [part for part in parts if part is not None]
    between = delimiter or ""
    size = sum(map(len, found)) + len(between) * len(found)
    run.spend(size // TEXT_A_STEP)
    if size > MAX_STRING:
        raise LimitReached(f"Expected a text of at most {MAX_STRING} characters, but the expression makes more")
    return f"{prefix or ''}{between.join(found)}{suffix or ''}"


@LIBRARY.add("trim", "string: string")
def trim(text: str) -> str:
    """Return a text without white space at its ends."""
    return text.strip()


@LIBRARY.add("is blank", "string: string")
def is_blank(text: str) -> bool:
    """Tell whether a text is empty or only white space."""
    return not text.strip()
