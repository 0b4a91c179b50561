"""A syntax tree as one Python closure: what does not depend on variables is done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.feel import calls, loops, operators, tree
from engine.feel.environment import Closure, Scope
from engine.feel.tree import Node
from engine.feel.values import Value

_RULES: Final[dict[type[Node], Callable[[Any, Callable[[Node], Closure]], Closure]]] = {
    tree.Name: calls.name,
    tree.Path: loops.path,
    tree.Filter: loops.filtered,
    tree.Negation: operators.negation,
    tree.Chain: operators.chain,
    tree.Comparison: operators.comparison,
    tree.Conjunction: operators.conjunction,
    tree.Disjunction: operators.disjunction,
    tree.Between: operators.between,
    tree.In: operators.within,
    tree.Tests: operators.unary_tests,
    tree.UnaryRange: operators.unary_range,
    tree.InstanceOf: operators.instance_of,
    tree.If: loops.condition,
    tree.For: loops.for_each,
    tree.Quantified: loops.quantified,
    tree.Context: loops.context,
    tree.ListOf: loops.list_of,
    tree.RangeOf: loops.range_of,
    tree.FunctionOf: calls.function_of,
    tree.Call: calls.call,
}


def compile_tree(node: Node) -> Closure:
    """Return a closure that evaluates a tree in a scope."""
    if isinstance(node, tree.Literal):
        return _constant(node.value)
    if isinstance(node, tree.Foreign):
        return node.make(compile_tree)
    return _RULES[type(node)](node, compile_tree)


def _constant(value: Value) -> Closure:
    def run(_: Scope) -> Value:
        return value

    return run
