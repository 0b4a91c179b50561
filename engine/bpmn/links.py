"""Link events: which catch event a throw event leads to. A pair stands in one scope and has one name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.model import Element, ElementKind, EventDefinition, EventKind, Process

_HALVES = frozenset({ElementKind.INTERMEDIATE_CATCH_EVENT, ElementKind.INTERMEDIATE_THROW_EVENT})


def link_of(element: Element) -> EventDefinition | None:
    """Return the definition of a link event where links may stand; None for any other element."""
    if element.kind not in _HALVES:
        return None
    return next((definition for definition in element.events if definition.kind is EventKind.LINK), None)


def link_name(element: Element) -> str:
    """Return the name of a link event; empty when it has none."""
    definition = link_of(element)
    return definition.name.text.strip() if definition is not None and definition.name is not None else ""


def catching_links(process: Process) -> Mapping[tuple[str, str], list[Element]]:
    """Return the link catch events by scope and by name, and by the ids that a target may name."""
    found: dict[tuple[str, str], list[Element]] = {}
    for element in process.elements.values():
        definition = link_of(element)
        if definition is None or element.kind is not ElementKind.INTERMEDIATE_CATCH_EVENT:
            continue
        for key in {link_name(element), definition.id, element.id} - {None, ""}:
            found.setdefault((element.scope, str(key)), []).append(element)
    return found


def link_targets(process: Process) -> Mapping[str, str]:
    """Return where each link throw event leads, by ids; one that leads nowhere, or to several, is left out."""
    catching = catching_links(process)
    return {element.id: found[0].id for element, found in _throws(process, catching) if len(found) == 1}


def _throws(
    process: Process, catching: Mapping[tuple[str, str], list[Element]]
) -> Iterator[tuple[Element, list[Element]]]:
    for element in process.elements.values():
        definition = link_of(element)
        if definition is not None and element.kind is ElementKind.INTERMEDIATE_THROW_EVENT:
            yield element, catching.get((element.scope, link_name(element) or definition.reference or ""), [])
