"""Which names of an expression come from outside: what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from engine.feel import tree
from engine.feel.tree import Node

Bound = frozenset[str]
Parts = Iterator[tuple[object, Bound]]
_NOTHING: Final[Bound] = frozenset()


def free_names(node: Node) -> frozenset[str]:
    """Return the names that the expression does not bring itself; within a filter, those of its items among them."""
    return frozenset(_free(node, frozenset()))


def _free(node: object, bound: Bound) -> Iterator[str]:
    if isinstance(node, tree.Name):
        if node.name not in bound:
            yield node.name
    elif isinstance(node, tuple):
        for part in node:
            yield from _free(part, bound)
    elif isinstance(node, Node):
        for part, names in _RULES.get(type(node), _plain)(node):
            yield from _free(part, bound | names)


def _plain(node: Any) -> Parts:
    for field in type(node).__dataclass_fields__:
        yield getattr(node, field), _NOTHING


def _context(node: tree.Context) -> Parts:
    names: Bound = _NOTHING
    for name, value in node.entries:
        yield value, names
        names |= {name}


def _function(node: tree.FunctionOf) -> Parts:
    yield node.body, frozenset(name for name, _ in node.parameters)


def _filter(node: tree.Filter) -> Parts:
    yield node.base, _NOTHING
    yield node.condition, frozenset({"item"})


def _in(node: tree.In) -> Parts:
    yield node.value, _NOTHING
    yield node.tests, frozenset({"?"})


def _loop(node: tree.For | tree.Quantified) -> Parts:
    names: Bound = _NOTHING
    for iterator in node.iterators:
        yield (iterator.source, iterator.last), names
        names |= {iterator.name}
    if isinstance(node, tree.For):
        yield node.body, names | {"partial"}
    else:
        yield node.condition, names


_RULES: Final[dict[type, Callable[[Any], Parts]]] = {
    tree.Context: _context,
    tree.FunctionOf: _function,
    tree.Filter: _filter,
    tree.In: _in,
    tree.For: _loop,
    tree.Quantified: _loop,
}
