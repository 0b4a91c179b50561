"""Paths, filters, loops, contexts, lists and conditions as closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from engine.feel import tree
from engine.feel.environment import Closure, Run, Scope
from engine.feel.numeric import is_number, whole
from engine.feel.temporal import PROPERTIES
from engine.feel.tree import Node
from engine.feel.values import Kind, Range, Value, kind_of

Build = Callable[[Node], Closure]
_MISSING: Final = object()


def path(node: tree.Path, build: Build) -> Closure:
    """A member of a context, of each context of a list, or a property; null where there is none."""
    base, name = build(node.base), node.name

    def run(scope: Scope) -> Value:
        value = base(scope)
        if type(value) is dict:
            return value.get(name)
        return member(value, name, scope.run)

    return run


def member(value: Value, name: str, run: Run) -> Value:
    """Return what a name means within a value that is no plain context."""
    kind = kind_of(value)
    if kind is Kind.CONTEXT:
        return value.get(name)
    if kind is Kind.LIST:
        run.spend(len(value))
        return [member(item, name, run) for item in value]
    properties = PROPERTIES.get(kind)
    found = None if properties is None else properties.get(name)
    return None if found is None else found(value)


def filtered(node: tree.Filter, build: Build) -> Closure:
    """Items by position (from 1, or from the end with -1), or those for which a condition is true."""
    base, condition, cost = build(node.base), build(node.condition), weight(node.condition)

    if isinstance(node.condition, tree.Literal) and is_number(node.condition.value):
        place = whole(node.condition.value)
        return lambda scope: at(as_list(base(scope)), place)

    def run(scope: Scope) -> Value:
        items = as_list(base(scope))
        kept = []
        for index, item in enumerate(items):
            scope.run.spend(cost)
            found = condition(_item_scope(item, scope))
            if found is True:
                kept.append(item)
            elif index == 0 and is_number(found):
                return at(items, whole(found))
        if not items and is_number(condition(scope)):
            return None
        return kept

    return run


def at(items: Any, place: int | None) -> Value:
    """Return the item at a position, counted from 1 or, negative, from the end."""
    if place is None or place == 0 or abs(place) > len(items):
        return None
    return items[place - 1 if place > 0 else place]


def as_list(value: Value) -> Any:
    """Return a list as it is, null as an empty one, anything else as a list of one."""
    if type(value) is list:
        return value
    if value is None:
        return []
    return value if kind_of(value) is Kind.LIST else [value]


def _item_scope(item: Value, scope: Scope) -> Scope:
    inner = scope.inner({"item": item})
    return inner.inner(item) if kind_of(item) is Kind.CONTEXT else inner


def condition(node: tree.If, build: Build) -> Closure:
    """The value of the first condition that is true; false and null are else, anything else makes null."""
    branches = [(build(test), build(value)) for test, value in node.branches]
    otherwise = build(node.otherwise)

    def run(scope: Scope) -> Value:
        for test, value in branches:
            found = test(scope)
            if found is True:
                return value(scope)
            if found is not False and found is not None:
                return None
        return otherwise(scope)

    return run


def context(node: tree.Context, build: Build) -> Closure:
    """Names with values, each evaluated where those before it are known."""
    entries = [(name, build(value)) for name, value in node.entries]
    names = [name for name, _ in entries]
    if len(set(names)) < len(names):
        return lambda _: None

    def run(scope: Scope) -> dict[str, Value]:
        made: dict[str, Value] = {}
        inner = scope.inner(made)
        for name, value in entries:
            made[name] = value(inner)
        return made

    return run


def list_of(node: tree.ListOf, build: Build) -> Closure:
    """Values in order."""
    items = [build(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def range_of(node: tree.RangeOf, build: Build) -> Closure:
    """Everything from a start to an end."""
    start, end = build(node.start), build(node.end)
    low, high = node.start_included, node.end_included
    return lambda scope: Range(start(scope), end(scope), low, high)


def for_each(node: tree.For, build: Build) -> Closure:
    """The body for every combination of the iterators; `partial` is what has been made so far."""
    body, cost = build(node.body), weight(node.body)
    iterators = [_iterator(iterator, build) for iterator in node.iterators]

    def run(scope: Scope) -> Value:
        made: list[Value] = []
        for inner in _combinations(iterators, 0, scope.inner({"partial": made}), cost):
            if inner is None:
                return None
            made.append(body(inner))
        return made

    return run


def quantified(node: tree.Quantified, build: Build) -> Closure:
    """`some`: true if one is true; `every`: true if all are true; else false, or null where one is neither."""
    test, cost = build(node.condition), weight(node.condition)
    iterators = [_iterator(iterator, build) for iterator in node.iterators]
    deciding = not node.every

    def run(scope: Scope) -> Value:
        known = True
        for inner in _combinations(iterators, 0, scope, cost):
            if inner is None:
                return None
            value = test(inner)
            if value is deciding:
                return deciding
            known = known and value is (not deciding)
        return (not deciding) if known else None

    return run


Items = Callable[[Scope], "tuple[str, Any] | None"]


def _iterator(node: tree.Iterator, build: Build) -> Items:
    name, source = node.name, build(node.source)
    last = None if node.last is None else build(node.last)

    def items(scope: Scope) -> tuple[str, Any] | None:
        first = source(scope)
        if last is not None:
            found = counted(first, last(scope))
        elif isinstance(first, Range):
            found = _within(first)
        else:
            found = None if first is None else as_list(first)
        return None if found is None else (name, found)

    return items


def _combinations(iterators: list[Items], level: int, scope: Scope, cost: int) -> Iterator[Scope | None]:
    """Yield a scope for each combination, the last iterator fastest; None where there is nothing to go through."""
    found = iterators[level](scope)
    if found is None:
        yield None
        return
    name, items = found
    for item in items:
        scope.run.spend(cost)
        inner = scope.inner({name: item})
        if level + 1 == len(iterators):
            yield inner
        else:
            yield from _combinations(iterators, level + 1, inner, cost)


def counted(first: Value, last: Value) -> Any:
    """Return what `first..last` goes through, upwards or downwards: whole numbers or dates."""
    if is_number(first) and is_number(last):
        low, high = whole(first), whole(last)
        if low is None or high is None:
            return None
        return range(low, high + 1) if low <= high else range(low, high - 1, -1)
    if kind_of(first) is Kind.DATE and kind_of(last) is Kind.DATE:
        days = range(first.toordinal(), last.toordinal() + 1)
        if first > last:
            days = range(first.toordinal(), last.toordinal() - 1, -1)
        return (type(first).fromordinal(day) for day in days)
    return None


def _within(range_: Range) -> Any:
    """Return what a range value holds, if that can be counted."""
    if range_.sign is not None:
        return None
    start, end = range_.start, range_.end
    found = counted(start, end)
    if found is None or (is_number(start) and start > end) or (not is_number(start) and start > end):
        return None
    items = found if isinstance(found, range) else list(found)
    return items[0 if range_.start_included else 1 : len(items) if range_.end_included else -1]


def weight(node: object) -> int:
    """Return how many steps one evaluation of a part counts as."""
    count, waiting = 0, [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(part)
        elif isinstance(part, Node):
            count += 1
            waiting.extend(getattr(part, field) for field in type(part).__dataclass_fields__)
    return 1 + count // 8
