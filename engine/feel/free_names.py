"""Which names of an expression come from outside: what it reads."""

from __future__ import annotations

from collections.abc import Iterator

from engine.feel import tree
from engine.feel.tree import Node


def free_names(node: Node) -> frozenset[str]:
    """Return the names that the expression does not bring itself; within a filter, those of its items among them."""
    return frozenset(_free(node, frozenset()))


def _free(node: object, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, tree.Name):
        if node.name not in bound:
            yield node.name
    elif isinstance(node, tree.Context):
        for name, value in node.entries:
            yield from _free(value, bound)
            bound |= {name}
    elif isinstance(node, tree.For | tree.Quantified):
        yield from _loop(node, bound)
    elif isinstance(node, tree.FunctionOf):
        yield from _free(node.body, bound | {name for name, _ in node.parameters})
    elif isinstance(node, tree.Filter):
        yield from _free(node.base, bound)
        yield from _free(node.condition, bound | {"item"})
    elif isinstance(node, tree.In):
        yield from _free(node.value, bound)
        yield from _free(node.tests, bound | {"?"})
    elif isinstance(node, tuple):
        for part in node:
            yield from _free(part, bound)
    elif isinstance(node, Node):
        for field in type(node).__dataclass_fields__:
            yield from _free(getattr(node, field), bound)


def _loop(node: tree.For | tree.Quantified, bound: frozenset[str]) -> Iterator[str]:
    for iterator in node.iterators:
        yield from _free(iterator.source, bound)
        yield from _free(iterator.last, bound)
        bound |= {iterator.name}
    if isinstance(node, tree.For):
        yield from _free(node.body, bound | {"partial"})
    else:
        yield from _free(node.condition, bound)
