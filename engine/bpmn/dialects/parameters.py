"""Input and output parameters of the Java engines → input and output mappings."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.bpmn.dialects.editing import Foreign, as_source, drop, holds_only
from engine.bpmn.juel import Untranslatable, is_juel, quoted, to_feel
from engine.bpmn.sheet import text_of
from engine.bpmn.vocabulary import local

_DIRECTIONS: Final = frozenset({"inputParameter", "outputParameter"})


def take_parameters(foreign: Foreign) -> None:
    """Take every parameter that has an equal; those with scripts stay, and the gate tells of them."""
    for holder in foreign.children("inputOutput"):
        for parameter in list(holder.iterchildren("*")):
            direction, name = local(str(parameter.tag)), parameter.get("name")
            source = _source(parameter) if direction in _DIRECTIONS and name else None
            if source is None or name is None:
                continue
            (foreign.map_input if direction == "inputParameter" else foreign.map_output)(source, name)
            drop(parameter)
        if len(holder) == 0:
            drop(holder)


def _source(parameter: etree._Element) -> str | None:
    parts = list(parameter.iterchildren("*"))
    if not parts:
        return as_source(text_of(parameter)) or '=""'
    try:
        return f"={_structure(parts[0])}" if len(parts) == 1 else None
    except Untranslatable:
        return None


def _structure(xml: etree._Element) -> str:
    """Return a list or map as FEEL.

    Raises:
        Untranslatable: There is a script in it, or an expression that calls something.
    """
    parts = list(xml.iterchildren("*"))
    match local(str(xml.tag)):
        case "list":
            return f"[{', '.join(map(_structure, parts))}]"
        case "map":
            entries = (f"{quoted(str(each.get('key')))}: {_entry(each)}" for each in parts)
            return f"{{{', '.join(entries)}}}"
        case "value":
            return _text(xml)
        case _:
            raise Untranslatable("it is not a simple value or condition")


def _entry(xml: etree._Element) -> str:
    inner = list(xml.iterchildren("*"))
    return _structure(inner[0]) if len(inner) == 1 else _text(xml)


def _text(xml: etree._Element) -> str:
    if not holds_only(xml):
        raise Untranslatable("it is not a simple value or condition")
    text = text_of(xml)
    return to_feel(text) if is_juel(text) else quoted(text)
