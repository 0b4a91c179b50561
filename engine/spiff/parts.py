"""The stored parts of an instance's state: what was read, what is asked for later, what a step changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine import codec
from engine.spiff.steps import ProcessState, StateChange


class Parts:
    """Bytes by name; a part is fetched when it is first needed."""

    def __init__(self, state: ProcessState | None = None) -> None:
        self._stored = dict(state.parts) if state is not None else {}
        self._load = state.load_part if state is not None else None
        self._load_many = state.load_parts if state is not None else None
        self._values: dict[str, Any] = {}
        self._written: dict[str, bytes] = {}
        self._removed: dict[str, None] = {}

    def value(self, name: str) -> Any:
        """Return a part, decoded."""
        if name not in self._values:
            data = self._written.get(name) or self._stored.get(name)
            if data is None:
                if self._load is None:
                    raise KeyError(f"Expected the state part {name!r}, but it was not handed over.")
                data = self._stored[name] = self._load(name)
            self._values[name] = codec.loads(data)
        return self._values[name]

    def fetch(self, names: Iterable[str]) -> None:
        """Fetch several parts at once, where the store can."""
        missing = [name for name in names if name not in self._stored and name not in self._written]
        if missing and self._load_many is not None:
            self._stored.update(self._load_many(missing))

    def write(self, name: str, value: Any) -> None:
        """Set a part; it is written only when its bytes differ from those read."""
        data = codec.dumps(value)
        self._values.pop(name, None)
        self._removed.pop(name, None)
        if self._stored.get(name) == data:
            self._written.pop(name, None)
        else:
            self._written[name] = data

    def remove(self, name: str, *, stored: bool) -> None:
        """Drop a part; `stored` tells whether it may stand in the store."""
        self._written.pop(name, None)
        self._values.pop(name, None)
        if stored or name in self._stored:
            self._removed[name] = None

    def change(self) -> StateChange:
        """Return what the step changed."""
        written: Mapping[str, bytes] = dict(self._written)
        return StateChange(written, tuple(self._removed))
