"""Functions that make one value of a list: counts, sums, averages, extremes (DMN 1.5, 10.3.4.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.feel import numeric, temporal
from engine.feel.builtins.numbers import as_int
from engine.feel.comparison import compare, equal
from engine.feel.environment import Run
from engine.feel.numeric import is_number
from engine.feel.signatures import Library
from engine.feel.values import Kind, Value, kind_of

LIBRARY: Final = Library()

Items = Sequence[Value]


def _of_list_or_values(name: str, function: Callable[..., Value]) -> None:
    """Make a function callable with one list, and with the items one by one."""
    LIBRARY.add(name, "list: list")(function)
    if next(iter(function.__annotations__)) == "run":
        LIBRARY.add(name, "*items: Any")(lambda run, *items: function(run, list(items)))
    else:
        LIBRARY.add(name, "*items: Any")(lambda *items: function(list(items)) if items else None)


@LIBRARY.add("count", "list: list")
def count(items: Items) -> int:
    """Return how many items a list has, null among them."""
    return len(items)


def _extreme(sign: str, items: Items) -> Value:
    if not items or items[0] is None:
        return None
    found = items[0]
    if compare(sign, found, found) is None:
        return None
    for item in items[1:]:
        better = compare(sign, item, found)
        if better is None:
            return None
        found = item if better else found
    return found


def minimum(items: Items) -> Value:
    """Return the smallest item."""
    return _extreme("<", items)


def maximum(items: Items) -> Value:
    """Return the largest item."""
    return _extreme(">", items)


def total(items: Items) -> Value:
    """Return the sum of numbers, or of durations of one kind."""
    if not items:
        return None
    kind = kind_of(items[0])
    if kind not in (Kind.NUMBER, Kind.DAYS, Kind.MONTHS) or any(kind_of(item) is not kind for item in items):
        return None
    plus = numeric.add if kind is Kind.NUMBER else temporal.add
    found: Value = items[0]
    for item in items[1:]:
        found = plus(found, item)
        if found is None:
            return None
    return found


def mean(items: Items) -> Value:
    """Return the average of numbers, or of durations of one kind."""
    found = total(items)
    if found is None:
        return None
    return numeric.divide(found, len(items)) if is_number(found) else temporal.divide(found, len(items))


def product(items: Items) -> Value:
    """Return all numbers multiplied."""
    if not items or not _all_numbers(items):
        return None
    found: Value = items[0]
    for item in items[1:]:
        found = numeric.multiply(found, item)
        if found is None:
            return None
    return found


def median(items: Items) -> Value:
    """Return the middle one of sorted numbers, or the average of the two in the middle."""
    if not items or not _all_numbers(items):
        return None
    ordered = sorted(items, key=numeric.to_decimal)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else mean(ordered[middle - 1 : middle + 1])


def stddev(items: Items) -> Value:
    """Return the standard deviation of a sample: at least two numbers."""
    if len(items) < 2 or not _all_numbers(items):  # noqa: PLR2004 - a sample
        return None
    middle = mean(items)
    if middle is None:
        return None
    average = numeric.to_decimal(middle)
    context = numeric.CONTEXT
    squares = [context.power(context.subtract(numeric.to_decimal(item), average), 2) for item in items]
    variance = context.divide(numeric.to_decimal(total(squares)), numeric.to_decimal(len(items) - 1))
    found = numeric.finite(context.sqrt(variance))
    return as_int(found) if all(isinstance(item, int) for item in items) else found


def mode(items: Items) -> Value:
    """Return the numbers that occur most often, in ascending order."""
    if not _all_numbers(items):
        return None
    counts: dict[Value, int] = {}
    first: dict[Value, Value] = {}
    for item in items:
        key = numeric.to_decimal(item)
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, item)
    most = max(counts.values(), default=0)
    return [first[key] for key in sorted(counts) if counts[key] == most]


def every_one(items: Items) -> Value:
    """Return false if one is false, true if all are true or there is none, else null."""
    return _decide(items, deciding=False)


def any_one(items: Items) -> Value:
    """Return true if one is true, false if all are false or there is none, else null."""
    return _decide(items, deciding=True)


def _decide(items: Items, *, deciding: bool) -> Value:
    if any(item is deciding for item in items):
        return deciding
    return (not deciding) if all(item is (not deciding) for item in items) else None


def _all_numbers(items: Items) -> bool:
    return all(is_number(item) for item in items)


for _name, _function in (
    ("min", minimum),
    ("max", maximum),
    ("sum", total),
    ("mean", mean),
    ("product", product),
    ("median", median),
    ("stddev", stddev),
    ("mode", mode),
    ("all", every_one),
    ("any", any_one),
):
    _of_list_or_values(_name, _function)


def occurrences(run: Run, items: Items) -> list[Value]:
    """Return items that are in a list more than once, each once, in the order in which they first stand there."""
    seen: list[Value] = []
    again: set[int] = set()
    for item in items:
        run.spend(len(seen))
        first = next((at for at, other in enumerate(seen) if equal(item, other, run)), None)
        if first is None:
            seen.append(item)
        else:
            again.add(first)
    return [seen[at] for at in sorted(again)]


LIBRARY.add("duplicate values", "list: list")(occurrences)
