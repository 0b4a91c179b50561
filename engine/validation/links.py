"""Links are pairs: each throw event has one catch event of its name in its scope, each catch event a throw event."""

from __future__ import annotations

from engine.bpmn.links import catching_links, link_name, link_of, link_targets
from engine.bpmn.model import ElementKind, Process
from engine.validation.catalogue import scopes as c
from engine.validation.report import Report


def check_links(process: Process, report: Report) -> None:
    """Report links without a name, halves without their other half, doubled ones, and flows where they jump."""
    catching, targets = catching_links(process), link_targets(process)
    reached = frozenset(targets.values())
    for element in process.elements.values():
        definition = link_of(element)
        if definition is None:
            continue
        name = link_name(element)
        catches = element.kind is ElementKind.INTERMEDIATE_CATCH_EVENT
        if not name and definition.reference is None:
            report(c.LINK_NAME_MISSING, element)
            continue
        named = catching.get((element.scope, name), [])
        meant = catching.get((element.scope, definition.reference or name), [])
        if catches and len(named) > 1 and element is not named[0]:
            report(c.LINK_DOUBLED, element, name=name, count=len(named))
        elif (element.id not in reached and len(named) == 1) if catches else (not named and not meant):
            report(c.LINK_DANGLING, element, name=name or definition.reference)
        elif not catches and name and meant != named:
            report(c.LINK_DANGLING, element, name=f"{name} ({definition.reference})")
        for flow in element.incoming if catches else element.outgoing:
            report(c.LINK_FLOW, element, flow=flow)
