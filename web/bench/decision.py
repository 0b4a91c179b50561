"""Decision tables a second: 20 rules over three inputs, whose sixteenth matches.

The floor asks Python's own `eval` the same conditions, compiled before, rule by rule. More is better; the ratio is
product to floor. `/compile` is reading and checking the file, once, beside the same bytes read into a tree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from lxml import etree

from engine import Limits, decide, read_decisions
from web.bench.feel import per_second
from web.bench.rows import Row
from web.bench.run import Run
from web.bench.timing import Work, alternate

_AT_ONCE: Final = 50
_RULES: Final = 20
_INPUTS: Final = {"kind": "road", "amount": 1_550, "region": "NORTH"}
_NOW: Final = dt.datetime(2026, 10, 1, 8, 30, tzinfo=dt.UTC)
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)
_HEAD: Final = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:bench">'


class Undecided(Exception):
    """Expected the decision of the bench to be made, but it is not."""


def measure(run: Run) -> Iterator[Row]:
    """Make the decision, product and floor in turns; no store is asked, so that one of them tells it."""
    if run.store.name != "sqlite":
        return
    content = _file()
    files = read_decisions({"bench.dmn": content}, Limits())
    element = files.files["bench.dmn"].decidable("grade")
    if element is None or files.problems:
        raise Undecided(str(files.problems))

    def product() -> Any:
        return decide(element, files.files.values(), _INPUTS, now=_NOW, zone=dt.UTC).value

    rules = [
        (
            compile(
                f'kind in ("road", "water") and {100 * n} <= amount < {100 * n + 100} and region == "NORTH"',
                "r",
                "eval",
            ),
            n,
        )
        for n in range(_RULES)
    ]

    def floor() -> Any:
        matched = [n for code, n in rules if eval(code, {}, _INPUTS)]  # noqa: S307 - the floor is Python's own
        return matched[0] if len(matched) == 1 else None

    if product() != floor():
        raise Undecided(f"{product()} is not {floor()}")
    yield per_second(run, "decision", product, floor, _AT_ONCE)
    sides: dict[str, Work] = {
        "product": iter([partial(read_decisions, {"bench.dmn": content}, Limits())] * run.size(30, 2)),
        "floor": iter([partial(etree.fromstring, content, _PARSER)] * run.size(30, 2)),
    }
    times = alternate(sides, slice_of=2, warm_up=1, around={"product": run.profiled})
    yield run.row("decision/compile", times["product"].median, times["floor"].median)


def _file() -> bytes:
    inputs = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in _INPUTS)
    rules = "".join(
        "<rule>"
        + "".join(
            f"<inputEntry><text>{cell}</text></inputEntry>"
            for cell in ('"road", "water"', f"[{100 * number}..{100 * number + 100})", '"NORTH"')
        )
        + f"<outputEntry><text>{number}</text></outputEntry></rule>"
        for number in range(_RULES)
    )
    table = f'<decisionTable hitPolicy="UNIQUE">{inputs}<output name="grade"/>{rules}</decisionTable>'
    return f'{_HEAD}<decision id="grade" name="grade">{table}</decision></definitions>'.encode()
