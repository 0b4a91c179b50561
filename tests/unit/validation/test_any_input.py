"""Whatever comes in, the gate answers with definitions and problems: never an exception, never more than linear work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.validation import validate
from tests.support.bpmn_xml import bpmn_file, flow, line
from tests.support.mutants import RICH

CONFORMANCE = Path(__file__).resolve().parents[3].parent / "shared" / "conformance" / "miwg"
SHIPPED = Path(__file__).resolve().parents[3] / "workflows" / "definitions"


def answer(data: bytes) -> None:
    result = validate({"a.bpmn": data})
    assert result.unreadable == (frozenset() if result.definitions else {"a.bpmn"})
    assert result.definitions or result.errors
    for problem in result.problems:
        assert problem.rule
        assert problem.message
        assert problem.remedy


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_random_bytes_get_an_answer(data: bytes):
    answer(data)
    answer(RICH[: len(RICH) // 2] + data + RICH[len(RICH) // 2 :])


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters='<>&"\x00', exclude_categories=("Cc", "Cs"))))
def test_any_text_may_stand_in_an_attribute(text: str):
    setting = f'<bpmn:extensionElements><zeebe:assignmentDefinition assignee="{text}"/></bpmn:extensionElements>'
    answer(bpmn_file(f'<bpmn:startEvent id="s"/><bpmn:userTask id="u" name="{text}">{setting}</bpmn:userTask>'))


@pytest.mark.parametrize("path", sorted(CONFORMANCE.glob("*.bpmn")) or [None], ids=lambda path: path and path.stem)
def test_the_models_of_the_interchange_group_are_read_and_every_reason_is_told(path: Path | None):
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"Expected the reference models in {CONFORMANCE}, but there are none.")
        pytest.skip(f"the reference models are not in {CONFORMANCE}")

    result = validate({path.name: path.read_bytes()})

    assert result.definitions
    assert result.unreadable == frozenset()
    assert not result.deployable, "they are drawings: none is executable as it stands"
    assert all(problem.file == path.name for problem in result.problems)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.bpmn")), ids=lambda path: path.stem)
def test_the_work_for_a_shipped_diagram_is_done_without_errors_of_the_gate_itself(path: Path):
    answer(path.read_bytes())


def chain(size: int) -> bytes:
    ids = [f"t{number}" for number in range(size)]
    return bpmn_file('<bpmn:startEvent id="s"/>' + "".join(f'<bpmn:task id="{i}"/>' for i in ids) + line("s", *ids))


def ladder(size: int) -> bytes:
    """Exclusive and parallel gateways in a row, each with two flows to the next: paths double at every step."""
    tags = [("exclusiveGateway", "parallelGateway")[number % 2] for number in range(size)]
    nodes = "".join(f'<bpmn:{tag} id="g{number}"/>' for number, tag in enumerate(tags))
    flows = "".join(
        flow(f"g{number}", f"g{number + 1}", None if number % 2 else f"=c{side}", f"f{number}_{side}")
        for number in range(size - 1)
        for side in (0, 1)
    )
    return bpmn_file('<bpmn:startEvent id="s"/>' + nodes + line("s", "g0") + flows)


def comb(size: int) -> bytes:
    """One gateway with flows to and from every task."""
    tasks = "".join(f'<bpmn:task id="t{number}"/>' for number in range(size))
    flows = "".join(line("a", f"t{number}", "j") for number in range(size))
    both = '<bpmn:parallelGateway id="a"/><bpmn:parallelGateway id="j"/>'
    return bpmn_file('<bpmn:startEvent id="s"/>' + both + tasks + line("s", "a") + flows)


def same_ends(size: int) -> bytes:
    flows = '<bpmn:sequenceFlow sourceRef="s" targetRef="t"/>' * size
    return bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="t"/>' + flows)


def calls_for(data: bytes) -> int:
    return calls_of(lambda: validate({"a.bpmn": data}))


def calls_of(work: Callable[[], object]) -> int:
    """Count the calls of a piece of work: a measure that no other load of the machine changes."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("shape", [chain, ladder, comb, same_ends])
def test_twice_the_diagram_is_at_most_twice_the_work(shape):
    validate({"a.bpmn": shape(10)})

    small, large = calls_for(shape(200)), calls_for(shape(400))

    assert large < 2.2 * small


def test_a_chain_of_ten_thousand_is_checked_whole():
    result = validate({"a.bpmn": chain(9_999)})

    assert result.problems == ()
    assert len(result.definitions[0].processes[0].elements) == 10_000
