"""Every shipped diagram passes the gate, is documented and drawn whole; every shipped form can be shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from engine.validation import validate
from web.task_forms import parse_form
from workflows.definitions import ORDER, bundle, stages
from workflows.install import rules

FOLDER = Path(__file__).resolve().parents[2] / "workflows" / "definitions"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
ACTS = ("userTask", "serviceTask", "callActivity", "sendTask", "receiveTask")


def tree(process_id: str) -> etree._ElementTree:
    return etree.parse(FOLDER / f"{process_id}.bpmn")


def test_all_shipped_diagrams_pass_the_gate_without_a_warning() -> None:
    files: dict[str, bytes] = {}
    for process_id in ORDER:
        files |= bundle(process_id)

    found = validate(files, rules=rules())

    assert [(p.file, p.element_id, p.rule, p.message) for p in found.problems] == []


def test_all_shipped_files_are_in_a_bundle() -> None:
    used = {name for process_id in ORDER for name in bundle(process_id)}

    assert used == {path.name for path in FOLDER.iterdir() if path.suffix in (".bpmn", ".form")}


@pytest.mark.parametrize("process_id", ORDER)
def test_every_act_says_its_basis_and_belongs_to_a_stage(process_id: str) -> None:
    for act in ACTS:
        for node in tree(process_id).iter(f"{BPMN}{act}"):
            documentation = node.findtext(f"{BPMN}documentation") or ""
            assert len(documentation) > 20, node.get("id")
            if act == "userTask":
                assert "ที่มา" in documentation or re.search("มาตรา|มติ|ขั้นตอน", documentation), node.get("id")
                assert (process_id, str(node.get("id"))) in stages(), node.get("id")


@pytest.mark.parametrize("process_id", ORDER)
def test_every_element_and_flow_is_drawn(process_id: str) -> None:
    root = tree(process_id)
    drawn = {node.get("bpmnElement") for node in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    process = root.find(f"{BPMN}process")
    assert process is not None
    for node in process.iter(f"{BPMN}*"):
        name = etree.QName(node).localname
        if re.search("(Task|Event|Gateway|Activity|Process|Flow)$", name) and name != "process":
            assert node.get("id") in drawn, node.get("id")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.form")), ids=lambda path: path.stem)
def test_every_form_can_be_shown(path: Path) -> None:
    form = parse_form(path.read_bytes())

    assert form.id == path.stem
