"""Expressions a second, one after another, each compiled before: what conditions of diagrams cost.

`feel` is a typical condition of a diagram; the floor is the same test in Python, compiled before and given to `eval`.
More is better; the ratio is product to floor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from engine import compile_expression
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Work, alternate

_AT_ONCE: Final = 500
_NOW: Final = dt.datetime(2026, 10, 1, 8, 30, tzinfo=dt.UTC)
_PLANS: Final = [{"state": "late" if number % 4 == 0 else "done", "days": number} for number in range(76)]
_VARIABLES: Final[Mapping[str, Any]] = {
    "outcome": "return",
    "days": 12,
    "amount": 750,
    "plan": {"state": "late", "due": dt.date(2026, 9, 30)},
    "plans": _PLANS,
}
# name of the row, FEEL, the same in Python
_TESTS: Final = (
    ("feel", 'outcome = "return" and days > 10', 'outcome == "return" and days > 10'),
    (
        "feel/path",
        'plan.state = "late" and amount * 1.07 >= 500 and days in [1..30]',
        'plan["state"] == "late" and amount * RATE >= 500 and 1 <= days <= 30',
    ),
    ("feel/date", 'plan.due < date("2026-10-01")', 'plan["due"] < date.fromisoformat("2026-10-01")'),
    (
        "feel/list-76",
        'count(plans[state = "late" and days > 10]) > 3',
        'len([p for p in plans if p["state"] == "late" and p["days"] > 10]) > 3',
    ),
)


class Differs(Exception):
    """Expected both sides to come to the same, but they do not."""


def measure(run: Run) -> Iterator[Row]:
    """Evaluate each test, product and floor in turns; no store is asked, so that one of them tells it."""
    if run.store.name != "sqlite":
        return
    for name, feel, python in _TESTS:
        product, floor = _of_feel(feel), _of_python(python)
        if product() is not floor():
            raise Differs(name)
        yield per_second(run, name, product, floor, _AT_ONCE if name != "feel/list-76" else _AT_ONCE // 10)


def per_second(run: Run, name: str, product: Callable[[], Any], floor: Callable[[], Any], at_once: int) -> Row:
    """Return how often a second the two sides are done, so many times in one act."""
    count = run.size(60, 3)
    sides: dict[str, Work] = {
        "product": iter([partial(_repeated, product, at_once)] * count),
        "floor": iter([partial(_repeated, floor, at_once)] * count),
    }
    times = alternate(sides, slice_of=3, warm_up=1, around={"product": run.profiled})
    rates = [at_once * 1_000 / times[side].median for side in ("product", "floor")]
    return run.row(name, rates[0], rates[1], "1/s")


def _of_feel(text: str) -> Callable[[], Any]:
    return lambda: compile_expression(text).evaluate(_VARIABLES, now=_NOW, zone=dt.UTC)


def _of_python(text: str) -> Callable[[], Any]:
    from decimal import Decimal

    code = compile(text, "<test>", "eval")
    names = {"date": dt.date, "RATE": Decimal("1.07")}
    return lambda: eval(code, names, _VARIABLES)  # noqa: S307 - the floor is Python's own


def _repeated(act: Callable[[], Any], count: int) -> None:
    for _ in range(count):
        act()
