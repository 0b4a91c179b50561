"""Random processes of blocks, so drawn that their meaning does not hang on what a step does first."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.unit.spiff.blocks import (
    Block,
    Boundary,
    Catch,
    Choice,
    Handler,
    Jump,
    Leave,
    Loop,
    Many,
    Rounds,
    Script,
    Sequence,
    Some,
    Spread,
    Sub,
    Task,
    Together,
)


class Model:
    """A random process: blocks up to a size, and the variables that they ask for."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.left = size
        self.number = 0
        self.flags: list[str] = []
        self.again: list[str] = []
        self.counters: list[str] = []
        self.body = self._sequence(vanish=True, spreads=True)

    def variables(self) -> dict[str, Any]:
        """What the process starts with."""
        return {**self.decisions(), **dict.fromkeys(self.counters, 0)}

    def decisions(self) -> dict[str, bool]:
        """Every flag set or not."""
        return {flag: self._chance(0.5) for flag in self.flags} | {flag: self._chance(0.3) for flag in self.again}

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def _flag(self) -> str:
        if not self.flags or self._chance(0.6):
            self.flags.append(f"f{len(self.flags)}")
        return self.random.choice(self.flags)

    def _sequence(
        self, *, vanish: bool, plain: bool = False, waits: bool = False, spreads: bool = False, deep: int = 0
    ) -> Sequence:
        """Make blocks in a row.

        Args:
            vanish: A token may end on the way.
            plain: Several tokens may be on the way at once: only what keeps no account of them by itself.
            waits: A token never passes without waiting.
            spreads: Tokens may go on side by side up to the end.
            deep: In how many blocks it stands.
        """
        blocks: list[Block] = [Task(self._id("t"))] if waits else []
        for _ in range(self.random.randint(0, 3)):
            if self.left <= 0:
                break
            self.left -= 1
            blocks.append(self._block(vanish=vanish, plain=plain, deep=deep))
        if spreads and self._chance(0.15):
            branches = tuple(self._sequence(vanish=vanish, deep=3) for _ in range(2))
            blocks.append(Spread(self._id("spread"), branches, self._sequence(vanish=True, plain=True, deep=3)))
        return Sequence(tuple(blocks))

    def _block(self, *, vanish: bool, plain: bool, deep: int) -> Block:
        kinds = ["task", "task", "catch", "choice", "together", "rounds", "script", "jump"]
        kinds += ["leave"] if vanish else []
        kinds += [] if plain else ["task", "sub", "sub", "some", "some", "loop"]
        if deep > 3 or self.left <= 0:
            kinds = ["task", "script"]
        kind = self.random.choice(kinds)
        if kind in ("choice", "together", "some", "loop"):
            return self._routed(kind, vanish=vanish, plain=plain, deep=deep + 1)
        key = self._id(kind)
        if kind in ("task", "sub"):
            bounded = self._sub(key, vanish, deep) if kind == "sub" else None
            return bounded or (Task(key) if plain else Task(key, self._boundaries(key, vanish, deep), self._many()))
        if kind == "script":
            self.counters.append(f"n_{key}")
            return Script(key)
        if kind == "catch":
            return Catch(key, self.random.choice(["timer", "message"]))
        if kind == "leave":
            return Leave(key, self._flag())
        return Jump(key) if kind == "jump" else Rounds(key, self.random.randint(1, 4))

    def _routed(self, kind: str, **inside: Any) -> Block:
        match kind:
            case "choice":
                branches = [(self._flag(), self._sequence(**inside)) for _ in range(self.random.randint(1, 2))]
                return Choice(self._id("choice"), (*branches, (None, self._sequence(**inside))))
            case "together":
                # A token that ends before the join would leave the others there for ever.
                inside["vanish"] = False
                count = self.random.randint(2, 3)
                sides = tuple(self._sequence(**inside) for _ in range(count))
                return Together(self._id("all"), sides, not inside["plain"] and self._chance(0.3))
            case "some":
                branches = [(self._flag(), self._sequence(**inside)) for _ in range(self.random.randint(1, 3))]
                return Some(self._id("some"), (*branches, (None, self._sequence(**inside))), self._chance(0.3))
            case _:
                self.again.append(f"again{len(self.again)}")
                return Loop(self._id("loop"), self._sequence(**inside, waits=True), self.again[-1])

    def _sub(self, key: str, vanish: bool, deep: int) -> Sub:
        many = self._many()
        body = self._sequence(vanish=True, spreads=many is None, waits=many is not None, deep=deep + 1)
        shadows = tuple(sorted({self._flag() for _ in range(self.random.randint(0, 2))}))
        return Sub(key, body, shadows, self._boundaries(key, vanish, deep), many, self._handlers(key, deep))

    def _handlers(self, scope: str, deep: int) -> tuple[Handler, ...]:
        """Event sub-processes; each of their runs has a scope of its own, so that anything may be in it."""
        found = []
        for number in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            interrupting = self._chance(0.4)
            kind = self.random.choice(["timer", "cycle", "message"])
            path = self._sequence(vanish=True, deep=deep + 2)
            found.append(Handler(f"{scope}_h{number}", kind, interrupting, path))
        return tuple(found)

    def _many(self) -> Many | None:
        if self._chance(0.7):
            return None
        count = self.random.randint(0, 4)
        until = self.random.randint(1, count) if count and self._chance(0.4) else None
        return Many(count, self._chance(0.4), until)

    def _boundaries(self, host: str, vanish: bool, deep: int) -> tuple[Boundary, ...]:
        found = []
        for number in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            interrupting = self._chance(0.5)
            merges = interrupting and (not vanish or self._chance(0.5))
            kind = self.random.choice(["timer", "message"] if interrupting else ["timer", "cycle", "message"])
            path = self._sequence(vanish=vanish or not merges, plain=not merges, deep=deep + 2)
            found.append(Boundary(f"{host}_b{number}", kind, interrupting, path, merges))
        return tuple(found)
