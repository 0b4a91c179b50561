"""The syntax tree of FEEL: what the parser makes and the compiler reads."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import Any

from engine.feel.environment import Closure
from engine.feel.types import FeelType


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value written out."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """What a name stands for."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A member of a context, or a property of a date, time, duration or range."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """Items of a list by position or by condition."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """Minus."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Arithmetic of one precedence from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """One of = != < <= > >=."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """`and`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """`or`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`between … and …`, ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """A value against unary tests; one that holds is enough."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests of a decision table's cell, against `?`; none at all (`-`) always holds."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """Whether a value is of a type."""

    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True)
class If(Node):
    """Conditions with their values, and the value of `else`; an `else if` is one more condition."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """`name in list`, or `name in first..last`."""

    name: str
    source: Node
    last: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """A list made of every combination of the iterators."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some` or `every`."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Context(Node):
    """Names with values; each sees those before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """Values in order."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """Everything from a start to an end."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class UnaryRange(Node):
    """Everything that compares so with an end: `< 5`."""

    sign: str
    end: Node


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """A function written out; `body` is None where it is external, which this engine never calls."""

    parameters: tuple[tuple[str, FeelType | None], ...]
    body: Node | None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with arguments, by position or all by name."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Foreign(Node):
    """What another room puts among expressions (a decision table): it makes its closure of those of its parts."""

    parts: tuple[Node, ...]
    make: abc.Callable[[abc.Callable[[Node], Closure]], Closure]


def parts_of(node: Node) -> abc.Iterator[Node]:
    """Yield a tree's node and all below it."""
    waiting: list[object] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(part)
        elif isinstance(part, Node):
            yield part
            waiting.extend(getattr(part, field) for field in type(part).__dataclass_fields__)


def weight(node: Node) -> int:
    """Return how many steps one evaluation of a tree counts as."""
    return 1 + sum(1 for _ in parts_of(node)) // 8


def mentions(node: Node, name: str) -> bool:
    """Tell whether a name occurs anywhere in a tree."""
    return any(isinstance(part, Name) and part.name == name for part in parts_of(node))
