"""Patterns as small programs, and the machine that runs them: each place of program and text is tried once.

Backtracking that remembers where it failed finds what every engine with greedy and lazy repetitions finds, in at most
pattern times text steps; only back-references need more, and are held by the limit on steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from engine.feel.limits import TEXT_A_STEP
from engine.feel.patterns.characters import PatternError
from engine.feel.patterns.syntax import (
    Anchor,
    Backreference,
    Character,
    Choice,
    Group,
    Part,
    Reader,
    Repeat,
    Sequence,
)

_MAX_PROGRAM: Final = 5_000
_BATCH: Final = 256  # steps between two looks at the limit
_FLAGS: Final = frozenset("smixq")
_META: Final = frozenset("\\|.?*+(){}[]^$")


class Op(IntEnum):
    """What the machine does."""

    CHARACTER = 0
    SPLIT = 1
    JUMP = 2
    SAVE = 3
    ANCHOR = 4
    AGAIN = 5
    DONE = 6


Instruction = tuple[Op, Any, Any]
Spend = Callable[[int], None]


class Match(NamedTuple):
    """Where a pattern matches; `groups` are starts and ends by number, the whole first."""

    start: int
    end: int
    groups: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `literal` is set where it is plain text."""

    program: tuple[Instruction, ...]
    groups: int
    remembers: bool
    literal: str | None = None

    def search(self, text: str, start: int, spend: Spend) -> Match | None:
        """Return the first match from a place on; every so many steps are told to `spend`."""
        if self.literal is not None:
            found = text.find(self.literal, start)
            spend(1 + ((found if found >= 0 else len(text)) - start) // TEXT_A_STEP)
            return None if found < 0 else Match(found, found + len(self.literal), ((found, found + len(self.literal)),))
        seen: set[int] | None = None if self.remembers else set()
        for at in range(start, len(text) + 1):
            slots = self._run(text, at, seen, spend)
            if slots is not None:
                pairs = zip(slots[::2], slots[1::2], strict=True)
                groups = tuple((first, last) if last >= 0 else None for first, last in pairs)
                return Match(slots[0], slots[1], groups)
        return None

    def matches(self, text: str, spend: Spend) -> Iterator[Match]:
        """Yield every match, none overlapping another."""
        at = 0
        while at <= len(text):
            found = self.search(text, at, spend)
            if found is None:
                return
            yield found
            at = found.end if found.end > found.start else found.end + 1

    def _run(  # noqa: C901, PLR0912 - one loop is what makes it quick
        self, text: str, start: int, seen: set[int] | None, spend: Spend
    ) -> list[int] | None:
        """Try at one place; return where the groups begin and end."""
        program, width = self.program, len(self.program)
        slots = [-1] * (2 * (self.groups + 1))
        stack: list[tuple[int, int, int]] = [(0, start, -1)]
        steps = 0
        while stack:
            at, place, restored = stack.pop()
            if restored >= 0:
                slots[restored] = place  # an older value, on the way back
                continue
            while True:
                steps += 1
                if steps == _BATCH:
                    spend(steps)
                    steps = 0
                if seen is not None:
                    key = place * width + at
                    if key in seen:
                        break
                    seen.add(key)
                op, first, second = program[at]
                if op is Op.CHARACTER:
                    if place == len(text) or not first(text[place]):
                        break
                    at, place = at + 1, place + 1
                elif op is Op.SPLIT:
                    stack.append((second, place, -1))
                    at = first
                elif op is Op.JUMP:
                    at = first
                elif op is Op.SAVE:
                    stack.append((at, slots[first], first))
                    slots[first] = place
                    at += 1
                elif op is Op.DONE:
                    spend(steps)
                    return slots
                else:
                    moved = self._look(program[at], text, place, slots)
                    if moved is None:
                        break
                    at, place = at + 1, moved
        spend(steps + 1)
        return None

    def _look(self, instruction: Instruction, text: str, place: int, slots: list[int]) -> int | None:
        """Return the place after an anchor or back-reference, or None if it does not hold here."""
        op, first, second = instruction
        if op is Op.ANCHOR:
            return place if _anchored(first, second, text, place) else None
        start, end = slots[2 * first], slots[2 * first + 1]
        if end < 0:
            return place  # a group that took no part matches nothing
        again, now = text[start:end], text[place : place + end - start]
        same = again.casefold() == now.casefold() if second else again == now
        return place + end - start if same else None


def _anchored(sign: str, lines: bool, text: str, place: int) -> bool:  # noqa: FBT001 - part of the instruction
    if sign == "^":
        return place == 0 or (lines and place < len(text) and text[place - 1] == "\n")
    return place == len(text) or (lines and text[place] == "\n")


@lru_cache(maxsize=512)
def compile_pattern(text: str, flags: str = "") -> Pattern:
    """Compile a pattern.

    Raises:
        PatternError: The pattern or a flag is none of XPath's.
    """
    if not set(flags) <= _FLAGS:
        raise PatternError(f"Expected flags among s, m, i, x and q, but got {flags!r}.")
    if "q" in flags:
        text = "".join(f"\\{sign}" if sign in _META or sign == "-" else sign for sign in text)
        flags = "i" if "i" in flags else ""
    elif not flags and text and not _META & set(text):
        return Pattern((), 0, remembers=False, literal=text)
    reader = Reader(text, flags)
    writer = _Writer()
    writer.write(Group(reader.pattern(), 0))
    writer.add(Op.DONE)
    return Pattern(tuple(writer.program), reader.groups, writer.remembers)


class _Writer:
    """Writes a tree as a program."""

    def __init__(self) -> None:
        self.program: list[Instruction] = []
        self.remembers = False

    def add(self, op: Op, first: Any = None, second: Any = None) -> int:
        if len(self.program) >= _MAX_PROGRAM:
            raise PatternError(f"Expected a pattern of at most {_MAX_PROGRAM} steps.")
        self.program.append((op, first, second))
        return len(self.program) - 1

    def write(self, part: Part) -> None:
        match part:
            case Character():
                self.add(Op.CHARACTER, part.among)
            case Sequence():
                for inner in part.parts:
                    self.write(inner)
            case Group():
                self.add(Op.SAVE, 2 * part.number)
                self.write(part.part)
                self.add(Op.SAVE, 2 * part.number + 1)
            case Choice():
                self._choice(part)
            case Repeat():
                self._repeat(part)
            case Anchor():
                self.add(Op.ANCHOR, part.sign, part.lines)
            case Backreference():
                self.remembers = True
                self.add(Op.AGAIN, part.number, part.any_case)

    def _choice(self, part: Choice) -> None:
        ends = []
        for branch in part.branches[:-1]:
            split = self.add(Op.SPLIT)
            self.write(branch)
            ends.append(self.add(Op.JUMP))
            self.program[split] = (Op.SPLIT, split + 1, len(self.program))
        self.write(part.branches[-1])
        for end in ends:
            self.program[end] = (Op.JUMP, len(self.program), None)

    def _repeat(self, part: Repeat) -> None:
        for _ in range(part.least):
            self.write(part.part)
        if part.most is None:
            split = self.add(Op.SPLIT)
            self.write(part.part)
            self.add(Op.JUMP, split)
            self._point([split], greedy=part.greedy)
            return
        splits = []
        for _ in range(part.most - part.least):
            splits.append(self.add(Op.SPLIT))
            self.write(part.part)
        self._point(splits, greedy=part.greedy)

    def _point(self, splits: list[int], *, greedy: bool) -> None:
        """Let splits go on with what they repeat, or behind it; which of them first is what greed means."""
        end = len(self.program)
        for split in splits:
            first, second = (split + 1, end) if greedy else (end, split + 1)
            self.program[split] = (Op.SPLIT, first, second)
