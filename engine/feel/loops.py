"""Paths, filters, loops, contexts, lists and conditions as closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from typing_extensions import override

from engine.feel import tree
from engine.feel.environment import Closure, Run, Scope
from engine.feel.far import day_at
from engine.feel.numeric import is_number, whole
from engine.feel.temporal import PROPERTIES
from engine.feel.tree import Node, mentions, weight
from engine.feel.values import Kind, Range, Value, kind_of

Build = Callable[[Node], Closure]
PARTIAL: Final = "partial"
_ITEM: Final = "item"


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
    names_item = mentions(node.condition, _ITEM)

    if isinstance(node.condition, tree.Literal) and is_number(node.condition.value):
        place = whole(node.condition.value)
        return lambda scope: at(as_list(base(scope)), place)

    def run(scope: Scope) -> Value:
        items = as_list(base(scope))
        kept = []
        for index, item in enumerate(items):
            scope.run.spend(cost)
            found = condition(_item_scope(item, scope, names_item=names_item))
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


def _item_scope(item: Value, scope: Scope, *, names_item: bool) -> Scope:
    inner = scope.inner({_ITEM: item}) if names_item else scope
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
    if isinstance(node.start, tree.Literal) and isinstance(node.end, tree.Literal):
        constant = Range(node.start.value, node.end.value, low, high)
        return lambda _: constant
    return lambda scope: Range(start(scope), end(scope), low, high)


def for_each(node: tree.For, build: Build) -> Closure:
    """The body for every combination of the iterators; `partial` is what has been made so far."""
    body, cost = build(node.body), weight(node.body)
    iterators = [_iterator(iterator, build) for iterator in node.iterators]
    looks_back = mentions(node.body, PARTIAL)

    def run(scope: Scope) -> Value:
        made: list[Value] = []
        around = scope.inner(_Partial(made, scope.run)) if looks_back else scope
        for inner in _combinations(iterators, 0, around, cost):
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


class _Partial(Mapping[str, Value]):
    """What a loop has made so far, by its name: a copy each time, so that no list ever holds itself."""

    def __init__(self, made: list[Value], run: Run) -> None:
        self._made = made
        self._run = run

    @override
    def __getitem__(self, name: str) -> Value:
        self._run.spend(1 + len(self._made) // 8)
        return list(self._made)

    @override
    def __contains__(self, name: object) -> bool:
        return name == PARTIAL

    @override
    def __iter__(self) -> Iterator[str]:
        return iter((PARTIAL,))

    @override
    def __len__(self) -> int:
        return 1


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
    ends = _places(first, last)
    if ends is None:
        return None
    low, high = ends
    places = range(low, high + 1) if low <= high else range(low, high - 1, -1)
    return _dated(places, first)


def _within(range_: Range) -> Any:
    """Return what a range value holds, if that can be counted."""
    ends = _places(range_.start, range_.end)
    if range_.sign is not None or ends is None or ends[0] > ends[1]:
        return None
    low, high = ends
    return _dated(range(low + (not range_.start_included), high + range_.end_included), range_.start)


def _places(first: Value, last: Value) -> tuple[int, int] | None:
    if is_number(first) and is_number(last):
        low, high = whole(first), whole(last)
        return None if low is None or high is None else (low, high)
    if kind_of(first) is Kind.DATE and kind_of(last) is Kind.DATE:
        return first.toordinal(), last.toordinal()
    return None


def _dated(places: range, first: Value) -> Any:
    return places if is_number(first) else (day_at(place) for place in places)
