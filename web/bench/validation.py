"""Reading and checking a diagram by size: 50, 500 and 5,000 elements, one after another.

`validation` is the largest. What an element costs must not grow with the size: `validation/5000-to-500` is the quotient
of the two for one element each. The floor is the same bytes read into a tree of elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lxml import etree

from engine import validate
from web.bench.automatic import chain_of
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Work, alternate

_SIZES: Final = (50, 500, 5_000)
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)


class Refused(Exception):
    """Expected the diagram of the bench to be deployable, but the gate refuses it."""


def measure(run: Run) -> Iterator[Row]:
    """Check each size, product and floor in turns; no store is asked, so that one of them tells it."""
    if run.store.name != "sqlite":
        return
    medians: dict[int, tuple[float, float]] = {}
    for size in _SIZES:
        content = chain_of(size)
        count = run.size(5_000 // size + 9, 2)
        sides: dict[str, Work] = {
            "product": iter([partial(_checked, content)] * count),
            "floor": iter([partial(etree.fromstring, content, _PARSER)] * count),
        }
        times = alternate(sides, slice_of=2, warm_up=1, around={"product": run.profiled})
        medians[size] = times["product"].median, times["floor"].median
        yield run.row(f"validation/{size}", *medians[size])
    large, small = _SIZES[-1], _SIZES[-2]
    yield run.row("validation", *medians[large])
    grown, grown_floor = (medians[large][side] / large / (medians[small][side] / small) for side in (0, 1))
    yield run.row(f"validation/{large}-to-{small}", grown, grown_floor, "x")


def _checked(content: bytes) -> None:
    result = validate({"chain.bpmn": content})
    if not result.deployable:
        raise Refused(str(result.errors[0]))
