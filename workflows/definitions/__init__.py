"""The diagrams and forms as shipped: each process with the forms that its tasks use, and the stage of each element."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

# Called processes come before their callers.
ORDER: Final = ("consultation", "provincial-plan", "cluster-plan", "national-review", "planning-cycle")
_FOLDER: Final = Path(__file__).parent
_BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_ZEEBE: Final = "{http://camunda.org/schema/zeebe/1.0}"
_SAANPHAEN: Final = "{https://saanphaen.org/schema/1.0}"


def bundle(process_id: str) -> dict[str, bytes]:
    """Return a process's files by name: its diagram and the forms of its tasks."""
    diagram = _FOLDER / f"{process_id}.bpmn"
    forms = sorted({str(form.get("formId")) for form in _tree(process_id).iter(f"{_ZEEBE}formDefinition")})
    return {
        diagram.name: diagram.read_bytes(),
        **{f"{form}.form": (_FOLDER / f"{form}.form").read_bytes() for form in forms},
    }


@cache
def stages() -> dict[tuple[str, str], str]:
    """Return the stage of each element that has one, by process and element."""
    return {
        (process_id, str(node.get("id"))): str(node.get(f"{_SAANPHAEN}stage"))
        for process_id in ORDER
        for node in _tree(process_id).iter()
        if isinstance(node.tag, str) and node.get(f"{_SAANPHAEN}stage") and node.get("id")
    }


def stage_of(process_id: str, element_id: str) -> str:
    """Return the stage of an element; one that a changed diagram brought in is a stage of its own."""
    return stages().get((process_id, element_id), element_id)


@cache
def _words() -> dict[tuple[str, str], str]:
    return {
        (process_id, str(parent.get("id"))): " ".join(str(node.text).split())
        for process_id in ORDER
        for node in _tree(process_id).iter(f"{_BPMN}documentation")
        if node.text and (parent := node.getparent()) is not None and parent.get("id")
    }


def basis_of(process_id: str, element_id: str) -> str:
    """Return what the shipped diagram says about an element: its legal basis or source; empty where it says nothing."""
    return _words().get((process_id, element_id), "")


def _tree(process_id: str) -> etree._ElementTree:
    return etree.parse(_FOLDER / f"{process_id}.bpmn", etree.XMLParser(resolve_entities=False, no_network=True))
