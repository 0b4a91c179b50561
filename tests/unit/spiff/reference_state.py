"""What the reference keeps of a run: variables, scopes, what waits, and where tokens can still come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GoOn = Callable[[], None]


@dataclass(eq=False)
class Frame:
    """Variables of the process, a sub-process or a body."""

    values: dict[str, Any]
    outer: Frame | None = None
    of_body: bool = False

    def get(self, name: str) -> Any:
        if name in self.values or self.outer is None:
            return self.values.get(name)
        return self.outer.get(name)

    def write(self, name: str, value: Any, *, stays_in_body: bool = False) -> None:
        border: Frame | None = None
        frame = self
        while name not in frame.values and frame.outer is not None:
            if stays_in_body and frame.of_body:
                border = border or frame
            frame = frame.outer
        (frame if name in frame.values or border is None else border).values[name] = value


@dataclass(eq=False)
class Scope:
    """A process or sub-process that runs."""

    frame: Frame
    path: tuple[int, ...] = ()
    live: list[Activity] = field(default_factory=list)


@dataclass(eq=False)
class Group:
    """Counts the tokens in it and in what is inside it."""

    scope: Scope
    emptied: GoOn
    outer: Group | None = None
    tokens: int = 1

    def add(self, tokens: int) -> None:
        for group in self.around():
            group.tokens += tokens

    def vanish(self) -> None:
        """A token ends here without coming to the group's end."""
        self.add(-1)
        empty = [group for group in self.around() if group.tokens == 0]
        for group in empty:
            group.emptied()

    def around(self) -> Iterator[Group]:
        group: Group | None = self
        while group is not None:
            yield group
            group = group.outer


@dataclass(eq=False)
class Activity:
    """Something that waits, with the boundary events beside it."""

    scope: Scope
    waits: list[Wait] = field(default_factory=list)
    inside: list[Scope] = field(default_factory=list)
    bodies: list[Activity] = field(default_factory=list)
    alive: bool = True


@dataclass(eq=False)
class Wait:
    """Somebody may complete this task, or this event may come."""

    element: str
    path: tuple[int, ...]
    is_boundary: bool
    happen: Callable[[Mapping[str, Any]], None]
