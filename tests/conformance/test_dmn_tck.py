"""FEEL measured by the DMN Technology Compatibility Kit: what passed may not fail again.

The kit lies beside the project (`shared/conformance/dmn-tck`). A case is in reach when FEEL alone decides it; decision
tables, decision services and imports are counted apart. No case is treated by its name.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.feel.moments import read_date, read_date_time, read_duration, read_time
from tests.support.dmn_model import Model, OutOfReach

KIT = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "dmn-tck"
LEVELS = ("compliance-level-2", "compliance-level-3")
PASSED_AT_LEAST = {"compliance-level-2": 75, "compliance-level-3": 1420}  # what is left is Java
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_CLOSE = Decimal("1e-8")
_READERS = {
    "boolean": lambda text: text in ("true", "1"),
    "decimal": Decimal,
    "double": Decimal,
    "date": read_date,
    "dateTime": read_date_time,
    "time": read_time,
    "duration": read_duration,
    "string": lambda text: text,
}


@dataclass
class Outcome:
    """One expected result of one case."""

    folder: str
    case: str
    node: str
    state: str  # passed, failed, out of reach
    expected: Any = None
    got: Any = None


@pytest.fixture(scope="module")
def kit() -> Path:
    if not KIT.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Expected the DMN TCK in {KIT}, but it is not there; CI must not skip.")
        pytest.skip(f"NO CONFORMANCE TEST: the DMN TCK is not in {KIT}")
    return KIT


@pytest.mark.parametrize("level", LEVELS)
def test_what_feel_alone_decides_is_decided_as_the_standard_says(
    kit: Path, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = [outcome for folder in sorted((kit / level).iterdir()) for outcome in run_folder(folder)]

    count = Counter(outcome.state for outcome in outcomes)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    with capsys.disabled():
        total = count["passed"] + count["failed"]
        print(f"\nDMN TCK {level}: {count['passed']} of {total} passed; {count['out of reach']} need decision tables")
    assert count["passed"] >= PASSED_AT_LEAST[level], "\n".join(map(str, failed))


def run_folder(folder: Path) -> Iterator[Outcome]:
    """Run every case of a folder."""
    models: dict[Path, Model] = {}
    for file in sorted(folder.glob("*.xml")):
        root = etree.parse(file).getroot()
        path = folder / root.findtext("{*}modelName", "").strip()
        model = models.setdefault(path, Model(path))
        for case in root.iterfind("{*}testCase"):
            inputs = {node.get("name"): read_value(node) for node in case.iterfind("{*}inputNode")}
            for node in case.iterfind("{*}resultNode"):
                yield _judged(model, folder.name, case, node, inputs)


def _judged(model: Model, folder: str, case: Any, node: Any, inputs: dict[str, Any]) -> Outcome:
    outcome = Outcome(folder, case.get("id"), node.get("name"), "out of reach")
    if case.get("type", "decision") != "decision":
        return outcome
    expected = node.find("{*}expected")
    outcome.expected = None if expected is None else read_value(expected)
    try:
        outcome.got = model.decide(node.get("name"), inputs)
    except OutOfReach:
        return outcome
    outcome.state = "passed" if agree(outcome.expected, outcome.got) else "failed"
    return outcome


def read_value(element: Any) -> Any:
    """Read a value of the kit's own XML."""
    value, items = element.find("{*}value"), element.find("{*}list")
    if value is not None:
        if value.get(_NIL) == "true":
            return None
        return _READERS[value.get(_TYPE, "xsd:string").rpartition(":")[2]](value.text or "")
    if items is not None:
        return None if items.get(_NIL) == "true" else [read_value(item) for item in items.iterfind("{*}item")]
    parts = element.findall("{*}component")
    if any(part.get(_NIL) == "true" and part.get("name") is None for part in parts) or not parts:
        return None
    return {part.get("name"): read_value(part) for part in parts}


def agree(expected: Any, got: Any) -> bool:
    """Tell whether a value is the expected one; numbers may differ in the ninth place."""
    if isinstance(expected, Decimal):
        number = isinstance(got, int | Decimal) and not isinstance(got, bool)
        return number and abs(Decimal(got) - expected) <= _CLOSE * max(1, abs(expected))
    if isinstance(expected, list):
        same_length = isinstance(got, list) and len(got) == len(expected)
        return same_length and all(agree(left, right) for left, right in zip(expected, got, strict=True))
    if isinstance(expected, dict):
        same_names = isinstance(got, dict) and set(got) == set(expected)
        return same_names and all(agree(value, got[name]) for name, value in expected.items())
    if isinstance(expected, dt.datetime | dt.time) and type(got) is type(expected):
        return got.replace(tzinfo=None) == expected.replace(tzinfo=None) and got.utcoffset() == expected.utcoffset()
    return type(got) is type(expected) and bool(got == expected)
