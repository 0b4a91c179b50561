"""Decisions and FEEL measured by the DMN Technology Compatibility Kit: what passed may not fail again.

The kit lies beside the project (`shared/conformance/dmn-tck`). Every case of every folder is run. No case is treated
by its name; those that fail are listed with the reason in docs/dmn-support.md.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from engine.bpmn.limits import Limits
from engine.decisions import DecisionFiles, decide, read_decisions
from engine.decisions.model import Service
from engine.feel import FeelError
from engine.feel.moments import read_date, read_date_time, read_duration, read_time
from engine.problems import Severity

KIT = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "dmn-tck"
SUPPORT = Path(__file__).resolve().parents[2] / "docs" / "dmn-support.md"
LEVELS = {"compliance-level-2": 126, "compliance-level-3": 1495}  # expected results there
NOW = dt.datetime(2025, 5, 22, 8, 30, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Bangkok")
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
    passed: bool
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
def test_every_case_of_the_kit_comes_out_as_the_standard_says(
    kit: Path, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = [outcome for folder in sorted((kit / level).iterdir()) for outcome in run_folder(folder)]

    failed = [outcome for outcome in outcomes if not outcome.passed]
    with capsys.disabled():
        print(f"\nDMN TCK {level}: {len(outcomes) - len(failed)} of {len(outcomes)} passed")
    assert len(outcomes) == LEVELS[level]
    listed = _listed_failures()
    assert {(outcome.folder, outcome.case) for outcome in failed} <= listed, "\n".join(map(str, failed))
    assert len(failed) <= len(outcomes) // 100


def _listed_failures() -> set[tuple[str, str]]:
    """Return the cases that docs/dmn-support.md says fail: rows of `folder`, cases and the reason."""
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", SUPPORT.read_text(encoding="utf-8"), re.MULTILINE)
    return {(folder, case) for folder, cases in rows for case in re.findall(r"[\w-]+", cases)}


def run_folder(folder: Path) -> Iterator[Outcome]:
    """Run every case of a folder; its decision files are one bundle."""
    bundle = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn"))}
    found = read_decisions(bundle, Limits())
    errors = {problem.rule for problem in found.problems if problem.severity is Severity.ERROR}
    assert errors <= {"decision_syntax"}, found.problems  # the kit has expressions that are none, and null
    for file in sorted(folder.glob("*.xml")):
        root = etree.parse(file).getroot()
        model = root.findtext("{*}modelName", "").strip()
        for case in root.iterfind("{*}testCase"):
            inputs = {node.get("name"): read_value(node) for node in case.iterfind("{*}inputNode")}
            for node in case.iterfind("{*}resultNode"):
                expected = node.find("{*}expected")
                wanted = None if expected is None else read_value(expected)
                got = _decided(found, model, case, node.get("name"), inputs)
                yield Outcome(folder.name, case.get("id"), node.get("name"), agree(wanted, got), wanted, got)


def _decided(found: DecisionFiles, model: str, case: Any, node: str, inputs: dict[str, Any]) -> Any:
    service = case.get("type") == "decisionService"
    element = found.files[model].decidable(case.get("invocableName") if service else node)
    assert element is not None, node
    try:
        value = decide(element, found.files.values(), inputs, now=NOW, zone=ZONE).value
    except FeelError:
        return None
    several = isinstance(element, Service) and len(element.outputs) > 1
    return value[node] if several else value


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
