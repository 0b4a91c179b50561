"""SpiffWorkflow: its conditions and scripts are Python, which is refused; operators are work, texts are kept.

Source: the page on SpiffWorkflow's own BPMN extensions in its documentation.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from engine.bpmn.dialects.editing import Foreign, drop, holds_only
from engine.bpmn.juel import quoted
from engine.bpmn.sheet import Sheet, text_of
from engine.bpmn.vocabulary import local

SPACES: Final = frozenset(
    {"http://spiffworkflow.org/bpmn/schema/1.0/core", "http://spiffworkflow.org/bpmn/extensions/1.0"}
)

_PYTHON: Final = "Python"
_EXPRESSIONS: Final = frozenset({"conditionExpression", "condition", "completionCondition", "loopCardinality"})
_TIMES: Final = frozenset({"timeDuration", "timeDate", "timeCycle"})
_QUOTED: Final = re.compile(r"\"([^\"'\\]*)\"|'([^\"'\\]*)'")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_FORMS: Final = frozenset({"formJsonSchemaFilename", "formUiSchemaFilename"})
_TEXTS: Final = frozenset({"instructionsForEndUser"})


def translate(xml: etree._Element, sheet: Sheet) -> None:
    """Write anew what SpiffWorkflow says of one BPMN element."""
    tag = local(str(xml.tag))
    text = text_of(xml)
    if tag in _EXPRESSIONS and xml.get("language") is None and not text.startswith("="):
        if text not in ("True", "False", "true", "false") and not text.isdigit():
            xml.set("language", _PYTHON)
        elif holds_only(xml):
            xml.text = text.lower()
    elif tag in _TIMES and holds_only(xml) and (found := _QUOTED.fullmatch(text)):
        xml.text = found[1] or found[2]
    foreign = Foreign(xml, SPACES, sheet)
    for child in foreign.children():
        match local(str(child.tag)):
            case "properties" if holds_only(child, "property"):
                _properties(child, foreign)
            case "serviceTaskOperator" if holds_only(child, "parameters", "parameter"):
                _operator(child, foreign)
            case name if name in _TEXTS and holds_only(child):
                foreign.note(name, text_of(child))
                drop(child)


def _properties(holder: etree._Element, foreign: Foreign) -> None:
    for each in list(holder.iterchildren("*")):
        name, value = str(each.get("name") or ""), str(each.get("value") or "")
        if name in _FORMS:  # a form outside the bundle, as the gate says
            if name == "formJsonSchemaFilename":
                foreign.put("formDefinition", formKey=value)
        else:
            foreign.note(name, value)
        drop(each)
    drop(holder)


def _operator(xml: etree._Element, foreign: Foreign) -> None:
    """An operator is work of a type; its parameters are inputs where they are plain values."""
    parameters = [each for each in xml.iter("*") if local(str(each.tag)) == "parameter"]
    sources = [_value(str(each.get("value") or "")) for each in parameters]
    if None in sources or not xml.get("id"):
        return
    foreign.put("taskDefinition", type=str(xml.get("id")))
    for each, source in zip(parameters, sources, strict=True):
        foreign.map_input(f"={source}", str(each.get("id") or ""))
    result = xml.get("resultVariable")
    if result:
        foreign.map_output(f"={result}", result)
    drop(xml)


def _value(text: str) -> str | None:
    """Return a plain value of Python, or the name of a variable, as FEEL; None for anything else."""
    stripped = text.strip()
    found = _QUOTED.fullmatch(stripped)
    if found is not None:
        return quoted(found[1] or found[2] or "")
    if _NUMBER.fullmatch(stripped):
        return stripped
    if stripped in ("True", "False"):
        return stripped.lower()
    if stripped == "None":
        return "null"
    return stripped if stripped.isidentifier() else None
