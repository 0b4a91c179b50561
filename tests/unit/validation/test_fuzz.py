"""Damaged real diagrams: an answer in time and in bounds, and nothing of the file is cut without a word.

2,000 of them run with all tests; `make fuzz` runs 20,000 (FUZZ_RUNS=n any other number, FUZZ_SEED=n others). That
nothing is cut is asked of the reader as a black box: when any one thing of a file is taken away, either what would be
executed or what is told of it must change, unless that thing is on the lists of what has no effect.
"""

from __future__ import annotations

import os
import random
import re
import resource
import time
from collections import Counter

import pytest
from lxml import etree

from engine.bpmn.dialects import java_family, jbpm
from engine.bpmn.layout import with_layout
from engine.bpmn.limits import Limits
from engine.bpmn.model import Unread
from engine.bpmn.vocabulary import NODE_KINDS, PROCESS, SEQUENCE_FLOW, local, namespace
from engine.validation import GateResult, validate
from engine.validation.unread import verdict
from tests.support.mutants import mutant

RUNS = int(os.environ.get("FUZZ_RUNS", "2000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
BLOCKS = 4
LONGEST = 5.0  # seconds of this process for one file
MOST_MEMORY = 500 * 1024  # KiB more than before
ALL_TOLD = Limits(max_problems=1_000_000)

# Said again elsewhere, or a name that only people read.
_SAID_TWICE = frozenset(
    {"incoming", "outgoing", "documentation", "laneSet", "childLaneSet", "lane", "flowNodeRef"}
) | frozenset({"dataInputRefs", "dataOutputRefs", "inputSet", "outputSet", "to"})
# What the standard says where an attribute is left out.
_DEFAULTS = {
    "startQuantity": "1", "completionQuantity": "1", "isSequential": "false", "cancelActivity": "true",
    "isInterrupting": "true", "isExecutable": "false", "triggeredByEvent": "false", "parallelMultiple": "false",
    "instantiate": "false", "isForCompensation": "false", "eventGatewayType": "Exclusive", "behavior": "All",
    "waitForCompletion": "true", "testBefore": "false", "cancelRemainingInstances": "true", "ordering": "Parallel",
    "bindingType": "latest", "propagateAllParentVariables": "true", "propagateAllChildVariables": "true",
}  # fmt: skip
# What is only drawn of data moves nothing: docs/bpmn-support.md.
_DATA = {"ioSpecification", "dataInputAssociation", "dataOutputAssociation"}
_WITHOUT_EFFECT = java_family.WITHOUT_EFFECT | jbpm.WITHOUT_EFFECT


@pytest.mark.parametrize("block", range(BLOCKS))
def test_damaged_diagrams_get_an_answer_and_nothing_is_cut(block: int):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(block, RUNS, BLOCKS):
        chance = random.Random(f"{SEED}:{number}")
        data = mutant(chance)
        began = time.process_time()

        result = validate({"a.bpmn": data}, limits=ALL_TOLD)

        assert time.process_time() - began < LONGEST, number
        try:
            _check(data, result, chance)
        except AssertionError as fault:
            raise AssertionError(f"mutant {SEED}:{number}: {fault}") from fault
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY


def _check(data: bytes, result: GateResult, chance: random.Random) -> None:
    for problem in result.problems:
        assert problem.rule
        assert problem.message
        assert problem.remedy
        assert problem.file == "a.bpmn"
    if not result.definitions:
        assert result.errors
        return
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, remove_comments=True, remove_pis=True))
    with_layout(data)
    checked = _checked(root, result)
    _everything_drawn_is_there(checked, result)
    _taking_one_thing_away_is_noticed(root, checked, result, chance)


def _checked(root: etree._Element, result: GateResult) -> list[etree._Element]:
    """Return the processes that are not just drawings beside executable ones."""
    processes = list(root.iterchildren(PROCESS))
    executable = {process.id for process in result.definitions[0].processes if process.executable}
    return [xml for xml in processes if not executable or xml.get("id") in executable]


def _everything_drawn_is_there(processes: list[etree._Element], result: GateResult) -> None:
    """Every flow node and flow is in the model or named by a problem."""
    told = {problem.element_id for problem in result.problems}
    lines = {problem.line for problem in result.problems}
    known: set[str] = set()
    for process in result.definitions[0].processes:
        known |= process.elements.keys() | process.flows.keys()
    for process_xml in processes:
        for xml in process_xml.iter(*NODE_KINDS, SEQUENCE_FLOW):
            around = {each.get("id") for each in xml.iterancestors()} | {xml.get("id")}
            in_lines = xml.sourceline in lines or any(each.sourceline in lines for each in xml.iterancestors())
            named = xml.get("id")  # one without gets a name of the reader's
            assert not named or named in known or around & told or in_lines, f"{xml.tag} is cut"


def _in_unread(xml: etree._Element) -> bool:
    """Tell whether an element stands in something that has no effect as a whole, such as a note."""
    return any(verdict(Unread(None, str(each.tag))) is None for each in xml.iterancestors() if each.tag != PROCESS)


def _taking_one_thing_away_is_noticed(
    root: etree._Element, processes: list[etree._Element], result: GateResult, chance: random.Random
) -> None:
    refused = {problem.element_id for problem in result.errors} - {None}
    lines = {problem.line for problem in result.errors}
    things = [
        (xml, name)
        for process in processes
        for xml in process.iter("*")
        if not _may_go(xml, None) and not _has_had_its_word(xml, refused, lines)
        for name in (None, *(str(each) for each in xml.attrib))
        if name is None or not _may_go(xml, name)
    ]
    if not things:
        return
    xml, name = chance.choice(things)
    what = f"{xml.tag} {name or ''} at line {xml.sourceline}"
    if name is not None:
        del xml.attrib[name]
    else:
        parent = xml.getparent()
        assert parent is not None
        xml.tail = None
        parent.remove(xml)
    after = validate({"a.bpmn": etree.tostring(root)}, limits=ALL_TOLD)
    noticed = _signature(after) != _signature(result)
    assert noticed, f"{what} is cut without a word"


def _has_had_its_word(xml: etree._Element, refused: set[str | None], lines: set[int | None]) -> bool:
    """Tell whether something is part of what is refused: the element that holds it, or one around that."""
    return any(
        each.tag != PROCESS and (each.get("id") in refused or each.sourceline in lines)
        for each in (xml, *xml.iterancestors())
    )


def _may_go(xml: etree._Element, attribute: str | None) -> bool:
    tag = str(xml.tag)
    if xml.tag == PROCESS and attribute is None:
        return True
    if any(local(str(each.tag)) in _SAID_TWICE | _DATA or _in_unread(each) for each in (xml, *xml.iterancestors())):
        return True
    if attribute is None:
        return verdict(Unread(None, tag, owner=str(xml.getparent().tag))) is None or local(tag) in _WITHOUT_EFFECT
    if local(attribute) in _WITHOUT_EFFECT and namespace(attribute):
        return True
    if xml.get(attribute, "").strip() == _DEFAULTS.get(attribute):
        return True
    return verdict(Unread(None, tag, attribute, value=xml.get(attribute, ""))) is None


def _signature(result: GateResult) -> tuple[object, ...]:
    told = Counter((problem.rule, problem.element_id, problem.message) for problem in result.problems)
    model = re.sub(r"line=(\d+|None)", "", repr([each.processes for each in result.definitions]))
    return (told, model)
