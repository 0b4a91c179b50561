"""The variables of a process: small ones stand in the head of its state, each large one in a part of its own.

A list of hundreds of units is then neither read nor written by a step that does not use it. Values are replaced, never
changed in place, so that a value is unchanged when it is still the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, Final

from typing_extensions import override

from engine import codec
from engine.spiff.parts import Parts

LARGE: Final = 1_024
"""Bytes (characters of a text) above which a value has a part of its own."""
_UNREAD: Final = object()


class ProcessVariables(MutableMapping[str, Any]):
    """The variables by name, in the order in which they were made; a large one is read when it is asked for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._values: dict[str, Any] = {}
        self._small: dict[str, Any] = {}  # as they stand in the head
        self._apart: dict[str, Any] = {}  # as they stand in parts of their own
        self._unread: set[str] = set()  # parts of the store whose bytes nobody has seen

    def load(self, small: dict[str, Any], apart: Iterable[str]) -> None:
        """Take up what the head says: all names in order, and which of them stand apart."""
        self._apart = dict.fromkeys(apart, _UNREAD)
        self._unread = set(self._apart)
        self._values = {**small, **self._apart}
        self._small = {name: value for name, value in small.items() if name not in self._apart}

    def store(self) -> tuple[dict[str, Any], list[str]]:
        """Write what has changed of the large ones; returns what the head is to say.

        Raises:
            InvalidVariables: A value cannot be stored exactly.
        """
        for name, value in self._values.items():
            if name in self._apart:
                if value is not self._apart[name]:
                    self._replace(name, value)
            elif not (name in self._small and value is self._small[name]) and _is_large(value):
                self._write(name, value)
        self._small = {name: value for name, value in self._values.items() if name not in self._apart}
        return {name: self._small.get(name) for name in self._values}, list(self._apart)

    def everything(self) -> dict[str, Any]:
        """Return all of them; what is still unread is read at once."""
        unread = [name for name, value in self._values.items() if value is _UNREAD]
        self._parts.fetch(map(_part_of, unread))
        return {name: self[name] for name in self._values}

    @override
    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if value is _UNREAD:
            value = self._values[name] = self._apart[name] = self._parts.value(_part_of(name))
            self._unread.discard(name)
        return value

    @override
    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value

    @override
    def __delitem__(self, name: str) -> None:
        del self._values[name]
        if self._apart.pop(name, None) is not None:
            self._parts.remove(_part_of(name), stored=True)

    @override
    def __contains__(self, name: object) -> bool:
        return name in self._values

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @override
    def __len__(self) -> int:
        return len(self._values)

    def _replace(self, name: str, value: Any) -> None:
        if _is_large(value):
            self._write(name, value)
        else:
            self._parts.remove(_part_of(name), stored=True)
            del self._apart[name]

    def _write(self, name: str, value: Any) -> None:
        if name in self._unread:  # who writes over a part that stands in the store has read it
            self._parts.fetch([_part_of(name)])
            self._unread.discard(name)
        self._parts.write(_part_of(name), value)
        self._apart[name] = value


def _part_of(name: str) -> str:
    return f"v:{name}"  # names of tokens begin with t


def _is_large(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > LARGE
    return isinstance(value, dict | list) and len(codec.dumps(value)) > LARGE
