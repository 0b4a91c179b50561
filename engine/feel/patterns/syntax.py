"""The text of a pattern as a tree (XPath 3.1, 5.6.1): characters, groups, choices, repetitions, anchors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.feel.patterns import characters
from engine.feel.patterns.characters import ESCAPES, SINGLE, CharacterSet, PatternError

_MAX_REPEAT: Final = 1_000
_MAX_DEPTH: Final = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a pattern."""


@dataclass(frozen=True, slots=True)
class Character(Part):
    """One character of a set."""

    among: CharacterSet


@dataclass(frozen=True, slots=True)
class Sequence(Part):
    """Parts one after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice(Part):
    """One of several, the first that fits."""

    branches: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat(Part):
    """A part several times; `most` is None without an end."""

    part: Part
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group(Part):
    """A part that is remembered by its number."""

    part: Part
    number: int


@dataclass(frozen=True, slots=True)
class Anchor(Part):
    """`^` or `$`; with `lines`, of each line."""

    sign: str
    lines: bool


@dataclass(frozen=True, slots=True)
class Backreference(Part):
    """The same text again that a group has matched."""

    number: int
    any_case: bool


class Reader:
    """Reads a pattern."""

    def __init__(self, text: str, flags: str) -> None:
        self._text = _without_blanks(text) if "x" in flags else text
        self._any_case, self._dot_all, self._lines = "i" in flags, "s" in flags, "m" in flags
        self._at = 0
        self._depth = 0
        self.groups = 0
        self._open: set[int] = set()

    def pattern(self) -> Part:
        """Read all of it.

        Raises:
            PatternError: It is none.
        """
        found = self._choice()
        if self._at < len(self._text):
            raise PatternError(f"Expected the end of the pattern, but got {self._text[self._at]!r}.")
        return found

    def _peek(self, ahead: int = 0) -> str:
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _take(self) -> str:
        sign = self._peek()
        if not sign:
            raise PatternError("Expected more of the pattern, but it ends.")
        self._at += 1
        return sign

    def _accept(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        if found:
            self._at += len(text)
        return found

    def _choice(self) -> Part:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise PatternError(f"Expected at most {_MAX_DEPTH} groups within each other.")
        branches = [self._branch()]
        while self._accept("|"):
            branches.append(self._branch())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _branch(self) -> Part:
        parts: list[Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, part: Part) -> Part:
        sign = self._peek()
        bounds: tuple[int, int | None] | None = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(sign)
        if bounds is not None:
            self._at += 1
        elif sign == "{":
            bounds = self._bounds()
        if bounds is None:
            return part
        greedy = not self._accept("?")
        if self._peek() in ("?", "*", "+", "{") and self._peek():
            raise PatternError("Expected one repetition, but got two.")
        return Repeat(part, bounds[0], bounds[1], greedy)

    def _bounds(self) -> tuple[int, int | None]:
        end = self._text.find("}", self._at)
        least, comma, most = self._text[self._at + 1 : end].partition(",")
        if end < 0 or not _is_count(least) or (most and not _is_count(most)):
            raise PatternError("Expected a number of repetitions such as {2} or {1,3}.")
        self._at = end + 1
        low = int(least)
        high = low if not comma else int(most) if most else None
        if low > _MAX_REPEAT or (high is not None and not low <= high <= _MAX_REPEAT):
            raise PatternError(f"Expected at most {_MAX_REPEAT} repetitions, the smaller number first.")
        return low, high

    def _atom(self) -> Part:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return Character(self._class())
        if sign == "\\":
            return self._escape()
        if sign == ".":
            return Character(characters.anything if self._dot_all else characters.any_but_line_end)
        if sign in "^$":
            return Anchor(sign, self._lines)
        if sign in "?*+{}]":
            raise PatternError(f"Expected a character, but got {sign!r}.")
        return Character(characters.one(sign, any_case=self._any_case))

    def _group(self) -> Part:
        number = 0
        if not self._accept("?:"):
            self.groups += 1
            number = self.groups
            self._open.add(number)
        inner = self._choice()
        if not self._accept(")"):
            raise PatternError("Expected the group to end with ')', but it has no end.")
        self._open.discard(number)
        return Group(inner, number) if number else inner

    def _escape(self) -> Part:
        if self._peek().isascii() and self._peek().isdigit():
            return self._backreference()
        return Character(self._escaped())

    def _backreference(self) -> Part:
        number = int(self._take())
        while self._peek().isascii() and self._peek().isdigit() and number * 10 + int(self._peek()) <= self.groups:
            number = number * 10 + int(self._take())
        if not 1 <= number <= self.groups or number in self._open:
            raise PatternError(f"Expected a group that ends before it is referred to, but there is no group {number}.")
        return Backreference(number, self._any_case)

    def _escaped(self) -> CharacterSet:
        sign = self._take()
        if sign in SINGLE:
            return characters.one(SINGLE[sign], any_case=self._any_case)
        if sign in ESCAPES:
            return ESCAPES[sign]
        if sign in "pP" and self._accept("{"):
            end = self._text.find("}", self._at)
            if end < 0:
                raise PatternError("Expected a category of Unicode between braces.")
            found = characters.category(self._text[self._at : end])
            self._at = end + 1
            return found if sign == "p" else characters.outside(found)
        raise PatternError(f"Expected an escape of XPath, but got \\{sign}.")

    # -- character classes --------------------------------------------------------------------------------------------

    def _class(self) -> CharacterSet:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise PatternError(f"Expected at most {_MAX_DEPTH} classes within each other.")
        negated = self._accept("^")
        parts: list[CharacterSet] = []
        removed: CharacterSet | None = None
        while not self._accept("]"):
            if parts and self._accept("-["):
                removed = self._class()
                if not self._accept("]"):
                    raise PatternError("Expected ']' after what is taken away from a class.")
                break
            parts.append(self._member(is_first=not parts))
        if not parts:
            raise PatternError("Expected characters between brackets, but there are none.")
        self._depth -= 1
        found = characters.outside(characters.union(parts)) if negated else characters.union(parts)
        return found if removed is None else characters.without(found, removed)

    def _member(self, *, is_first: bool) -> CharacterSet:
        first = self._single(is_first=is_first)
        if not isinstance(first, str):
            return first
        if self._peek() == "-" and self._peek(1) not in ("]", "["):
            self._at += 1
            last = self._single(is_first=False)
            if not isinstance(last, str):
                raise PatternError("Expected a character at the end of a range.")
            return characters.between(first, last, any_case=self._any_case)
        return characters.one(first, any_case=self._any_case)

    def _single(self, *, is_first: bool) -> str | CharacterSet:
        """Read one character of a class, or an escape that means a set."""
        sign = self._take()
        if sign == "\\":
            if self._peek() in SINGLE and self._peek():
                return SINGLE[self._take()]
            return self._escaped()
        if sign == "[" or (sign == "-" and not is_first and self._peek() != "]"):
            raise PatternError(f"Expected a character in a class, but got {sign!r}.")
        return sign


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6  # noqa: PLR2004 - more is refused anyhow


def _without_blanks(text: str) -> str:
    """Leave white space out, but within a character class (flag `x`)."""
    kept: list[str] = []
    depth, escaped = 0, False
    for sign in text:
        if sign in " \t\n\r" and depth == 0:
            continue
        if not escaped:
            depth += {"[": 1, "]": -1}.get(sign, 0)
        escaped = sign == "\\" and not escaped
        kept.append(sign)
    return "".join(kept)
