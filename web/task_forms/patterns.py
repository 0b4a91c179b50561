"""Regular expressions that administrators write into forms, held to a shape that cannot run away on hostile input."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PATTERN = 200
MAX_REPEATS = 3
MAX_TEXT = 256
_REPEAT = re.compile(r"(?<!\\)(?:\\\\)*[*+]|(?<!\\)(?:\\\\)*\{\d*,?\d*\}")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{\d)")
_LOOK_OR_BACK = re.compile(r"\(\?[=!<P]|\\[1-9]")


class UnsafePattern(Exception):
    """Expected a pattern that is surely quick, but this one may not be."""


@dataclass(frozen=True, slots=True)
class SafePattern:
    """A compiled pattern that must match the whole text, as `pattern` does in HTML."""

    text: str
    compiled: re.Pattern[str]

    @classmethod
    def compile(cls, text: str) -> SafePattern:
        """Check and compile a pattern.

        Raises:
            UnsafePattern: It is too long, repeats a group, looks around, refers back, or repeats too often.
        """
        if len(text) > MAX_PATTERN:
            raise UnsafePattern(f"Expected a pattern of at most {MAX_PATTERN} characters, but it has {len(text)}.")
        plain = re.sub(r"(?<!\\)\[(?:\\.|[^\]\\])*\]", "x", text)  # inside brackets nothing repeats
        if _REPEATED_GROUP.search(plain) or _LOOK_OR_BACK.search(plain):
            raise UnsafePattern(
                f"Expected a pattern without repeated groups, look-around or back references, but: {text}"
            )
        if len(_REPEAT.findall(plain)) > MAX_REPEATS:
            raise UnsafePattern(f"Expected at most {MAX_REPEATS} repetitions in a pattern, but found more: {text}")
        try:
            return cls(text, re.compile(text))
        except re.error as error:
            raise UnsafePattern(f"Expected a regular expression, but {error}: {text}") from error

    def matches(self, value: str) -> bool:
        """Tell whether the whole text matches; a text longer than any code or number we ask for does not."""
        return len(value) <= MAX_TEXT and self.compiled.fullmatch(value) is not None
