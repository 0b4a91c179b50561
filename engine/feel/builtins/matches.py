"""Functions of strings that take a regular expression: matches, replace, split, extract (DMN 1.5, 10.3.4.3)."""

from __future__ import annotations

import re
from typing import Final

from engine.feel.environment import Run
from engine.feel.errors import LimitReached
from engine.feel.limits import MAX_STRING, TEXT_A_STEP
from engine.feel.patterns import Match, compile_pattern
from engine.feel.signatures import Library
from engine.feel.values import Value

LIBRARY: Final = Library()

_REPLACEMENT: Final = re.compile(r"\\([\\$])|\$([0-9]+)|([\\$])|([^\\$]+)")


@LIBRARY.add("matches", "input: string", "pattern: string", "flags?: string | Null")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    """Tell whether a pattern matches anywhere in a text."""
    return compile_pattern(pattern, flags or "").search(text, 0, run.spend) is not None


@LIBRARY.add("replace", "input: string", "pattern: string", "replacement: string", "flags?: string | Null")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    """Return a text with every match replaced; `$1` stands for a group, `$0` for the match."""
    compiled = compile_pattern(pattern, flags or "")
    if compiled.search("", 0, run.spend) is not None:
        return None  # nothing would be replaced endlessly often
    parts = [(replacement, None)] if "q" in (flags or "") else _parts(replacement, compiled.groups)
    if parts is None:
        return None
    made: list[str] = []
    size, last = 0, 0
    for match in compiled.matches(text, run.spend):
        piece = text[last : match.start] + "".join(_filled(part, match, text) for part in parts)
        size, last = size + len(piece), match.end
        run.spend(len(piece) // TEXT_A_STEP)
        if size > MAX_STRING:
            raise LimitReached(f"Expected a text of at most {MAX_STRING} characters, but the expression makes more")
        made.append(piece)
    return "".join(made) + text[last:]


@LIBRARY.add("split", "string: string", "delimiter: string")
def split(run: Run, text: str, delimiter: str) -> Value:
    """Return the parts of a text between matches of a pattern."""
    compiled = compile_pattern(delimiter)
    if compiled.search("", 0, run.spend) is not None:
        return None
    parts, last = [], 0
    for match in compiled.matches(text, run.spend):
        parts.append(text[last : match.start])
        last = match.end
    return [*parts, text[last:]]


@LIBRARY.add("extract", "string: string", "pattern: string")
def extract(run: Run, text: str, pattern: str) -> Value:
    """Return every match of a pattern."""
    return [text[match.start : match.end] for match in compile_pattern(pattern).matches(text, run.spend)]


def _parts(replacement: str, groups: int) -> list[tuple[str, int | None]] | None:
    """Return a replacement as texts and numbers of groups; None if a sign in it means nothing."""
    parts: list[tuple[str, int | None]] = []
    for found in _REPLACEMENT.finditer(replacement):
        escaped, digits, stray, plain = found.groups()
        if stray:
            return None
        if digits:
            number, rest = _group(digits, groups)
            parts.append(("", number))
            parts.append((rest, None))
        else:
            parts.append((escaped or plain, None))
    return parts


def _group(digits: str, groups: int) -> tuple[int, str]:
    """Return the longest number of a group that exists, and the digits behind it."""
    for size in range(min(len(digits), 4), 1, -1):
        if int(digits[:size]) <= groups:
            return int(digits[:size]), digits[size:]
    return int(digits[0]), digits[1:]


def _filled(part: tuple[str, int | None], match: Match, text: str) -> str:
    plain, number = part
    if number is None:
        return plain
    group = match.groups[number] if number < len(match.groups) else None
    return "" if group is None else text[group[0] : group[1]]
