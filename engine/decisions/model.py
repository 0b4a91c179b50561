"""Decisions ready to be made: what a file defines, joined to what it requires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engine.feel.environment import Closure, Run
from engine.feel.types import SIMPLE, FeelType
from engine.feel.values import Value

Holds = Callable[[Value, Run], bool]


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type of FEEL, and the allowed values of the item definitions in it (None: all)."""

    feel: FeelType
    holds: Holds | None = None


ANY: Final = ItemType(SIMPLE["Any"])


@dataclass(eq=False, slots=True)
class Element:
    """A part of the requirement graph; `variable` is the name by which others read it."""

    id: str
    name: str
    variable: str
    file: str
    type: ItemType = ANY
    requires: tuple[Requirement, ...] = ()
    version_tag: str | None = None


@dataclass(eq=False, slots=True)
class InputData(Element):
    """What is given from outside."""


@dataclass(eq=False, slots=True)
class Decision(Element):
    """A decision: its expression is evaluated with what it requires; None is a decision without an expression."""

    logic: Closure | None = None
    aliases: tuple[str, ...] = ()  # other names of a decision without a variable: its id, its table's outputs
    texts: tuple[tuple[str, FeelType], ...] = ()  # names that table columns read, with the types they are declared as


@dataclass(eq=False, slots=True)
class Knowledge(Element):
    """A business knowledge model: `logic` makes a function; `type` is that of the function's result."""

    logic: Closure | None = None


@dataclass(eq=False, slots=True)
class Service(Element):
    """A decision service: called like a function of its inputs; `type` is that of its result."""

    outputs: tuple[Decision, ...] = ()
    parameters: tuple[InputData | Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an element reads of another one: by its variable, under the import's name where it has one."""

    prefix: str
    element: Element


@dataclass(eq=False, slots=True)
class DecisionFile:
    """One file's elements in its order; `imports` are the files under the names by which this one knows them."""

    file: str
    name: str
    namespace: str
    version: str
    elements: list[Element] = field(default_factory=list)
    imports: list[tuple[str, DecisionFile]] = field(default_factory=list)

    def decidable(self, wanted: str) -> Decision | Service | None:
        """Return a decision or service by its id, else by its name; those of the file before those it imports."""
        for file in (self, *self.imported()):
            for key in ("id", "name"):
                for element in file.own():
                    if getattr(element, key) == wanted:
                        return element
        return None

    def imported(self) -> list[DecisionFile]:
        """Return the files that this one imports, directly or not."""
        found: list[DecisionFile] = []
        waiting = [file for _, file in self.imports]
        while waiting:
            file = waiting.pop()
            if file is not self and file not in found:
                found.append(file)
                waiting.extend(other for _, other in file.imports)
        return found

    def own(self) -> list[Decision | Service]:
        """Return the file's own decisions and services."""
        return [element for element in self.elements if isinstance(element, Decision | Service)]

    def decidable_names(self) -> list[str]:
        """Return the names of the file's decisions and services."""
        return [element.name for element in self.own()]
