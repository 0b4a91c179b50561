"""Types within an expression: `number`, `list<string>`, `context<a: number>`, `function<number> -> string`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.feel.cursor import SPOKEN, Cursor
from engine.feel.tokens import KEYWORDS, Kind
from engine.feel.types import SIMPLE, FeelType

_GENERIC: Final = ("list", "range", "context", "function")


class Types(Cursor):
    """Reads types; `types` are those that the host has named."""

    types: Mapping[str, FeelType] = SIMPLE

    def type(self) -> FeelType:
        """Take a type."""
        with self.deeper():
            name = self._type_name()
            if name not in _GENERIC or not self.accept("<"):
                return self.types.get(name) or FeelType(name)
            if name == "context":
                return FeelType(name, members=self._members())
            return FeelType(name, inner=self._inner_types(name))

    def _type_name(self) -> str:
        for spelling, spoken in SPOKEN.items():
            if self._spells(spelling):
                for _ in spelling:
                    self.advance()
                return spoken
        token = self.token
        if token.kind is Kind.QUOTED:
            return str(self.advance().value)
        if token.kind is not Kind.WORD or (token.text in KEYWORDS and token.text not in ("function", "null")):
            raise self.wrong("a type")
        words = [self.advance().text]
        while self._joins():
            words.append(self.advance().text)
        name = " ".join(words)
        while self.at_sign(".") and self.ahead().kind is Kind.WORD:  # of an imported model
            self.advance()
            name = f"{name}.{self.advance().text}"
        return name

    def _members(self) -> tuple[tuple[str, FeelType], ...]:
        members: list[tuple[str, FeelType]] = []
        while not self.accept(">"):
            if members:
                self.expect(",")
            found = self.spelled_until(":")
            if found is None:
                raise self.wrong("a name and ':'")
            self.advance()
            members.append((found[1], self.type()))
        return tuple(members)

    def _inner_types(self, name: str) -> tuple[FeelType, ...]:
        inner: list[FeelType] = []
        while not self.accept(">"):
            if inner:
                self.expect(",")
            inner.append(self.type())
        if name == "function" and self.accept("->"):
            inner.append(self.type())
        return tuple(inner)
