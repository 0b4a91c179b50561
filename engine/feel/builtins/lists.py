"""Functions of lists (DMN 1.5, 10.3.4.4 and 10.3.4.8); positions count from 1, or from the end with -1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final

from engine.feel.comparison import compare, equal
from engine.feel.environment import Run
from engine.feel.invocation import invoke
from engine.feel.numeric import Number, is_number, whole
from engine.feel.signatures import Library
from engine.feel.values import Function, Kind, Value, kind_of

LIBRARY: Final = Library()

Items = Sequence[Value]


@LIBRARY.add("list contains", "list: list", "element: Any")
def list_contains(run: Run, items: Items, element: Value) -> bool:
    """Tell whether a list holds a value."""
    return any(equal(item, element, run) for item in items)


@LIBRARY.add("sublist", "list: list", "start position: number", "length?: number")
def sublist(items: Items, start: Number, length: Number | None = None) -> Value:
    """Return a part of a list."""
    first = _index(items, start)
    if first is None:
        return None
    if length is None:
        return list(items[first:])
    size = whole(length)
    if size is None or size < 0 or first + size > len(items):
        return None
    return list(items[first : first + size])


@LIBRARY.add("append", "list: list", "*item: Any")
def append(items: Items, *more: Value) -> list[Value]:
    """Return a list with items added at its end."""
    return [*items, *more]


@LIBRARY.add("concatenate", "*list: list")
def concatenate(*lists: Items) -> list[Value]:
    """Return the items of all lists, one list after the other."""
    return [item for items in lists for item in items]


@LIBRARY.add("insert before", "list: list", "position: number", "newItem: Any")
def insert_before(items: Items, position: Number, item: Value) -> Value:
    """Return a list with one more item before a position."""
    place = _index(items, position)
    return None if place is None else [*items[:place], item, *items[place:]]


@LIBRARY.add("remove", "list: list", "position: number")
def remove(items: Items, position: Number) -> Value:
    """Return a list without the item at a position."""
    place = _index(items, position)
    return None if place is None else [*items[:place], *items[place + 1 :]]


@LIBRARY.add("list replace", "list: list", "position: number", "newItem: Any")
def list_replace(items: Items, position: Number, item: Value) -> Value:
    """Return a list with another item at a position."""
    place = _index(items, position)
    return None if place is None else [*items[:place], item, *items[place + 1 :]]


@LIBRARY.add("list replace", "list: list", "match: function", "newItem: Any")
def list_replace_matching(run: Run, items: Items, match: Function, item: Value) -> Value:
    """Return a list with another item wherever `match(item, new item)` is true."""
    replaced = []
    for old in items:
        found = invoke(match, [old, item], run)
        if not isinstance(found, bool):
            return None
        replaced.append(item if found else old)
    return replaced


@LIBRARY.add("reverse", "list: list")
def reverse(items: Items) -> list[Value]:
    """Return the items from last to first."""
    return list(reversed(items))


@LIBRARY.add("index of", "list: list", "match: Any")
def index_of(run: Run, items: Items, match: Value) -> list[int]:
    """Return the positions at which a value stands."""
    return [place for place, item in enumerate(items, 1) if equal(item, match, run)]


@LIBRARY.add("union", "*list: list")
def union(run: Run, *lists: Items) -> list[Value]:
    """Return the items of all lists, each once."""
    return distinct(run, [item for items in lists for item in items])


@LIBRARY.add("distinct values", "list: list")
def distinct(run: Run, items: Items) -> list[Value]:
    """Return each item once, where it stands first."""
    kept: list[Value] = []
    plain: set[tuple[type, Value]] = set()
    for item in items:
        if type(item) in (str, bool, int):
            key = (type(item), item)
            if key in plain or (type(item) is int and _among(run, item, kept)):
                continue
            plain.add(key)
        elif _among(run, item, kept):
            continue
        kept.append(item)
    return kept


def _among(run: Run, item: Value, kept: list[Value]) -> bool:
    run.spend(len(kept))
    return any(equal(item, other, run) for other in kept)


@LIBRARY.add("flatten", "list: list")
def flatten(run: Run, items: Items) -> list[Value]:
    """Return all items of nested lists in one."""
    flat: list[Value] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            run.spend(1)
            if kind_of(item) is Kind.LIST:
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


@LIBRARY.add("sort", "list: list", "precedes?: function")
def sort(run: Run, items: Items, precedes: Function | None = None) -> Value:
    """Return the items in order: `precedes(a, b)` tells whether a comes first; without it, ascending."""
    if precedes is None:
        if any(compare("<", item, items[0]) is None for item in items):
            return None
        return sorted(items, key=cmp_to_key(lambda a, b: -1 if compare("<", a, b) else int(bool(compare(">", a, b)))))

    def order(a: Value, b: Value) -> int:
        if invoke(precedes, [a, b], run) is True:
            return -1
        return 1 if invoke(precedes, [b, a], run) is True else 0

    return sorted(items, key=cmp_to_key(order))


@LIBRARY.add("partition", "list: list", "size: number")
def partition(items: Items, size: Number) -> Value:
    """Return consecutive parts of a list, each of a size but the last."""
    step = whole(size)
    if step is None or step < 1:
        return None
    return [list(items[first : first + step]) for first in range(0, len(items), step)]


@LIBRARY.add("is empty", "list: list")
def is_empty(items: Items) -> bool:
    """Tell whether a list has no items."""
    return not items


def _index(items: Items, position: Value) -> int | None:
    """Return Python's index of a position that the list has."""
    place = whole(position) if is_number(position) else None
    if place is None or place == 0 or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place
